from datetime import timedelta

from odoo import fields

from .test_kpi import KpiCase


class TestKpiAgreement(KpiCase):
    """The control that compares records, lists, snapshots and dashboards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.control = cls.env.ref("retail_ops_core.control_figures")
        cls.now = fields.Datetime.now()

    def _resolved_days_ago(self, days):
        case = self._raise_at(self.now - timedelta(days=days, hours=2))
        self._resolve_at(case, self.now - timedelta(days=days))
        return case

    def _compute_all(self):
        last = self.env["retail.kpi"]._latest_day()
        for kpi in self.env["retail.kpi"].search([]).filtered("is_computed"):
            kpi._snapshot(last - timedelta(days=14), last)
            kpi._note_progress(last, False)

    def _look(self):
        self.env["retail.control"]._cron_check()
        return self.control.result, self.control.evidence

    def _row(self):
        """Return the figure of the case, as it was kept."""
        return self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id.code", "=", "resolution_time"),
                ("store_id", "=", self.store.id),
                ("day", "<", self.now.date() - timedelta(days=3)),
                ("denominator", ">", 0),
            ],
            limit=1,
        )

    def test_figures_that_agree_are_noted_as_such(self):
        self._resolved_days_ago(5)
        self._compute_all()
        self.assertEqual(self._look()[0], "pass", self.control.evidence)
        self.assertTrue(self.control.checked_at)

    def test_a_figure_that_is_wrong_is_found_and_named(self):
        self._resolved_days_ago(5)
        self._compute_all()
        self._look()
        self._row().sudo().numerator = 99
        result, evidence = self._look()
        self.assertEqual(result, "fail")
        self.assertIn("T042", evidence)
        self.assertIn(self._kpi("resolution_time").name, evidence)
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.control"), ("res_id", "=", self.control.id)]
        )
        self.assertIn("fail", [entry.facts["to"] for entry in entries])

    def test_looking_twice_notes_one_change(self):
        self._resolved_days_ago(5)
        self._compute_all()
        self._look()
        noted = [
            ("model", "=", "retail.control"),
            ("res_id", "=", self.control.id),
        ]
        before = self.env["retail.audit.entry"].search_count(noted)
        self._look()
        self.assertEqual(self.env["retail.audit.entry"].search_count(noted), before)

    def test_what_came_since_the_run_is_no_failure(self):
        self._compute_all()
        self.env["retail.kpi"].search([]).computed_at = self.env.cr.now()
        self._resolved_days_ago(5)
        self.env.flush_all()
        self.assertNotIn("T042", self._look()[1])
