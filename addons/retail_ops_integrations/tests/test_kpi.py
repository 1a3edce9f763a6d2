from datetime import date

from odoo.tests import tagged

from .common import IntegrationCase

DAY = date(2026, 5, 4)


@tagged("post_install", "-at_install")
class TestIntegrationKpis(IntegrationCase):
    def _done(self, matched, counted):
        run = self.env["retail.reconciliation.run"].create(
            {
                "source_id": self.source.id,
                "period_from": "2026-05-04 00:00:00",
                "period_to": "2026-05-04 20:00:00",
            }
        )
        figures = {"state": "done", "matched": matched, "counted": counted}
        run.sudo().write(figures)
        return run

    def test_reliability_is_what_had_arrived_of_all_that_sources_list(self):
        runs = self._done(90, 100) | self._done(10, 100)
        kpi = self.env.ref("retail_ops_integrations.kpi_sync_reliability")
        kpi._take_over(DAY, DAY)
        snapshot = self.env["retail.kpi.snapshot"].search(
            [
                ("kpi_id", "=", kpi.id),
                ("day", "=", DAY),
                ("company_id", "=", runs.company_id.id),
            ]
        )
        self.assertFalse(snapshot.store_id)
        self.assertEqual(snapshot.value, 50)
        action = snapshot.action_open_records()
        self.assertEqual(runs.search(action["domain"]), runs)
        self.assertFalse(kpi._disagreements(DAY, DAY))
