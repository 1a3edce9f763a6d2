from .common import RetailOpsCase


class TestIntake(RetailOpsCase):
    def test_a_discrepancy_becomes_a_typed_assigned_exception_with_a_deadline(self):
        exception = self._take_in(intake_key="pos:1", correlation_id="c-1")
        self.assertRegex(exception.name, r"^EXC/\d{4}/\d{5}$")
        self.assertEqual(exception.type_id.code, "inventory_discrepancy")
        self.assertEqual(exception.variance_quantity, -5)
        self.assertAlmostEqual(exception.variance_percent, 41.67, 2)
        self.assertEqual(exception.impact_amount, 72.5)
        self.assertEqual(exception.queue_id, self.queue)
        self.assertEqual(exception.user_id, self.manager)
        self.assertEqual(exception.state, "triaged")
        self.assertEqual(exception.correlation_id, "c-1")
        self.assertTrue(exception.resolve_due)
        self.assertLess(exception.effective_due, exception.resolve_due)

    def test_the_right_store_manager_gets_the_activity(self):
        exception = self._take_in()
        kind = self.env.ref("retail_ops_core.activity_handle")
        activity = exception.activity_ids
        self.assertEqual(activity.activity_type_id, kind)
        self.assertEqual(activity.user_id, self.manager)

    def test_the_same_fact_raises_one_exception(self):
        first = self._take_in(intake_key="pos:2")
        second = self._take_in(intake_key="pos:2")
        self.assertEqual(first, second)

    def test_a_batch_answers_item_by_item(self):
        known = self._take_in(intake_key="pos:3")
        results = self.env["retail.exception"]._intake(
            [
                self._fact(intake_key="pos:3"),
                self._fact(intake_key="pos:4", counted_quantity=12),
                self._fact(intake_key="pos:5"),
            ]
        )
        self.assertEqual(results[0], known)
        self.assertFalse(results[1])
        self.assertEqual(results[2].intake_key, "pos:5")

    def test_a_variance_within_tolerance_raises_nothing(self):
        self.discrepancy.write({"tolerance_percent": 50, "tolerance_amount": 100})
        self.assertFalse(self._take_in())

    def test_an_administrator_changes_the_tolerance_and_the_next_event_obeys(self):
        self.assertTrue(self._take_in())
        self.discrepancy.with_user(self.admin).write(
            {"tolerance_percent": 50, "tolerance_amount": 100}
        )
        self.assertFalse(self._take_in())

    def test_impact_is_compared_in_the_company_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "company_id": self.company.id,
                "name": "2020-01-01",
                "rate": 0.5,
            }
        )
        exception = self._take_in(currency_id=euro.id)
        self.assertEqual(exception.impact_amount, 145)

    def test_products_are_found_by_reference_and_barcode(self):
        self.product.barcode = "5901234123457"
        found = self.env["retail.exception"]._product_by_code(
            ["T-OIL", "5901234123457", "nothing", False]
        )
        self.assertEqual(found, {"T-OIL": self.product, "5901234123457": self.product})

    def test_a_store_without_manager_hands_over_to_the_region(self):
        self.store.manager_id = False
        self.assertEqual(self._take_in().user_id, self.region_manager)

    def test_no_exception_is_without_owner(self):
        self.store.manager_id = False
        self.region.manager_id = False
        self.assertEqual(self._take_in().user_id, self.operations)

    def test_two_hundred_facts_cost_few_queries_each(self):
        facts = [self._fact(intake_key=f"bulk:{number}") for number in range(200)]
        self.env["retail.exception"]._intake(facts[:1])
        self.env.flush_all()
        start = self.env.cr.sql_log_count
        self.env["retail.exception"]._intake(facts[1:])
        self.env.flush_all()
        self.assertLess((self.env.cr.sql_log_count - start) / 199, 2)
