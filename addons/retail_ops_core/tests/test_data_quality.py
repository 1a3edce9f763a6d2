from odoo.exceptions import AccessError, UserError, ValidationError

from .common import RetailOpsCase


class TestDataQuality(RetailOpsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new_store = cls.env["retail.store"].create(
            {
                "name": "New store",
                "code": "T777",
                "region_id": cls.far_region.id,
                "tz": "UTC",
                "state": "planned",
            }
        )

    def _check(self):
        action = self.env["retail.data.check"].with_user(self.operations)
        action.action_check_now()
        self.env.invalidate_all()

    def _found(self, record):
        findings = self.env["retail.data.finding"].with_user(self.operations)
        mine = findings.search(
            [("model", "=", record._name), ("res_id", "in", record.ids)]
        )
        return set(mine.sudo().mapped("check_id.code"))

    def _mend(self):
        self.far_region.manager_id = self.country_manager
        self.new_store.write(
            {
                "manager_id": self.manager.id,
                "resource_calendar_id": self.calendar.id,
            }
        )

    def test_violations_of_stores_are_listed_with_the_way_to_mend_each(self):
        self._check()
        self.assertEqual(
            self._found(self.new_store),
            {
                "store_manager",
                "store_hours",
                "store_region_manager",
                "store_team",
                "store_address",
            },
        )
        findings = self.env["retail.data.finding"].search(
            [("store_id", "=", self.new_store.id)]
        )
        self.assertTrue(all(findings.mapped("remedy")))
        action = findings[0].with_user(self.operations).action_open_record()
        self.assertEqual(action["res_id"], self.new_store.id)

    def test_violations_of_products_are_listed(self):
        bare = self.env["product.product"].create(
            {"name": "Bare", "list_price": 0, "type": "consu"}
        )
        twins = self.env["product.product"].create(
            [
                {
                    "name": name,
                    "default_code": "TWIN",
                    "barcode": name,
                    "standard_price": 1,
                    "list_price": 2,
                }
                for name in ("one", "two")
            ]
        )
        self._check()
        self.assertEqual(
            self._found(bare),
            {"product_cost", "product_price", "product_barcode", "product_code"},
        )
        self.assertEqual(self._found(twins), {"product_code_twice"})

    def test_what_was_mended_leaves_the_list(self):
        self._check()
        self._mend()
        self._check()
        self.assertEqual(self._found(self.new_store), {"store_team", "store_address"})

    def test_a_store_does_not_go_live_with_blocking_violations(self):
        store = self.new_store.with_user(self.admin)
        for state in ("pilot", "live"):
            with self.assertRaises(UserError) as refusal, self.cr.savepoint():
                store.state = state
            for words in ("T777", "no manager", "no opening hours", "Choose its"):
                self.assertIn(words, str(refusal.exception))
        self.assertEqual(store.state, "planned")

    def test_a_store_goes_live_once_what_blocks_it_is_mended(self):
        action = self.new_store.with_user(self.admin).action_go_live()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.admin)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.blocking_count, 3)
        self.assertIn("Choose its manager", wizard.violations)
        with self.assertRaisesRegex(UserError, "cannot go live"):
            wizard.action_confirm()
        self._mend()
        wizard.invalidate_recordset()
        self.assertEqual(wizard.blocking_count, 0, wizard.violations)
        wizard.action_confirm()
        self.assertEqual(self.new_store.state, "live")

    def test_an_administrator_decides_what_blocks(self):
        self._mend()
        team = self.env.ref("retail_ops_core.check_store_team")
        team.with_user(self.admin).is_blocking = True
        with self.assertRaisesRegex(UserError, "no team"):
            self.new_store.state = "live"
        team.active = False
        self.new_store.state = "live"

    def test_an_administrator_adds_a_check_without_code(self):
        Check = self.env["retail.data.check"].with_user(self.admin)
        Check.create(
            {
                "name": "The store has no cluster",
                "code": "cluster",
                "model": "retail.store",
                "domain": "[('cluster', '=', False)]",
                "remedy": "Name its cluster.",
            }
        )
        self._check()
        self.assertIn("cluster", self._found(self.new_store))

    def test_a_check_that_cannot_be_run_is_refused(self):
        Check = self.env["retail.data.check"].with_user(self.admin)
        wrong = [
            {"domain": "[('nothing', '=', 1)]"},
            {"domain": "oops("},
            {"kind": "duplicate", "field_name": "nothing"},
        ]
        for values in wrong:
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "cannot be run"),
                self.cr.savepoint(),
            ):
                Check.create({"name": "x", "code": "x", "remedy": "x", **values})

    def test_closed_stores_and_other_companies_are_left_alone(self):
        self.new_store.state = "closed"
        self._check()
        self.assertFalse(self._found(self.new_store))

    def test_stores_see_no_findings_and_start_no_check(self):
        Check = self.env["retail.data.check"]
        for user in (self.manager, self.finance, self.outsider):
            with self.subTest(user.login), self.assertRaises(AccessError):
                Check.with_user(user).action_check_now()
        with self.assertRaises(AccessError):
            self.new_store.with_user(self.operations).action_go_live()
