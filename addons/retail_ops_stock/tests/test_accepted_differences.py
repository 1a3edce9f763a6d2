from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import StockCase

WHY = "Taken over from the old system"


@tagged("post_install", "-at_install")
class TestAcceptedDifferences(StockCase):
    """Seven bottles stand in the books that no move brought there."""

    def setUp(self):
        super().setUp()
        self._write_past_moves(7)
        self._look()

    def _write_past_moves(self, quantity, **place):
        quants = self.env["stock.quant"]
        quants._update_available_quantity(self.product, self.shelf, quantity, **place)

    def _look(self):
        """Look through the store as the nightly Scheduled Action does."""
        self.env["retail.stock.watch"]._watch(self.store)

    def _cases(self):
        key = f"stock.unexplained/{self.shelf.id}/{self.product.id}"
        cases = self.env["retail.exception"].with_user(self.loss_prevention)
        return cases.search([("stock_watch_key", "=", key)], order="id")

    def _dialog(self, reason=WHY):
        """Return the dialog as it opens for loss prevention, filled in."""
        action = self._cases().filtered("is_open").action_accept_difference()
        dialogs = self.env[action["res_model"]].with_user(self.loss_prevention)
        return dialogs.with_context(**action["context"]).create({"reason": reason})

    def _accepted(self):
        of_case = [("exception_id", "in", self._cases().ids)]
        kept = self.env["retail.stock.acceptance"].with_user(self.loss_prevention)
        return kept.search(of_case, order="id")

    def _assert_refused(self, why, way):
        with self.assertRaisesRegex(UserError, why), self.cr.savepoint():
            way()
        self.assertFalse(self._accepted())

    def test_an_accepted_difference_settles_the_case_and_is_asked_about_no_more(self):
        self.assertTrue(self._cases().can_accept_difference)
        self._dialog().action_confirm()
        self._look()
        self._look()
        [case] = self._cases()
        self.assertEqual(case.state, "resolved")
        self.assertIn(WHY, case.resolution)
        self.assertFalse(case.can_accept_difference)

    def test_it_is_kept_what_was_accepted_by_whom_when_and_why(self):
        self._dialog().action_confirm()
        [kept] = self._accepted()
        self.assertEqual(kept.exception_id, self._cases())
        self.assertEqual((kept.product_id, kept.difference), (self.product, 7))
        self.assertEqual(kept.location_id.id, self.shelf.id)
        self.assertEqual(kept.user_id, self.loss_prevention)
        self.assertEqual(kept.reason, WHY)
        self.assertEqual(kept.store_id, self.store)
        self.assertTrue(kept.accepted_at)

    def test_the_ledger_tells_what_was_accepted_and_why(self):
        self._dialog().action_confirm()
        about = [("res_id", "=", self._cases().id), ("action", "=", "stock.accepted")]
        [entry] = self.env["retail.audit.entry"].search(about)
        self.assertEqual(entry.user_id, self.loss_prevention.id)
        self.assertEqual(entry.facts["differences"], [[None, 7]])
        self.assertEqual(entry.facts["why"], WHY)

    def test_only_what_is_new_raises_a_case_again(self):
        self._dialog().action_confirm()
        self._write_past_moves(3)
        self._look()
        new = self._cases()[1:]
        self.assertEqual(new.variance_quantity, 3)
        self._dialog().action_confirm()
        self._look()
        self.assertFalse(self._cases().filtered("is_open"))
        self.assertEqual(self._accepted().mapped("difference"), [7, 3])

    def test_what_is_put_right_after_it_was_accepted_is_a_new_difference(self):
        self._dialog().action_confirm()
        self._write_past_moves(-7)
        self._look()
        self.assertEqual(self._cases()[1:].variance_quantity, -7)

    def test_counts_and_sales_after_it_raise_nothing(self):
        self._dialog().action_confirm()
        self._count(18)
        self._look()
        self.assertEqual(len(self._cases()), 1)

    def test_each_lot_is_kept_with_its_part(self):
        lots = self.env["stock.lot"].create(
            [{"name": name, "product_id": self.product.id} for name in ("L1", "L2")]
        )
        self.product.tracking = "lot"
        for lot, quantity in zip(lots, (4, 1), strict=True):
            self._write_past_moves(quantity, lot_id=lot)
        self._dialog().action_confirm()
        kept = {each.lot_id.name: each.difference for each in self._accepted()}
        self.assertEqual(kept, {"L1": 4, "L2": 1, False: 7})
        self._look()
        self.assertEqual(self._cases().state, "resolved")

    def test_what_changed_since_somebody_looked_is_not_accepted(self):
        dialog = self._dialog()
        self._write_past_moves(2)
        self._assert_refused("differs by 9.0 by now", dialog.action_confirm)
        self.assertTrue(self._cases().is_open)

    def test_what_is_equal_again_needs_no_acceptance(self):
        dialog = self._dialog()
        self._write_past_moves(-7)
        self._assert_refused("explain the stock", dialog.action_confirm)

    def test_a_reason_is_said(self):
        self._assert_refused("Say why", self._dialog(reason=" ").action_confirm)

    def test_it_is_accepted_once(self):
        first, second = self._dialog(), self._dialog()
        first.action_confirm()
        with self.assertRaisesRegex(UserError, "settled already"):
            second.action_confirm()
        self.assertEqual(len(self._accepted()), 1)

    def test_another_kind_of_case_is_not_settled_so(self):
        other = self._take_in().with_user(self.loss_prevention)
        self.assertFalse(other.can_accept_difference)
        with self.assertRaisesRegex(UserError, "not about stock"):
            other.action_accept_difference()

    def test_what_the_type_still_demands_keeps_the_case_open_and_is_said(self):
        self._cases().sudo().type_id.root_cause_required = True
        self._dialog().action_confirm()
        case = self._cases()
        self.assertTrue(case.is_open)
        self.assertIn("root cause", case.message_ids[0].body)
        self.assertEqual(self._accepted().difference, 7)

    def test_nobody_but_loss_prevention_accepts(self):
        for user in (self.manager, self.region_manager, self.operations):
            case = self._cases().with_user(user)
            self.assertFalse(case.can_accept_difference)
            with self.assertRaises(AccessError):
                case.action_accept_difference()

    def test_headquarters_and_auditors_read_what_was_accepted_and_stores_do_not(self):
        self._dialog().action_confirm()
        kept = self._accepted()
        for user in (self.auditor, self.operations, self.finance):
            self.assertEqual(kept.with_user(user).difference, 7)
        for user in (self.manager, self.counter, self.stock_manager):
            with self.assertRaises(AccessError):
                kept.with_user(user).read(["difference"])
