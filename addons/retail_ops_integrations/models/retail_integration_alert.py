from typing import NamedTuple
from urllib.parse import urljoin

from odoo import api, fields, models

from odoo.addons.retail_ops_core.tools.runbooks import ADDRESS, spoken

RUNBOOKS = "retail_ops_integrations.runbooks_url"
# What early databases were given; they get today's page, as if nobody had set it.
FIRST_PAGE = "https://github.com/retail-ops/retail-ops-odoo/blob/main/docs/runbooks.md"
ANCHORS = {
    "backlog": "failed-integration",
    "inbox": "events-are-late",
    "dead": "failed-integration",
    "receipts": "delivered-but-not-acknowledged",
    "silence": "a-system-is-silent",
    "job": "a-scheduled-action-does-not-run",
    "gap": "a-source-and-the-log-differ",
    "workflow": "n8n-outage",
}
KINDS = [
    ("backlog", "Deliveries are late"),
    ("inbox", "Events are late"),
    ("dead", "Dead letters wait"),
    ("receipts", "Deliveries are not acknowledged"),
    ("silence", "A system is silent"),
    ("job", "A Scheduled Action does not run"),
    ("gap", "A source and the log differ"),
    ("workflow", "A workflow fails"),
]


class Finding(NamedTuple):
    """What a check came upon.

    key: text that names it, such as endpoint:7; company: res.company; summary and
    detail: texts; links: dict with source_id, endpoint_id or cron_id.
    """

    key: str
    company: object
    summary: str
    detail: str
    links: dict


class RetailIntegrationAlert(models.Model):
    """Something between the systems that a person should know of.

    One row for each thing that can go wrong: while it lasts, it has one exception
    in the integration queue.
    """

    _name = "retail.integration.alert"
    _description = "Integration alert"
    _log_access = False
    _allow_sudo_commands = False
    _order = "cleared_at desc, raised_at desc"
    _rec_name = "summary"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    source_id = fields.Many2one("retail.source", readonly=True, ondelete="cascade")
    endpoint_id = fields.Many2one("retail.endpoint", readonly=True, ondelete="cascade")
    cron_id = fields.Many2one(
        "ir.cron", string="Scheduled Action", readonly=True, ondelete="cascade"
    )
    summary = fields.Char(required=True, readonly=True)
    detail = fields.Char(readonly=True)
    raised_at = fields.Datetime(required=True, readonly=True)
    cleared_at = fields.Datetime(
        readonly=True, help="When the check no longer came upon it."
    )
    occurrences = fields.Integer(readonly=True, help="How often it began.")
    exception_id = fields.Many2one(
        "retail.exception", readonly=True, ondelete="set null", index="btree_not_null"
    )
    runbook_url = fields.Char(string="Runbook", compute="_compute_runbook_url")

    _key_unique = models.UniqueIndex(
        "(kind, key)", "There is one alert for each thing that can go wrong."
    )

    @api.depends("kind", "source_id.runbook_url", "endpoint_id.runbook_url")
    @api.depends_context("lang")
    def _compute_runbook_url(self):
        """Link to the system's own runbook, else to the suite's."""
        page = self._runbooks_page()
        for alert in self:
            own = (alert.source_id or alert.endpoint_id).sudo().runbook_url
            suites = page and f"{page}#{ANCHORS[alert.kind]}"
            alert.runbook_url = own or (suites and spoken(suites, self.env.lang))

    @api.model
    def _runbooks_page(self):
        """Return the address of the suite's runbooks; empty when there is none."""
        page = self.env["ir.config_parameter"].sudo().get_param(RUNBOOKS)
        return ADDRESS if page == FIRST_PAGE else page

    # === Raising and clearing === #
    @api.model
    def _settle(self, kind, findings):
        """Raise what a check came upon, and clear what it no longer does.

        :param kind: key of :data:`KINDS`
        :param findings: list of :class:`Finding`, all there are of the kind
        :return: retail.integration.alert, those that began now
        """
        alerts = self.sudo()
        known = {alert.key: alert for alert in alerts.search([("kind", "=", kind)])}
        begun = alerts.browse()
        for finding in findings:
            begun |= alerts._take(kind, known.get(finding.key), finding)
        found = {finding.key for finding in findings}
        lasting = [alert for alert in known.values() if not alert.cleared_at]
        alerts.union(*(a for a in lasting if a.key not in found))._clear()
        return begun

    @api.model
    def _take(self, kind, known, finding):
        """Note one finding; return the alert when it began just now."""
        values = {"summary": finding.summary, "detail": finding.detail}
        if known and not known.cleared_at:
            known.write(values)
            return self.browse()
        values |= {"raised_at": fields.Datetime.now(), "cleared_at": False}
        if known:
            known.write({**values, "occurrences": known.occurrences + 1})
        else:
            known = self.create(
                {
                    **values,
                    **finding.links,
                    "kind": kind,
                    "key": finding.key,
                    "company_id": finding.company.id,
                    "occurrences": 1,
                }
            )
        known._raise_exception()
        return known

    def _raise_exception(self):
        """Give the alert an exception, unless the earlier one is still worked on."""
        if self.exception_id.is_open:
            return self._say(self.env._("It is back: %s", self.detail))
        [self.exception_id] = self.env["retail.exception"]._intake(
            [self._exception_values()]
        )

    def _exception_values(self):
        """Return the values of the case: it goes the path that the source names."""
        store = self.env["retail.store"]._office_of(self.company_id)
        kind = self.env.ref("retail_ops_core.type_integration_failure")
        owner = (self.source_id or self.endpoint_id).owner_id
        lines = [
            self.detail,
            owner and self.env._("Owner: %s", owner.name),
            self.runbook_url and self.env._("Runbook: %s", self._runbook_address()),
        ]
        return {
            "store_id": store.id,
            "type_id": kind.id,
            "failing_source_id": self.source_id.id,
            "summary": self.summary,
            "reason": "\n".join(filter(None, lines)),
            "origin": "automation",
            "intake_key": f"alert:{self.kind}:{self.key}:{self.occurrences}",
        }

    def _runbook_address(self):
        """Return the whole address, for a text that is read outside the web client."""
        return urljoin(self.get_base_url(), self.runbook_url)

    def _clear(self):
        """Note that the check no longer comes upon it; a person closes the case."""
        self.write({"cleared_at": fields.Datetime.now()})
        for alert in self.filtered("exception_id.is_open"):
            alert._say(self.env._("The cause is gone: the check finds it no more."))

    def _say(self, body):
        self.exception_id._message_log(body=body)

    # === Actions of users === #
    def action_open_exception(self):
        """Open the case in the integration queue."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.exception",
            "res_id": self.exception_id.id,
            "view_mode": "form",
        }

    def action_open_runbook(self):
        """Open the steps that mend it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": self.runbook_url,
            "target": "new",
        }
