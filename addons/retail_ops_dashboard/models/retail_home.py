from odoo import api, models

EVENTS_FAILED = [("state", "in", ("dead", "parked"))]
BETWEEN_SYSTEMS = [("cleared_at", "=", False)]
STANDS_STILL = ("job", "silence", "workflow")
STANDING = [*BETWEEN_SYSTEMS, ("kind", "in", STANDS_STILL)]
FAILING = [*BETWEEN_SYSTEMS, ("kind", "not in", STANDS_STILL)]
ROWS = 5


class RetailHome(models.AbstractModel):
    """What failed at the doors, and what runs between the systems."""

    _inherit = "retail.home"

    @api.model
    def _panel_intervention(self):
        panel = super()._panel_intervention()
        panel["figures"] += self._figures(
            (
                "events_failed",
                self.env._("Failed events"),
                "retail.event.job",
                EVENTS_FAILED,
                "danger",
            )
        )
        return panel

    @api.model
    def _headquarters_sections(self, scope):
        sections = super()._headquarters_sections(scope)
        if self._may("retail.integration.alert"):
            sections.append(self._panel_running())
        return sections

    @api.model
    def _panel_running(self):
        alert = "retail.integration.alert"
        labels = (
            self.env._("Systems that report"),
            self.env._("Stand still"),
            self.env._("Integrations that fail"),
        )
        return self._section(
            45,
            "running",
            self.env._("What runs between the systems?"),
            figures=self._figures(
                ("systems", labels[0], "retail.heartbeat", []),
                ("standing", labels[1], alert, STANDING, "danger"),
                ("failing", labels[2], alert, FAILING, "danger"),
            ),
            rows=self._alert_rows(),
            empty=self.env._(
                "Workflows, Scheduled Actions and integrations run. One that stops or "
                "fails stands here until it runs again, and has a case of its own."
            ),
        )

    @api.model
    def _alert_rows(self):
        alerts = self.env["retail.integration.alert"].search(
            BETWEEN_SYSTEMS, order="raised_at, id", limit=ROWS
        )
        kinds = dict(alerts._fields["kind"]._description_selection(self.env))
        return [
            self._row(alert, alert.summary, detail=kinds[alert.kind])
            for alert in alerts
        ]
