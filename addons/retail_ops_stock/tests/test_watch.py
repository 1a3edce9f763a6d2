from datetime import timedelta

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import LevelCase, StockCase


@tagged("post_install", "-at_install")
class TestWatch(StockCase):
    def _cases(self, code):
        return self.env["retail.exception"].search(
            [("type_id.code", "=", code), ("store_id", "=", self.store.id)]
        )

    def _look(self):
        """Run the Scheduled Action as on another day."""
        self.store.stock_watched_on = False
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_stock.cron_watch").method_direct_trigger()

    def test_a_planted_negative_quantity_is_found_once_and_settled_when_it_is_over(
        self,
    ):
        quants = self.env["stock.quant"]
        quants._update_available_quantity(self.product, self.shelf, -15)
        self._look()
        self._look()
        case = self._cases("data_quality")
        self.assertEqual(len(case), 1)
        self.assertIn("-3", case.summary)
        quants._update_available_quantity(self.product, self.shelf, 15)
        self._look()
        self.assertEqual(case.state, "resolved")

    def test_stock_that_its_moves_do_not_explain_is_found(self):
        self.env["stock.quant"]._update_available_quantity(self.product, self.shelf, 7)
        self._look()
        case = self._cases("stock_unexplained")
        self.assertEqual((case.expected_quantity, case.counted_quantity), (12, 19))
        self.assertEqual(case.queue_id.get_external_id()[case.queue_id.id][-3:], "ion")

    def test_stock_in_order_raises_nothing(self):
        self._count(11)
        before = self.env["retail.exception"].search_count([])
        self._look()
        self.assertEqual(self.env["retail.exception"].search_count([]), before)

    def _late_receipt(self, warehouse=None, **late):
        """Return a receipt from a vendor that is two days past its date."""
        kind = (warehouse or self.warehouse).in_type_id
        supplier = self.env.ref("stock.stock_location_suppliers")
        vendor = self.env["res.partner"].create({"name": "Oil Mill"})
        goods = {"product_id": self.product.id, "product_uom_qty": 4}
        places = {
            "location_id": supplier.id,
            "location_dest_id": kind.default_location_dest_id.id,
        }
        receipt = self.env["stock.picking"].create(
            {
                "partner_id": vendor.id,
                "picking_type_id": kind.id,
                "move_ids": [Command.create({**goods, **places})],
                **places,
            }
        )
        receipt.action_confirm()
        receipt.scheduled_date = fields.Datetime.now() - timedelta(
            **late or {"days": 2}
        )
        return receipt

    def _run_rule(self):
        """Run the Automation Rules that go by time, as their Scheduled Action does."""
        rule = self.env.ref("retail_ops_stock.automation_late")
        rule.last_run = fields.Datetime.now() - timedelta(days=3)
        check = "base_automation.ir_cron_data_base_automation_check"
        with self.enter_registry_test_mode():
            self.env.ref(check).method_direct_trigger()

    def test_the_rule_raises_a_receipt_past_its_date_once_before_any_look(self):
        receipt = self._late_receipt(hours=2)
        self._run_rule()
        self._run_rule()
        self._look()
        case = self._cases("delivery_delay")
        self.assertEqual(len(case), 1)
        self.assertEqual(case.stock_watch_key, f"stock.late/{receipt.id}")
        self.assertIn("Oil Mill", case.stock_proposal_note)
        self.assertEqual(case.stock_proposal, "supplier")

    def test_the_rule_writes_in_the_companys_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env.company.partner_id.lang = "fr_FR"
        receipt = self._late_receipt(hours=2)
        self._run_rule()
        summary = f"La réception {receipt.name} de Oil Mill est en retard"
        self.assertEqual(self._cases("delivery_delay").summary, summary)

    def test_the_rule_raises_nothing_that_is_in_time_or_no_stores(self):
        office = self.env["stock.warehouse"].create({"name": "Office", "code": "OFF"})
        before = self.env["retail.exception"].search_count([])
        self._late_receipt(office)
        self._late_receipt(minutes=-30)
        self._late_receipt().action_cancel()
        self._run_rule()
        self.assertEqual(self.env["retail.exception"].search_count([]), before)

    def test_the_first_run_of_the_rule_passes_over_what_is_no_watched_stores(self):
        office = self.env["stock.warehouse"].create({"name": "Office", "code": "OFF"})
        planned = self._create_warehouse("PLN", self.far_store)
        self.far_store.state = "planned"
        rule = self.env.ref("retail_ops_stock.automation_late")
        self.assertFalse(rule.copy().last_run, "as after installation")
        rule.last_run = False
        mine = self._late_receipt()
        others = self._late_receipt(office) | self._late_receipt(planned)
        due = rule._search_time_based_automation_records(until=fields.Datetime.now())
        self.assertIn(mine, due)
        self.assertFalse(others & due)

    def test_a_late_receipt_of_no_store_costs_the_rule_no_query_more(self):
        office = self.env["stock.warehouse"].create({"name": "Office", "code": "OFF"})
        self._late_receipt(office)
        self._run_rule()  # what is kept between requests is there
        with_one = self._queries_of_the_rule()
        for _time in range(5):
            self._late_receipt(office)
        self.assertEqual(self._queries_of_the_rule(), with_one)

    def _queries_of_the_rule(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self._run_rule()
        return self.cr.sql_log_count - before

    def test_many_late_receipts_are_told_in_one_go_and_once(self):
        receipts = self._late_receipt() | self._late_receipt() | self._late_receipt()
        receipts._raise_where_late()
        before = self.cr.sql_log_count
        receipts._raise_where_late()
        self.assertLess(self.cr.sql_log_count - before, 15)
        keys = {f"stock.late/{receipt.id}" for receipt in receipts}
        cases = self._cases("delivery_delay")
        self.assertEqual(set(cases.mapped("stock_watch_key")), keys)
        self.assertEqual(len(cases), 3)

    def test_with_the_rule_off_the_daily_look_raises_it(self):
        self.env.ref("retail_ops_stock.automation_late").active = False
        self._late_receipt()
        self._run_rule()
        self.assertFalse(self._cases("delivery_delay"))
        self._look()
        self.assertEqual(len(self._cases("delivery_delay")), 1)

    def test_a_late_receipt_raises_one_case_until_it_is_in(self):
        picking = self._late_receipt()
        vendor = picking.partner_id
        self._look()
        self._look()
        case = self._cases("delivery_delay")
        self.assertEqual(len(case), 1)
        self.assertIn(picking.name, case.summary)
        self.assertEqual(case.stock_proposal, "supplier")
        self.assertTrue(case.stock_proposed_at)
        for name in (vendor.name, picking.name):
            self.assertIn(name, case.stock_proposal_note)
        self.assertFalse(self._response_of_today(), "no level was passed")
        picking.move_ids.quantity = 4
        picking.move_ids.picked = True
        picking.button_validate()
        self._look()
        self.assertEqual(case.state, "resolved")

    def test_the_scheduled_action_looks_through_each_store_once_a_day(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_stock.cron_watch").method_direct_trigger()
        self.assertEqual(self.store.stock_watched_on, self.store._business_day())

    def test_looking_through_a_store_is_no_change_of_it(self):
        changes = [("action", "=", "store.changed"), ("res_id", "=", self.store.id)]
        count = self.env["retail.audit.entry"].search_count
        before = count(changes)
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_stock.cron_watch").method_direct_trigger()
        self.assertEqual(self.store.stock_watched_on, self.store._business_day())
        self.assertEqual(count(changes), before)

    def test_a_store_that_cannot_be_looked_through_is_told_and_keeps_none_else(self):
        self._create_warehouse("T43", self.other_store)
        watch = type(self.env["retail.stock.watch"])
        look = watch._late

        def late(model, stores):
            if stores == self.store:
                raise ValueError("a date that is none")
            return look(model, stores)

        self.patch(watch, "_late", late)
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_stock.cron_watch").method_direct_trigger()
        case = self._cases("data_quality")
        self.assertEqual(case.store_id, self.store)
        self.assertIn("a date that is none", case.reason)
        other = self.other_store
        self.assertEqual(other.stock_watched_on, other._business_day())

    def test_each_store_is_looked_through_when_its_own_day_begins(self):
        self.store.stock_watched_on = fields.Date.to_date("2026-07-01")
        due = self.env["retail.stock.watch"]._due_stores
        begins = {"Pacific/Auckland": "2026-07-01 12", "US/Pacific": "2026-07-02 07"}
        for zone, hour in begins.items():
            self.store.tz = zone
            moment = fields.Datetime.to_datetime(f"{hour}:00:00")
            with freeze_time(moment - timedelta(minutes=1)):
                self.assertNotIn(self.store, due())
            with freeze_time(moment):
                self.assertIn(self.store, due())


@tagged("post_install", "-at_install")
class TestLevels(LevelCase):
    def test_stock_below_its_minimum_raises_one_case_until_it_recovers(self):
        self._run()
        self.assertFalse(self._case())
        self._sell(5)
        self.assertTrue(self.level.retail_watch_due)
        self._run()
        self._sell(1)
        self._run()
        case = self._case()
        self.assertEqual(len(case), 1)
        self.assertEqual(case.type_id.code, "stockout_risk")
        self._receive(self.product, self.shelf, 20)
        self._run()
        self.assertEqual(case.state, "resolved")

    def test_the_response_is_from_the_level_that_was_passed_to_the_proposal(self):
        vendor = self.env["res.partner"].create({"name": "Oil Mill"})
        self.product.seller_ids = [Command.create({"partner_id": vendor.id})]
        self.level.retail_watch_due = False
        now = fields.Datetime.now()
        with freeze_time(now - timedelta(hours=3)):
            self._sell(5)
        with freeze_time(now):
            self._run()
        case = self._case()
        self.assertEqual(case.stock_breached_at, now - timedelta(hours=3))
        row = self._response_of_today()
        self.assertAlmostEqual(row.value, 3, 2)
        action = row.action_open_records()
        self.assertEqual(self.env[action["res_model"]].search(action["domain"]), case)

    def test_other_systems_hear_once_of_each_time_the_level_is_passed(self):
        told = []

        def publish(_publisher, topic, _data, **_context):
            told.append(topic)

        self.patch(self.registry["retail.publisher"], "_publish", publish)
        breach, again, recovery, new_breach = 5, 1, -20, 18
        for sold in (breach, again, recovery, new_breach):
            if sold > 0:
                self._sell(sold)
            else:
                self._receive(self.product, self.shelf, -sold)
            self._run()
        self.assertEqual(told.count("exception.created"), 2)
        self.assertEqual(told.count("exception.resolved"), 1)

    def test_without_a_source_there_is_no_proposal_to_wait_for(self):
        self._sell(5)
        self._run()
        self.assertEqual(self._case().stock_proposal, "none")
        self.assertFalse(self._response_of_today())

    def test_the_nearest_store_that_can_spare_it_is_proposed_as_a_draft(self):
        near = self._create_warehouse("T43", self.other_store)
        far = self._create_warehouse("T99", self.far_store)
        for warehouse in (near, far):
            self._level(warehouse, 10, 20)
            self._receive(self.product, warehouse.lot_stock_id, 90)
        self._sell(5)
        self._run()
        case = self._case()
        picking = case.stock_picking_id
        self.assertEqual(case.stock_proposal, "transfer")
        self.assertEqual(picking.state, "draft")
        self.assertEqual(picking.location_id, near.lot_stock_id)
        self.assertEqual(picking.move_ids.product_uom_qty, 13)

    def test_a_proposed_transfer_waits_for_who_answers_for_the_giving_store(self):
        picking = self._proposed_from_far()
        stock_user = self.env.ref("stock.group_stock_user")
        self.far_manager.group_ids += stock_user
        moves, taken = picking.move_ids, picking.with_user(self.counter)
        for way in (
            taken.action_confirm,
            taken.button_validate,
            moves.with_user(self.stock_manager)._action_done,
            lambda: moves.with_user(self.counter).write({"state": "assigned"}),
        ):
            with self.assertRaisesRegex(UserError, "Far Manager"), self.cr.savepoint():
                way()
        self.assertEqual(picking.state, "draft")
        picking.with_user(self.far_manager).action_confirm()
        self.assertEqual(picking.retail_agreed_by_id, self.far_manager)
        taken.move_ids.picked = True
        taken.button_validate()
        self.assertEqual(picking.state, "done")

    def test_a_regional_manager_agrees_on_the_case_and_the_ledger_tells(self):
        picking = self._proposed_from_far()
        self.far_store.region_id = self.region
        case = self._case()
        self.assertFalse(case.with_user(self.manager).can_agree_to_transfer)
        with self.assertRaises(UserError), self.cr.savepoint():
            case.with_user(self.manager).action_agree_to_transfer()
        leader = case.with_user(self.region_manager)
        self.assertTrue(leader.can_agree_to_transfer)
        leader.action_agree_to_transfer()
        self.assertEqual(picking.state, "assigned")
        self.assertEqual(case.stock_agreed_by_id, self.region_manager)
        entries = self.env["retail.audit.entry"].sudo()
        agreed = [("action", "=", "stock.agreed"), ("res_id", "=", picking.id)]
        self.assertEqual(entries.search_count(agreed), 1)

    def test_the_link_between_case_and_transfer_is_not_undone_by_hand(self):
        picking = self._proposed_from_far()
        case = self._case().with_user(self.manager)
        for record, values in (
            (case, {"stock_picking_id": False}),
            (case, {"stock_giver_id": self.store.id}),
            (picking.with_user(self.counter), {"retail_agreed_by_id": 1}),
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                record.write(values)

    def test_each_of_three_ways_is_a_setting_of_the_level(self):
        vendor = self.env["res.partner"].create({"name": "Oil Mill"})
        self.product.seller_ids = [Command.create({"partner_id": vendor.id})]
        donor = self._create_warehouse("T99", self.far_store)
        self._level(donor, 10, 20)
        self._receive(self.product, donor.lot_stock_id, 90)
        self._sell(5)
        ways = {"nearest": "transfer", "request": "request", "supplier": "supplier"}
        for setting, proposal in ways.items():
            self.level.retail_shortage = setting
            self.level.retail_watch_due = True
            self._run()
            case = self._case().filtered("is_open")
            self.assertEqual(case.stock_proposal, proposal)
            case._set_cancelled("The next setting is tried.")

    def test_a_level_that_nobody_can_fill_is_a_case_with_owner_and_due_time(self):
        self._sell(5)
        self._run()
        case = self._case()
        self.assertEqual((case.stock_proposal, case.state), ("none", "triaged"))
        self.assertTrue(case.queue_id)
        self.assertTrue(case.user_id)
        self.assertTrue(case.effective_due)

    def test_nobody_is_left_short_and_the_vendor_is_named_instead(self):
        near = self._create_warehouse("T43", self.other_store)
        self._level(near, 10, 20)
        self._receive(self.product, near.lot_stock_id, 15)
        vendor = self.env["res.partner"].create({"name": "Oil Mill"})
        self.product.seller_ids = [Command.create({"partner_id": vendor.id})]
        self._sell(5)
        self._run()
        case = self._case()
        self.assertEqual(case.stock_proposal, "supplier")
        self.assertIn("Oil Mill", case.stock_proposal_note)

    def test_an_urgent_buy_is_asked_for_where_the_level_says_so(self):
        self.level.retail_shortage = "request"
        self._sell(5)
        self._run()
        request = self._case().stock_request_id
        self.assertEqual(request.state, "waiting")
        self.assertEqual(request.amount, 13 * 14.5)
        self.assertEqual(request.product_id, self.product)
        self.assertEqual(request.product_qty, 13)
        self.assertEqual(request.product_uom_id, self.product.uom_id)
        self.assertEqual(request.approval_request_ids.requester_id, self.manager)
        self.assertNotIn(
            self.manager, request.approval_request_ids.step_ids.approver_ids
        )

    def test_a_vendors_price_for_another_unit_is_asked_for_in_the_products_own(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        vendor = self.env["res.partner"].create({"name": "Oil Mill"})
        seller = {"partner_id": vendor.id, "price": 120, "product_uom_id": dozen.id}
        self.product.seller_ids = [Command.create(seller)]
        self.level.retail_shortage = "request"
        self._sell(5)
        self._run()
        request = self._case().stock_request_id
        self.assertEqual((request.partner_id, request.amount), (vendor, 130))

    def test_a_proposal_that_fails_says_why_and_keeps_no_other_one(self):
        urgent = self.env.ref("retail_ops_approvals.kind_urgent_buy")
        row = {"kind_id": urgent.id, "steps": ["region"], "needs_evidence": True}
        self._publish_policy([row])
        self.level.retail_shortage = "request"
        other = self._create_warehouse("T43", self.other_store)
        far_level = self._level(other, 10, 20)
        self._sell(5)
        self._run()
        case = self._case()
        self.assertFalse(case.stock_proposal)
        self.assertFalse(case.stock_request_id)
        self.assertIn("Nothing was prepared", case.stock_proposal_note)
        self.assertFalse(self.level.retail_watch_due)
        beside = case.search([("stock_level_id", "=", far_level.id)])
        self.assertEqual(beside.stock_proposal, "none")

    def test_what_one_store_was_promised_is_not_promised_to_another(self):
        donor = self._create_warehouse("T43", self.other_store)
        self._level(donor, 10, 20)
        self._receive(self.product, donor.lot_stock_id, 30)
        third = self._create_warehouse("T99", self.far_store)
        second = self._level(third, 10, 20)
        self._receive(self.product, third.lot_stock_id, 7)
        self._sell(5)
        self._run()
        cases = self._case().search(
            [("stock_level_id", "in", (self.level | second).ids)]
        )
        self.assertEqual(len(cases), 2)
        self.assertEqual(len(cases.stock_picking_id), 1)
        self.assertEqual(sorted(cases.mapped("stock_proposal")), ["none", "transfer"])

    def test_a_confirmed_delivery_passes_the_level_and_its_cancelling_settles_it(self):
        self._run()
        delivery = self._planned(5, self.shelf, self._customers())
        self._run()
        case = self._case()
        self.assertEqual(len(case), 1)
        delivery._action_cancel()
        self._run()
        self.assertEqual(case.state, "resolved")

    def test_a_confirmed_receipt_settles_the_case_and_its_cancelling_raises_one(self):
        self._sell(5)
        self._run()
        case = self._case()
        supplier = self.env.ref("stock.stock_location_suppliers")
        receipt = self._planned(10, supplier, self.shelf)
        self._run()
        self.assertEqual(case.state, "resolved")
        receipt._action_cancel()
        self._run()
        self.assertEqual(len(self._case()), 2)

    def test_goods_of_no_store_cost_no_query_more(self):
        office = self.env["stock.warehouse"].create({"name": "O", "code": "OFF"})
        self._queries_of_planning(office)  # what is kept between requests is there
        with_levels = self._queries_of_planning(office)
        moves = self.registry["stock.move"]
        self.patch(moves, "_note_levels", lambda planned: planned)
        self.assertEqual(with_levels, self._queries_of_planning(office))

    def _queries_of_planning(self, warehouse):
        """Return what it takes to confirm a receipt and to cancel it."""
        supplier = self.env.ref("stock.stock_location_suppliers")
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        self._planned(1, supplier, warehouse.lot_stock_id)._action_cancel()
        self.env.flush_all()
        return self.cr.sql_log_count - before

    def _customers(self):
        return self.env.ref("stock.stock_location_customers")

    def _planned(self, quantity, source, target):
        """Return a confirmed move of goods that nobody has moved yet."""
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom": self.product.uom_id.id,
                "product_uom_qty": quantity,
                "location_id": source.id,
                "location_dest_id": target.id,
            }
        )
        return move._action_confirm()

    def test_the_vendor_alone_is_named_where_the_level_says_so(self):
        near = self._create_warehouse("T43", self.other_store)
        self._level(near, 10, 20)
        self._receive(self.product, near.lot_stock_id, 90)
        self.level.retail_shortage = "supplier"
        self._sell(5)
        self._run()
        self.assertFalse(self._case().stock_picking_id)
        note = self._case().stock_proposal_note
        self.assertIn("no vendor", note)
        self.assertNotIn("nearby", note)

    def test_hours_from_the_signal_to_the_empty_shelf_are_measured(self):
        self._sell(5)
        self._run()
        case = self._case()
        self.assertFalse(case.stock_ran_out_at)
        self.env.cr.execute(
            "UPDATE retail_exception SET create_date = now() AT TIME ZONE 'UTC'"
            " - interval '6 hours' WHERE id = %s",
            case.ids,
        )
        case.invalidate_recordset(["create_date"])
        self._sell(7)
        self._run()
        self.assertAlmostEqual(case.stock_lead_hours, 6, delta=0.1)
        self.assertTrue(case.stock_ran_out_at)

    def test_a_shelf_that_was_empty_already_had_no_signal_before(self):
        self._sell(12)
        self._run()
        self.assertLess(self._case().stock_lead_hours, 0.1)
        self.assertTrue(self._case().stock_ran_out_at)

    def test_with_the_rule_off_the_case_stands_without_a_proposal(self):
        self.env.ref("retail_ops_stock.automation_propose").active = False
        self._sell(5)
        self._run()
        self.assertTrue(self._case())
        self.assertFalse(self._case().stock_proposal)
