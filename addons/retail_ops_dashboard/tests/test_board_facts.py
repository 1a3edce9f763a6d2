from odoo import fields

from ..tools.board_specs import BOARDS, VALUE
from .board_common import OF_KIND, BoardCase


def hours(begin, end):
    """Return the hours by the clock between two moments."""
    return (end - begin).total_seconds() / 3600


def mean(numbers):
    """Return the mean of a list of numbers."""
    return sum(numbers) / len(numbers)


class TestBoardFacts(BoardCase):
    """KPI figures as the Scheduled Action computes them from the records."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kpis = cls.env["retail.kpi"].search([]).filtered("is_computed")
        for kpi in cls.kpis:
            today = kpi._latest_day()
            kpi._snapshot(today.replace(year=today.year - 1), today)

    def _card(self, board_key, title):
        """Return what a card shows of the stores of the test."""
        [board] = [board for board in BOARDS if board.key == board_key]
        [card] = [card for card in board.cards if card.title == title]
        mine = [("store_id", "in", self.own_stores.ids)]
        snapshots = self.env[card.source.model].with_user(self.operations)
        [row] = snapshots.formatted_read_group(
            [*card.source.domain, *mine], [], [VALUE]
        )
        return row[VALUE]

    def _mine(self, model, *domain):
        mine = ("store_id", "in", self.own_stores.ids)
        return self.env[model].search([mine, *domain])

    def test_resolution_time_is_the_mean_of_the_cases(self):
        done = self._mine("retail.exception", ("state", "in", ["resolved", "closed"]))
        times = [hours(case.opened_at, case.resolved_at) for case in done]
        self.assertGreater(mean(times), 1)
        shown = self._card("network_health", "Resolution time")
        self.assertAlmostEqual(shown, mean(times), 3)

    def test_compliance_is_the_share_of_items_done(self):
        items = self._mine("retail.checklist.item", ("state", "!=", "not_applicable"))
        now = fields.Datetime.now()
        due = items.filtered(lambda item: item.state != "open" or item.due_at <= now)
        done = due.filtered(lambda item: item.state == "done")
        self.assertTrue(0 < len(done) < len(due))
        shown = self._card("network_health", "Compliance")
        self.assertAlmostEqual(shown, 100 * len(done) / len(due), 3)

    def test_recurrence_is_the_share_of_cases_that_came_again(self):
        opened = self._mine("retail.exception", ("state", "!=", "cancelled"))
        again = opened.filtered(lambda case: case.recurrence_count > 1)
        self.assertTrue(0 < len(again) < len(opened))
        shown = self._card("exceptions_sla", "Recurrence")
        self.assertAlmostEqual(shown, 100 * len(again) / len(opened), 3)

    def test_cycle_and_turnaround_are_means_of_what_people_decided(self):
        decided = self._mine(
            "retail.approval.request",
            ("state", "in", ["approved", "rejected"]),
            ("is_automatic", "=", False),
        )
        refund = self.env.ref(OF_KIND + "refund_exception")
        self._take_hours(decided)
        for title, asked in (
            ("Approval cycle time", decided),
            ("Refund turnaround", decided.filtered(lambda one: one.kind_id == refund)),
        ):
            times = [hours(one.requested_at, one.decided_at) for one in asked]
            self.assertAlmostEqual(self._card("approvals", title), mean(times), 3)
            self.assertGreater(mean(times), 0.9)

    def _take_hours(self, decided):
        """Let each have been asked an hour longer ago than the one before."""
        for number, request in enumerate(decided, 1):
            self.env.cr.execute(
                "UPDATE retail_approval_request"
                " SET requested_at = requested_at - make_interval(hours => %s)"
                " WHERE id = %s",
                (number, request.id),
            )
        self.env.invalidate_all()
        for kpi in self.kpis.filtered(lambda one: "request" in one.drill_model):
            today = kpi._latest_day()
            kpi._snapshot(today.replace(year=today.year - 1), today)

    def test_a_figure_counts_as_many_records_as_its_list_opens(self):
        """The list of a day opens what its snapshots count, each record once."""
        compared = 0
        for kpi in self.kpis:
            for day, rows in kpi.snapshot_ids.grouped("day").items():
                counted = sum(rows.mapped("record_count"))
                with self.subTest(kpi.code, day=day):
                    self.assertEqual(len(kpi._record_ids(day, day)), counted)
                compared += bool(counted)
        self.assertGreater(compared, 5)
