from odoo import api, fields, models

from ..tools import latency

LISTED = 500  # more than any installation has
GAUGES = {
    "handled_24h": ("handled", "Events received or attempts made in 24 hours"),
    "succeeded_24h": ("succeeded", "Events done or attempts answered 2xx in 24 hours"),
    "transient_failures_24h": (
        "transient_failures",
        "Failures tried again",
    ),
    "business_failures_24h": ("business_failures", "Failures that wait for a person"),
    "retries_24h": ("retries", "Attempts after the first in 24 hours"),
    "backlog": ("backlog", "Not through yet, throttled and paused ones included"),
    "oldest_seconds": ("oldest_seconds", "Age of the oldest that is not through"),
    "p50_seconds": ("p50", "Median from arrival or publication to the effect"),
    "p95_seconds": ("p95", "95th percentile from arrival or publication to the effect"),
    "door_p95_seconds": (
        "answer_p95",
        "95th percentile of the door's answers in 24 hours, 0 without any",
    ),
    "limit_seconds": ("limit_seconds", "What the latency class allows"),
    "dead_letters": ("dead_letters", "Dead letters and parked events"),
    "completeness_percent": ("completeness", "Of a source's list, what had arrived"),
}


class RetailIntegrationMonitor(models.TransientModel):
    """All that one asks when an integration is said to stand still, on one page."""

    _name = "retail.integration.monitor"
    _description = "Integrations monitor"
    _rec_name = "name"

    name = fields.Char(compute="_compute_name")

    looked_at = fields.Datetime(default=fields.Datetime.now, readonly=True)
    is_neutralized = fields.Boolean(compute="_compute_figures")
    alert_count = fields.Integer(compute="_compute_figures")
    backlog = fields.Integer(compute="_compute_figures")
    oldest_age = fields.Char(compute="_compute_figures")
    transient_failures = fields.Integer(compute="_compute_figures")
    business_failures = fields.Integer(compute="_compute_figures")
    dead_letters = fields.Integer(compute="_compute_figures")
    open_exceptions = fields.Integer(compute="_compute_figures")
    idle_per_hour = fields.Integer(
        compute="_compute_figures",
        help="SQL statements an hour that all Scheduled Actions of the suite make "
        "while there is nothing to do.",
    )
    flow_ids = fields.Many2many("retail.integration.flow", compute="_compute_lists")
    workflow_ids = fields.Many2many(
        "retail.integration.workflow", compute="_compute_lists"
    )
    alert_ids = fields.Many2many("retail.integration.alert", compute="_compute_lists")
    heartbeat_ids = fields.Many2many("retail.heartbeat", compute="_compute_lists")
    job_ids = fields.Many2many("retail.job.pulse", compute="_compute_lists")

    def _compute_name(self):
        self.name = self.env._("Integrations monitor")

    @api.depends("looked_at")
    def _compute_lists(self):
        for monitor in self:
            monitor.flow_ids = self.env["retail.integration.flow"].search(
                [], limit=LISTED
            )
            monitor.workflow_ids = self.env["retail.integration.workflow"].search(
                [], limit=LISTED
            )
            monitor.alert_ids = self.env["retail.integration.alert"].search(
                [("cleared_at", "=", False)]
            )
            monitor.heartbeat_ids = self.env["retail.heartbeat"].search(
                [], limit=LISTED
            )
            monitor.job_ids = self.env["retail.job.pulse"].search([], limit=LISTED)

    @api.depends("looked_at")
    def _compute_figures(self):
        for monitor in self:
            flows = monitor.flow_ids
            oldest = max(flows.mapped("oldest_seconds"), default=0)
            monitor.alert_count = len(monitor.alert_ids)
            monitor.backlog = sum(flows.mapped("backlog"))
            monitor.oldest_age = oldest and latency.spell(oldest)
            monitor.transient_failures = sum(flows.mapped("transient_failures"))
            monitor.business_failures = sum(flows.mapped("business_failures"))
            monitor.dead_letters = sum(flows.mapped("dead_letters"))
            monitor.idle_per_hour = sum(monitor.job_ids.mapped("idle_per_hour"))
            monitor.open_exceptions = self._open_exceptions_count()
            monitor.is_neutralized = self.env[
                "retail.counterpart"
            ]._database_is_neutralized()

    @api.model
    def _open_exceptions_count(self):
        queue = self.env.ref("retail_ops_core.queue_integration")
        exceptions = self.env["retail.exception"].sudo()
        return exceptions.search_count(
            [
                ("queue_id", "=", queue.id),
                ("is_open", "=", True),
                ("company_id", "in", self.env.companies.ids),
            ]
        )

    @api.model
    def _open(self):
        """Return the action of a fresh page."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_integrations.action_integration_monitor"
        )
        return {**action, "res_id": self.create({}).id}

    def action_refresh(self):
        """Show the figures of this moment; the screen calls it once a minute."""
        self.looked_at = fields.Datetime.now()
        return True

    # === For other systems === #
    @api.model
    def _families(self, company_id):
        """Return the figures of the moment, for a monitoring system.

        :param company_id: int
        :return: list for tools.prometheus.write
        """
        flows = self.env["retail.integration.flow"].search(
            [("company_id", "=", company_id)]
        )
        figures = [
            (
                f"retail_ops_integration_{name}",
                explained,
                "gauge",
                [(self._labels(flow), flow[field]) for flow in flows],
            )
            for name, (field, explained) in GAUGES.items()
        ]
        return [*figures, *self._job_families(), self._alert_family(company_id)]

    @api.model
    def _labels(self, flow):
        return {
            "direction": flow.direction,
            "id": str((flow.source_id or flow.endpoint_id).id),
            "name": flow.source_id.code or flow.name,
            "latency_class": flow.latency_class or "",
        }

    @api.model
    def _job_families(self):
        pulses = self.env["retail.job.pulse"].search([], limit=LISTED)
        now = fields.Datetime.now()
        ages = [
            ({"job": pulse.name}, (now - pulse.beat_at).total_seconds())
            for pulse in pulses
        ]
        idle = [({"job": pulse.name}, pulse.idle_statements) for pulse in pulses]
        return [
            (
                "retail_ops_job_age_seconds",
                "Seconds since a Scheduled Action last ran through.",
                "gauge",
                ages,
            ),
            (
                "retail_ops_job_idle_statements",
                "SQL statements of a run with nothing to do.",
                "gauge",
                idle,
            ),
        ]

    @api.model
    def _alert_family(self, company_id):
        lasting = self.env["retail.integration.alert"]._read_group(
            [("cleared_at", "=", False), ("company_id", "=", company_id)],
            ["kind"],
            ["__count"],
        )
        return (
            "retail_ops_alerts",
            "What stands still at this moment.",
            "gauge",
            [({"kind": kind}, count) for kind, count in lasting],
        )
