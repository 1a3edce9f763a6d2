from datetime import timedelta

from psycopg2 import errors

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .before_and_now import BeforeAndNow
from .rpc_common import RpcCase
from .test_kpi import KpiCase

DAYS = 7


class TestKpiBaseline(KpiCase, RpcCase):
    def setUp(self):
        super().setUp()
        self.today = fields.Date.today()

    def _resolve_days_ago(self, days, hours, **values):
        begin = fields.Datetime.now().replace(hour=18) - timedelta(days=days)
        case = self._raise_at(begin, **values)
        self._resolve_at(case, begin + timedelta(hours=hours))

    def _baseline(self, **values):
        """Return a baseline of the week that ended four weeks ago."""
        kpi = self._kpi("resolution_time")
        kpi._take_over(self.today - timedelta(days=50), self.today)
        return (
            self.env["retail.kpi.baseline"]
            .with_user(self.admin)
            .create(
                {
                    "name": "Before wave 1",
                    "date_from": self.today - timedelta(days=28 + DAYS),
                    "date_to": self.today - timedelta(days=28),
                    "region_id": self.country.id,
                    **values,
                }
            )
        )

    def _locked(self, **values):
        self._resolve_days_ago(30, 4)
        baseline = self._baseline(**values)
        baseline.action_lock()
        return baseline

    def test_it_is_dated_and_says_who_locked_it(self):
        baseline = self._locked()
        self.assertEqual(baseline.state, "locked")
        self.assertEqual(baseline.locked_by_id, self.admin)
        self.assertTrue(baseline.locked_at)
        entry = self.env["retail.audit.entry"].search(
            [("model", "=", baseline._name), ("res_id", "=", baseline.id)]
        )
        self.assertEqual(entry.action, "kpi_baseline.locked")
        self.assertEqual(entry.facts["figures"]["resolution_time"], 4)

    def test_a_frozen_figure_stays_whatever_happens_to_the_snapshots(self):
        baseline = self._locked()
        self._resolve_days_ago(30, 12)
        self._kpi("resolution_time")._take_over(
            self.today - timedelta(days=50), self.today
        )
        [total] = baseline.total_ids
        self.assertEqual(total.value, 4)

    def test_later_figures_are_compared_absolute_in_percent_and_in_a_word(self):
        self._resolve_days_ago(3, 3)
        [total] = self._locked().total_ids
        self.assertEqual(total.now_value, 3)
        self.assertEqual(total.difference, -1)
        self.assertEqual(total.difference_percent, -25)
        self.assertEqual(total.verdict, "better")

    def test_each_promise_of_the_value_case_is_compared_with_now(self):
        self._resolve_days_ago(3, 3)
        baseline = self._locked()
        areas = baseline._value_areas()
        self.assertEqual(len(areas), 5)
        cycle = areas[0]
        self.assertEqual((cycle["better"], cycle["compared"]), (1, 1))
        self.assertEqual(cycle["lines"].kpi_id, self._kpi("resolution_time"))
        self.assertEqual([area["compared"] for area in areas[1:]], [0, 0, 0, 0])
        self.assertIn("1 of 1 better", " ".join(str(baseline.value_case).split()))

    def test_before_and_after_prints_for_who_reads_the_baseline(self):
        self._resolve_days_ago(3, 3)
        baseline = self._locked().with_user(self.auditor)
        report = self.env["ir.actions.report"].with_user(self.auditor)
        page, _kind = report._render_qweb_html(
            "retail_ops_core.report_value_case", baseline.ids
        )
        text = page.decode()
        self.assertIn("Before wave 1", text)
        self.assertIn("Issue resolution time", text)
        bare = text.replace("\ufeff", "").replace("(", "")  # one stands before digits
        self.assertIn("-25 %", " ".join(bare.split()))

    def test_slower_is_worse_and_nothing_to_compare_is_said(self):
        baseline = self._locked()
        self.assertEqual(baseline.total_ids.verdict, "none")
        self._resolve_days_ago(3, 6)
        self._kpi("resolution_time")._take_over(
            self.today - timedelta(days=5), self.today
        )
        self.env.invalidate_all()
        self.assertEqual(baseline.total_ids.verdict, "worse")

    def test_it_covers_the_stores_of_its_region_wave_and_list(self):
        self._resolve_days_ago(30, 8, store_id=self.far_store.id)
        self._resolve_days_ago(30, 6, store_id=self.other_store.id)
        self.other_store.pilot_wave = 7
        self.assertEqual(self._locked().total_ids.value, 5)
        only = {"store_ids": [(6, 0, self.store.ids)]}
        self.assertEqual(self._locked(**only).total_ids.value, 4)
        self.assertEqual(self._locked(pilot_wave=7).total_ids.value, 6)

    def test_it_opens_store_by_store(self):
        baseline = self._locked()
        action = baseline.with_user(self.auditor).action_open_lines()
        lines = self.env[action["res_model"]].search(action["domain"])
        self.assertEqual(lines.store_id, self.store)

    def test_days_without_a_figure_are_not_locked(self):
        baseline = self._baseline(region_id=self.far_region.id)
        with self.assertRaisesRegex(UserError, "no figure"):
            baseline.action_lock()

    def test_days_that_are_not_over_are_refused(self):
        with self.assertRaises(ValidationError):
            self._baseline(date_to=self.today)

    def test_only_an_administrator_locks(self):
        baseline = self._baseline()
        with self.assertRaises(AccessError):
            baseline.with_user(self.operations).action_lock()

    def test_nobody_sets_the_state_by_hand(self):
        baseline = self._baseline()
        for vals in (
            {"state": "locked"},
            {"locked_by_id": self.auditor.id},
            {"locked_at": "2026-03-02 16:00:00"},
        ):
            with self.subTest(vals), self.assertRaises(AccessError):
                baseline.write(vals)
        with self.assertRaises(AccessError):
            baseline.create(
                {"name": "x", "date_from": "2026-03-02", "date_to": "2026-03-02"}
                | {"state": "locked"}
            )

    def test_nobody_changes_or_deletes_it_over_rpc(self):
        baseline = self._locked()
        line = baseline.line_ids[0]
        self.authenticate(self.admin.login, self.admin.login)
        attacks = [
            ("retail.kpi.baseline", "write", baseline, [{"name": "x"}]),
            ("retail.kpi.baseline", "write", baseline, [{"state": "draft"}]),
            ("retail.kpi.baseline", "unlink", baseline, []),
            ("retail.kpi.baseline.line", "write", line, [{"value": 1}]),
            ("retail.kpi.baseline.line", "unlink", line, []),
            (
                "retail.kpi.baseline",
                "write",
                baseline,
                [{"line_ids": [(1, line.id, {"value": 1})]}],
            ),
        ]
        for model, method, record, arguments in attacks:
            with self.subTest(f"{model}.{method}"), mute_logger("odoo.http"):
                answer = self._call(model, method, record.ids, *arguments)
                self.assertTrue(self._is_refused(answer), answer)
        with mute_logger("odoo.http"):
            answer = self._call(
                "retail.kpi.baseline.line",
                "create",
                [{"baseline_id": baseline.id, "kpi_id": line.kpi_id.id, "value": 1}],
            )
        self.assertTrue(self._is_refused(answer), answer)

    def test_the_database_itself_refuses_changes(self):
        self._locked()
        self.env.flush_all()
        for statement in (
            "UPDATE retail_kpi_baseline SET name = 'x' WHERE state = 'locked'",
            "DELETE FROM retail_kpi_baseline WHERE state = 'locked'",
            "UPDATE retail_kpi_baseline_line SET value = 0",
            "DELETE FROM retail_kpi_baseline_line",
        ):
            with (
                self.subTest(statement),
                mute_logger("odoo.sql_db"),
                self.assertRaises(errors.InsufficientPrivilege),
                self.env.cr.savepoint(),
            ):
                self.env.cr.execute(statement)

    def test_comparing_costs_the_same_for_one_store_and_for_many(self):
        for store in (self.store, self.other_store):
            self._resolve_days_ago(30, 5, store_id=store.id)
        lines = self._locked().line_ids
        self.env.invalidate_all()
        with self.assertQueryCount(16):
            lines.mapped("verdict")


class TestPromises(BeforeAndNow, KpiCase):
    """Each promise of the value case, by figures that were put there."""

    def test_compliance_completion_is_frozen_and_compared(self):
        self._assert_frozen_and_compared(
            "compliance_completion", 80, 95, (80, 95, 15, "better")
        )

    def test_a_fall_of_compliance_completion_is_worse(self):
        self._assert_frozen_and_compared(
            "compliance_completion", 80, 60, (80, 60, -20, "worse")
        )

    def test_all_five_promises_are_compared_by_their_own_figures(self):
        baseline = self._all_before_and_now(
            {
                "resolution_time": ((40, 10), (30, 10)),
                "handling_touches": ((30, 10), (20, 10)),
                "compliance_completion": ((80, 100), (90, 100)),
                "documented_cases": ((50, 100), (70, 100)),
                "recurrence": ((20, 100), (25, 100)),
            }
        )
        found = [
            (area["lines"].kpi_id.code, area["lines"].difference, area["better"])
            for area in baseline._value_areas()
        ]
        self.assertEqual(
            found,
            [
                ("resolution_time", -1, 1),
                ("handling_touches", -1, 1),
                ("compliance_completion", 10, 1),
                ("documented_cases", 20, 1),
                ("recurrence", 5, 0),
            ],
        )
