import base64
import secrets
import time
from datetime import timedelta
from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..tools import egress, standard_webhooks, transport
from ..tools.batch_file import MAX_BYTES

GRACE = timedelta(minutes=5)  # what was sent just now may still be on its way
OVERLAP = timedelta(hours=1)
FIRST_WINDOW = timedelta(days=1)
DEADLINE = 60


class RetailSource(models.Model):
    """A source's own list of what it sent: what it has and we lack was dropped."""

    _inherit = "retail.source"

    list_url = fields.Char(
        string="List of events",
        tracking=True,
        help="https address that answers ?since=…&until=… (RFC 3339) with the events "
        "of that period as JSON lines: id, type, timestamp, data. Asked signed, like "
        "a webhook. What it names and nobody received is taken in.",
    )
    list_every_hours = fields.Integer(
        string="Compare every (hours)", default=1, help="How often the list is asked."
    )
    reconciled_until = fields.Datetime(
        readonly=True,
        copy=False,
        help="Watermark: up to this moment, all that the source has is here.",
    )
    list_asked_at = fields.Datetime(readonly=True, copy=False)
    run_ids = fields.One2many("retail.reconciliation.run", "source_id", readonly=True)
    completeness = fields.Float(
        string="Completeness %",
        compute="_compute_completeness",
        help="Of what the source listed in the last 30 days, how much had arrived by "
        "itself. Empty without a list.",
    )

    def _compute_completeness(self):
        known = self.env["retail.reconciliation.run"]._completeness_of(self)
        for source in self:
            source.completeness = known.get(source, 0)

    @api.constrains("list_url", "list_every_hours")
    def _check_list_url(self):
        allowances = self.env["retail.egress.rule"]._allowances()
        for source in self.filtered("list_url"):
            if source.list_every_hours < 1:
                raise ValidationError(
                    self.env._("Compare every hour or more seldom, not more often.")
                )
            try:
                egress.check_url(source.list_url, allowances)
            except egress.EgressError as error:
                raise ValidationError(
                    self.env._(
                        "Nothing may be asked of %(url)s: %(reason)s. A retail "
                        "administrator can allow it under Egress rules.",
                        url=source.list_url,
                        reason=error,
                    )
                ) from error

    def action_open_runs(self):
        """Show the reconciliations of the source."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_integrations.action_reconciliation_run"
        )
        return {**action, "domain": [("source_id", "=", self.id)], "context": {}}

    def action_compare_now(self):
        """Have the list asked at the next run of the Scheduled Action."""
        self.ensure_one()
        self.check_access("read")
        self.env["retail.wakeup"]._wake("retail_ops_integrations.cron_reconcile")
        self.sudo().list_asked_at = False
        return self.action_open_runs()

    # === Asking === #
    @api.model
    def _due_for_list(self):
        if self.env["retail.counterpart"]._database_is_neutralized():
            return self.browse()
        now = fields.Datetime.now()
        sources = self.search([("state", "=", "active"), ("list_url", "!=", False)])
        return sources.filtered(
            lambda source: not source.list_asked_at
            or source.list_asked_at + timedelta(hours=source.list_every_hours) <= now
        )

    def _fetch_list(self, commit_progress):
        """Ask for the list since the watermark, outside any transaction.

        :param commit_progress: function that ends the transaction
        :return: seconds left for this run of the Scheduled Action
        """
        until = fields.Datetime.now().replace(microsecond=0) - GRACE
        since = min(self._listed_until() or until - FIRST_WINDOW, until) - OVERLAP
        question = self._list_question(since, until)
        self.list_asked_at = fields.Datetime.now()
        commit_progress()
        content, error = _ask(*question)
        self._take_list(since, until, content, error)
        return commit_progress(1)

    def _listed_until(self):
        """Return up to when its list was found in order, or where the first began."""
        runs = self.env["retail.reconciliation.run"]
        first = runs.search(
            [("source_id", "=", self.id), ("origin", "=", "list")], order="id", limit=1
        )
        return self.reconciled_until or first.period_from

    def _list_question(self, since, until):
        """Return all that is needed to ask: url, headers, allowances."""
        separator = "&" if "?" in self.list_url else "?"
        period = urlencode(
            {"since": f"{since.isoformat()}Z", "until": f"{until.isoformat()}Z"}
        )
        headers = standard_webhooks.sign(
            self._list_keys(), "list_" + secrets.token_hex(8), int(time.time()), b""
        )
        allowances = self.env["retail.egress.rule"]._allowances()
        return f"{self.list_url}{separator}{period}", headers, allowances

    def _list_keys(self):
        """Return the keys that sign; those of a sender's own scheme never do."""
        keys = self.key_ids.filtered_domain(self.env["retail.source.key"]._in_force())
        return keys.filtered(
            lambda key: key.scheme == "standard_webhooks"
        )._signing_keys()

    def _take_list(self, since, until, content, error):
        """Make a reconciliation of the answer, or note why there is none."""
        run = self.env["retail.reconciliation.run"].create(
            {
                "source_id": self.id,
                "origin": "list",
                "period_from": since,
                "period_to": until,
                "content": base64.b64encode(content or b""),
                "filename": f"{self.code}.jsonl",
            }
        )
        if error:
            run.write({"state": "failed", "error": error})
            return
        try:
            run._begin()
        except UserError as unreadable:
            run.write({"state": "failed", "error": str(unreadable)})


def _ask(url, headers, allowances):
    """Return (bytes or None, error or None); holds no transaction."""
    try:
        target = egress.parse_url(url)
        session, leash = transport.open_session(target, allowances)
    except (egress.EgressError, OSError) as error:
        return None, str(error)
    try:
        return transport.fetch(session, leash, url, headers, MAX_BYTES, DEADLINE)
    finally:
        session.close()
        leash.close()
