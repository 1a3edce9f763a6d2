from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import ApprovalCase

UNTOUCHED = (
    "retail_approval_request",
    "retail_approval_request_step",
    "retail_approval_decision",
    "retail_audit_entry",
    "retail_exception",
    "mail_activity",
    "mail_message",
)


@tagged("post_install", "-at_install")
class TestBacktest(ApprovalCase):
    """Past requests: 14.50, 43.50 (nobody), 72.50 twice (two), 145 (two)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Backtest = cls.env["retail.approval.backtest"]
        cls.requests = cls.Request.sudo()
        for quantity in (11, 9, 7, 7, 2):
            cls.requests |= cls._request_of(cls._write_off(counted_quantity=quantity))
        for request in cls.requests.filtered("is_automatic"):
            request._document()._check_approved()

    def _past(self):
        return self.requests.filtered(lambda each: each.kind_id == self.kind)

    def _run(self, rows, user=None, **values):
        draft = self._draft_policy(rows)
        values = {"policy_id": draft.id, **values}
        backtest = self.Backtest.with_user(user or self.admin).create(
            {"domain": f"[('id', 'in', {self._past().ids})]", **values}
        )
        backtest.action_run()
        return backtest

    def _unchanged(self):
        """Return where each row of the tables stands: a write would move it."""
        self.env.flush_all()
        places = {}
        for table in UNTOUCHED:
            self.env.cr.execute(f"SELECT ctid::text FROM {table} ORDER BY ctid")
            places[table] = self.env.cr.fetchall()
        return places

    def test_the_version_in_force_sends_nobody_another_way(self):
        backtest = self._run(
            [
                {"amount_min": 50, "variance_min": 20, "steps": ["region", "loss"]},
                {"amount_min": 50, "steps": ["region"]},
                {"amount_max": 50, "outcome": "none"},
            ]
        )
        self.assertEqual(backtest.request_count, len(self._past()))
        self.assertEqual(backtest.moved_count, 0)
        line = backtest.kind_line_ids
        self.assertEqual(line.unseen_before, line.unseen_after)

    def test_a_higher_limit_shows_what_money_passes_unseen(self):
        backtest = self._run(
            [
                {"amount_min": 100, "steps": ["region"]},
                {"amount_max": 100, "outcome": "none"},
            ]
        )
        self.assertEqual(backtest.looser_count, 2)
        self.assertEqual(backtest.moved_count, 3)
        line = backtest.kind_line_ids
        self.assertEqual(line.unseen_after - line.unseen_before, 145)
        effects = backtest.move_ids.mapped(lambda move: (move.amount, move.effect))
        self.assertEqual(effects, [(145, "other"), (72.5, "looser"), (72.5, "looser")])

    def test_a_lower_limit_shows_who_newly_has_to_decide(self):
        backtest = self._run([{"steps": ["region"]}])
        automatic = len(self._past().filtered("is_automatic"))
        self.assertEqual(backtest.stricter_count, automatic)
        self.assertTrue(automatic)
        load = backtest.load_line_ids.filtered(
            lambda each: each.user_id == self.region_manager
        )
        weeks = backtest.weeks
        self.assertAlmostEqual(load.decisions_after * weeks, len(self._past()))
        self.assertAlmostEqual(load.decisions_before * weeks, 3)

    def test_one_of_a_role_counts_a_share_for_each_of_its_people(self):
        second = self.loss_prevention.copy({"login": "test_second_loss"})
        backtest = self._run([{"steps": ["loss"]}])
        for user in self.loss_prevention | second:
            load = backtest.load_line_ids.filtered(
                lambda each, user=user: each.user_id == user
            )
            self.assertAlmostEqual(
                load.decisions_after * 2 * backtest.weeks, len(self._past())
            )
            self.assertAlmostEqual(load.asked_after * backtest.weeks, len(self._past()))

    def test_a_row_that_asks_who_raised_it_is_a_conflict_and_a_dead_end(self):
        backtest = self._run([{"steps": ["store"]}])
        line = backtest.kind_line_ids
        self.assertEqual(line.conflict_after, len(self._past()))
        self.assertEqual(line.dead_end_after, len(self._past()))
        self.assertEqual(line.decided_after, 0)

    def test_amounts_that_no_row_covers_are_dead_ends(self):
        backtest = self._run([{"amount_max": 100, "outcome": "none"}])
        [move] = backtest.move_ids.filtered(lambda each: each.amount > 100)
        self.assertEqual(move.effect, "dead_end")
        self.assertFalse(move.after_rule_id)
        self.assertEqual(backtest.kind_line_ids.dead_end_after, 1)

    def test_expected_hours_come_from_how_long_such_steps_took(self):
        request = self._past().filtered(lambda each: each.state == "pending")[0]
        self.env["retail.approval.request.step"].sudo().search(
            [("decision_ids", "!=", False)]
        ).opened_at = False  # only the step below counts as measured
        region = request.step_ids.filtered(lambda s: s.approver == "region_manager")
        region.sudo().opened_at = fields.Datetime.now() - timedelta(hours=3)
        self._approve(request, self.region_manager)
        line = self._run([{"steps": ["region"]}]).kind_line_ids
        self.assertAlmostEqual(line.hours_after, 3, places=1)
        self.assertAlmostEqual(line.hours_before, 3, places=1)  # of two at once

    def test_steps_never_measured_count_with_their_deadline(self):
        person = {"approver": "user", "user_id": self.finance.id, "hours": 5}
        other = {"approver": "user", "user_id": self.auditor.id, "hours": 7}
        line = self._run([{"steps": [person, {**other, "sequence": 20}]}]).kind_line_ids
        self.assertAlmostEqual(line.hours_after, 12)

    def test_a_row_in_another_currency_is_met_at_the_rate_of_the_day(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2000-01-01", "rate": 0.5}
        )
        backtest = self._run(
            [
                {"amount_min": 70, "currency_id": euro.id, "steps": ["region"]},
                {"amount_max": 70, "currency_id": euro.id, "outcome": "none"},
            ]
        )
        self.assertEqual(backtest.looser_count, 2)  # 72.50 dollars are 36.25 euros
        self.assertEqual(backtest.kind_line_ids.automatic_after, len(self._past()) - 1)

    def test_a_row_for_one_exception_type_holds_for_past_requests_of_it(self):
        damaged = self.env.ref("retail_ops_core.type_damaged_goods")
        backtest = self._run(
            [{"type_ids": damaged.ids, "steps": ["region"]}, {"steps": ["loss"]}]
        )
        for move in backtest.move_ids:
            self.assertEqual(move.after_rule_id, backtest.policy_id.rule_ids[1])

    def test_only_the_chosen_period_and_requests_are_tried(self):
        old = self._past()[0]
        since = fields.Datetime.now() - timedelta(days=40)
        self.env.cr.execute(
            "UPDATE retail_approval_request SET requested_at = %s WHERE id = %s",
            (since, old.id),
        )
        self.env.invalidate_all()
        rows = [{"steps": ["loss"]}]
        counts = [self._run(rows, days=days).request_count for days in (30, 0)]
        self.assertEqual(counts[1] - counts[0], 1)
        chosen = f"[('id', 'in', {self._past()[1].ids})]"
        self.assertEqual(self._run(rows, domain=chosen).request_count, 1)

    def test_a_saved_set_is_tried(self):
        last = self._past()[-1]
        saved = self.env["ir.filters"].create(
            {
                "name": "The one that went wrong",
                "model_id": "retail.approval.request",
                "domain": f"[('id', '=', {last.id})]",
                "user_ids": [(4, self.admin.id)],
            }
        )
        backtest = self._run([{"steps": ["loss"]}], filter_id=saved.id)
        self.assertEqual(backtest.request_count, 1)

    def test_nonsense_as_a_filter_is_refused(self):
        with self.assertRaisesRegex(UserError, "no filter"):
            self._run([{"steps": ["loss"]}], domain="__import__('os')")

    def test_requests_of_companies_out_of_reach_are_not_tried(self):
        other = self.env["res.company"].create({"name": "Out of reach"})
        self.env.cr.execute(
            "UPDATE retail_approval_request SET company_id = %s WHERE id = %s",
            (other.id, self._past()[0].id),
        )
        self.env.invalidate_all()
        backtest = self._run([{"steps": ["loss"]}])
        self.assertEqual(backtest.request_count, len(self._past()) - 1)

    def test_nothing_is_written_but_the_report(self):
        draft = self._draft_policy([{"steps": ["region"]}])
        backtest = self.Backtest.with_user(self.admin).create(
            {"policy_id": draft.id, "days": 0}
        )
        before = self._unchanged()
        backtest.action_run()
        self.assertEqual(self._unchanged(), before)

    def test_running_again_replaces_what_came_out(self):
        backtest = self._run([{"steps": ["loss"]}])
        moved = len(backtest.move_ids)
        backtest.action_run()
        self.assertEqual(len(backtest.move_ids), moved)
        self.assertEqual(len(backtest.kind_line_ids), 1)

    def test_a_report_says_when_the_rows_changed_after_it(self):
        backtest = self._run([{"steps": ["loss"]}])
        self.assertFalse(backtest.is_stale)
        backtest.policy_id.rule_ids.with_user(self.admin).amount_min = 10
        self.assertTrue(backtest.is_stale)

    def test_a_second_person_publishes_from_the_report(self):
        backtest = self._run([{"steps": ["loss"]}])
        with self.assertRaisesRegex(UserError, "somebody else"):
            backtest.action_publish()
        backtest.with_user(self._second_admin()).action_publish()
        self.assertEqual(backtest.policy_id.state, "published")

    def test_the_figures_stand_side_by_side(self):
        html = self._run([{"steps": ["loss"]}]).comparison_html
        for label in ("As it went", "With this version", "passes unseen"):
            self.assertIn(label, html)

    def test_figures_cannot_be_written_and_only_administrators_run(self):
        backtest = self._run([{"steps": ["loss"]}])
        with self.assertRaises(AccessError):
            backtest.moved_count = 0
        with self.assertRaises(AccessError):
            backtest.kind_line_ids.unseen_after = 0
        with self.assertRaises(AccessError):
            backtest.with_user(self.auditor).action_run()
        self.assertTrue(backtest.with_user(self.auditor).moved_count)
        with self.assertRaises(AccessError):
            backtest.with_user(self.operations).read(["moved_count"])

    def test_a_version_without_rows_is_not_tried(self):
        with self.assertRaisesRegex(UserError, "add rows"):
            self._run([])
