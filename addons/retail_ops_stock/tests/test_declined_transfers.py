from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from .common import LevelCase

WHY = "We need all of it on Saturday"


@tagged("post_install", "-at_install")
class TestDeclinedTransfers(LevelCase):
    """Two stores can spare what the store lacks; the near one is asked first."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.near_manager = new_test_user(
            cls.env,
            "test_near_manager",
            "retail_ops_core.group_store_manager",
            name="Near Manager",
        )
        cls.other_store.manager_id = cls.near_manager
        cls.near = cls._create_warehouse("T43", cls.other_store)
        cls._level(cls.near, 10, 20)
        cls._receive(cls.product, cls.near.lot_stock_id, 90)

    def setUp(self):
        super().setUp()
        self._sell(5)
        self._run()
        self.picking = self._case().stock_picking_id

    def _far_can_spare(self):
        far = self._create_warehouse("T99", self.far_store)
        self._level(far, 10, 20)
        self._receive(self.product, far.lot_stock_id, 90)
        return far.lot_stock_id

    def _dialog(self, user, reason=WHY):
        """Return the dialog as it opens for somebody, filled in."""
        action = self._case().with_user(user).action_decline_transfer()
        dialogs = self.env[action["res_model"]].with_user(user)
        return dialogs.with_context(**action["context"]).create({"reason": reason})

    def _decline(self, user=None):
        return self._dialog(user or self.near_manager).action_confirm()

    def test_the_next_store_is_asked_once_the_nearest_declined(self):
        place = self._far_can_spare()
        self._decline()
        case = self._case()
        self.assertEqual(self.picking.state, "cancel")
        self.assertNotEqual(case.stock_picking_id, self.picking)
        self.assertEqual(case.stock_picking_id.state, "draft")
        self.assertEqual(case.stock_picking_id.location_id, place)
        self.assertEqual(case.stock_giver_id, self.far_store)
        self.assertIn("Store T099", case.stock_proposal_note)
        self.assertTrue(case.with_user(self.far_manager).can_agree_to_transfer)

    def test_the_vendor_is_named_once_everybody_declined(self):
        vendor = self.env["res.partner"].create({"name": "Oil Mill"})
        self.product.seller_ids = [Command.create({"partner_id": vendor.id})]
        self._far_can_spare()
        self._decline()
        self._decline(self.far_manager)
        case = self._case()
        self.assertEqual(case.stock_proposal, "supplier")
        self.assertIn("Oil Mill", case.stock_proposal_note)
        self.assertFalse(case.stock_picking_id)
        self.assertFalse(case.stock_giver_id)
        both = self.other_store | self.far_store
        self.assertEqual(case.stock_declined_store_ids, both)

    def test_the_store_in_need_reads_which_store_declined_and_why(self):
        self._decline()
        case = self._case().with_user(self.manager)
        [read] = case.read(["stock_declined_by"])
        self.assertIn("T043", read["stock_declined_by"])
        said = case.message_ids.filtered(lambda message: WHY in message.body)
        self.assertEqual(said.author_id, self.near_manager.partner_id)

    def test_who_is_in_need_is_told(self):
        self._case().sudo().user_id = self.member
        self._decline()
        told = self.env["mail.message"].search(
            [
                ("res_id", "=", self._case().id),
                ("message_type", "=", "user_notification"),
                ("body", "like", WHY),
            ]
        )
        self.assertEqual(told.partner_ids, (self.manager | self.member).partner_id)

    def test_the_ledger_tells_who_declined_what_and_why(self):
        self._decline()
        declined = [("action", "=", "stock.declined")]
        [entry] = self.env["retail.audit.entry"].search(
            [*declined, ("res_id", "=", self.picking.id)]
        )
        self.assertEqual(entry.user_id, self.near_manager.id)
        self.assertEqual(entry.facts["case"], self._case().name)
        self.assertEqual(entry.facts["store_id"], self.other_store.id)
        self.assertEqual(entry.facts["why"], WHY)

    def test_the_question_is_answered_and_put_to_the_next_manager(self):
        self._far_can_spare()
        kind = self.env.ref("retail_ops_stock.activity_agree")
        activities = self.env["mail.activity"].with_context(active_test=False)
        asked = [("activity_type_id", "=", kind.id)]
        mine = activities.search([*asked, ("user_id", "=", self.near_manager.id)])
        self.assertTrue(mine.active)
        self._decline()
        self.assertFalse(mine.active)
        self.assertEqual(mine.feedback, "The goods stay.")
        theirs = activities.search([*asked, ("user_id", "=", self.far_manager.id)])
        self.assertTrue(theirs.active)

    def test_a_manager_of_the_region_declines_as_well(self):
        self._decline(self.region_manager)
        self.assertEqual(self.picking.state, "cancel")

    def test_who_declined_goes_home_and_who_still_reads_the_case_stays_there(self):
        after = self._decline()["params"]["next"]
        self.assertEqual(after["tag"], "retail_ops_home")
        with self.assertRaises(AccessError):
            self._case().with_user(self.near_manager).read(["summary"])

    def test_who_declined_hears_no_more_of_the_case(self):
        mine = self.near_manager.partner_id
        self.assertIn(mine, self._case().message_partner_ids)
        self._decline()
        self.assertNotIn(mine, self._case().message_partner_ids)

    def test_a_manager_of_both_stores_region_stays_with_the_case(self):
        after = self._decline(self.region_manager)["params"]["next"]
        self.assertEqual(after, {"type": "ir.actions.act_window_close"})

    def test_declining_twice_declines_for_no_other_store(self):
        self.far_store.region_id = self.region
        self._far_can_spare()
        first, second = (self._dialog(self.region_manager) for _time in range(2))
        first.action_confirm()
        self._assert_refused("has declined already", second.action_confirm)
        self.assertEqual(self._case().stock_giver_id, self.far_store)
        self.assertEqual(self._case().stock_picking_id.state, "draft")

    def test_who_may_read_the_case_no_more_hears_that_he_has_declined(self):
        first, second = (self._dialog(self.near_manager) for _time in range(2))
        first.action_confirm()
        self._assert_refused("has declined already", second.action_confirm)

    def _assert_refused(self, why, way):
        with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
            way()

    def test_what_was_agreed_to_is_declined_no_more(self):
        dialog = self._dialog(self.near_manager)
        self._case().with_user(self.near_manager).action_agree_to_transfer()
        self._assert_refused("cancel the transfer in Inventory", dialog.action_confirm)
        self.assertEqual(self.picking.state, "assigned")

    def test_what_was_cancelled_by_hand_needs_no_answer(self):
        dialog = self._dialog(self.near_manager)
        self.picking.action_cancel()
        self._assert_refused("nobody waits for an answer", dialog.action_confirm)
        self.assertFalse(self._case().stock_declined_store_ids)

    def test_a_case_that_is_over_needs_no_answer(self):
        dialog = self._dialog(self.near_manager)
        self._case()._set_cancelled("No need any more")
        self._assert_refused("cancels the draft", dialog.action_confirm)
        self.assertEqual(self.picking.state, "draft")

    def test_a_reason_is_said(self):
        dialog = self._dialog(self.near_manager, reason="  ")
        self._assert_refused("Say why", dialog.action_confirm)
        self.assertEqual(self.picking.state, "draft")

    def test_nobody_else_is_asked_for_goods_that_came_meanwhile(self):
        self._far_can_spare()
        self._receive(self.product, self.shelf, 30)
        self.env.invalidate_all()
        self._decline()
        self.assertFalse(self._case().stock_picking_id)
        self.assertIn("nobody else is asked", self._case().stock_proposal_note)

    def test_the_first_proposal_is_the_one_whose_time_counts(self):
        self._far_can_spare()
        before = self._case().stock_proposed_at
        self._decline()
        self.assertEqual(self._case().stock_proposed_at, before)

    def test_the_next_case_asks_the_nearest_store_again(self):
        self._decline()
        self._case()._set_cancelled("Bought elsewhere")
        self.level.retail_watch_due = True
        self._run()
        again = self._case().filtered("is_open")
        self.assertEqual(again.stock_giver_id, self.other_store)
