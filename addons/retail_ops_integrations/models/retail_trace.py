from odoo import api, fields, models, tools
from odoo.tools import SQL

PLACES = {
    "event": "partner",
    "attempt": "partner",
    "receipt": "partner",
    "exception": "store",
}

HOPS = (
    """
    SELECT event.id::bigint * 8 AS id, event.correlation_id,
           event.received_at AS at, 1 AS rank, 'event' AS kind,
           source.name AS party, event.type AS what,
           event.event_id AS outcome, event.company_id,
           'retail.event.job' AS res_model, job.id AS res_id
      FROM retail_event AS event
      JOIN retail_event_job AS job ON job.payload_id = event.id
      JOIN retail_source AS source ON source.id = event.source_id
    """,
    """
    SELECT event.id::bigint * 8 + 1, event.correlation_id, job.finished_at, 2,
           'processed', source.name, event.type,
           concat_ws(': ', job.state, job.reason), event.company_id,
           'retail.event.job', job.id
      FROM retail_event_job AS job
      JOIN retail_event AS event ON event.id = job.payload_id
      JOIN retail_source AS source ON source.id = event.source_id
     WHERE job.finished_at IS NOT NULL
    """,
    """
    SELECT exception.id::bigint * 8 + 2, exception.correlation_id,
           exception.create_date, 3, 'exception', store.code,
           exception.name, exception.summary, exception.company_id,
           'retail.exception', exception.id
      FROM retail_exception AS exception
      JOIN retail_store AS store ON store.id = exception.store_id
    """,
    """
    SELECT outbox.id::bigint * 8 + 3, outbox.correlation_id,
           outbox.published_at, 4, 'published', NULL, outbox.type,
           outbox.message_id, outbox.company_id, 'retail.outbox', outbox.id
      FROM retail_outbox AS outbox
    """,
    """
    SELECT attempt.id::bigint * 8 + 4, outbox.correlation_id,
           attempt.attempted_at, 5, 'attempt', endpoint.name, outbox.type,
           concat_ws(' ', nullif(attempt.status, 0), attempt.error),
           outbox.company_id, 'retail.delivery', delivery.id
      FROM retail_delivery_attempt AS attempt
      JOIN retail_delivery AS delivery ON delivery.id = attempt.delivery_id
      JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id
      JOIN retail_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
    """,
    """
    SELECT receipt.id::bigint * 8 + 5, outbox.correlation_id,
           receipt.acknowledged_at, 6, 'receipt', endpoint.name, outbox.type,
           concat_ws(': ', receipt.status, receipt.detail),
           outbox.company_id, 'retail.delivery', delivery.id
      FROM retail_receipt AS receipt
      JOIN retail_delivery AS delivery ON delivery.id = receipt.delivery_id
      JOIN retail_outbox AS outbox ON outbox.id = delivery.outbox_id
      JOIN retail_endpoint AS endpoint ON endpoint.id = delivery.endpoint_id
    """,
    """
    SELECT entry.id::bigint * 8 + 6, entry.correlation_id, entry.recorded_at, 7,
           'person', partner.name, entry.action, entry.facts ->> 'reason',
           entry.company_id, entry.model, entry.res_id
      FROM retail_audit_entry AS entry
 LEFT JOIN res_users AS account ON account.id = entry.user_id
 LEFT JOIN res_partner AS partner ON partner.id = account.partner_id
     WHERE entry.model IN ('retail.event.job', 'retail.delivery')
       AND entry.correlation_id IS NOT NULL
       AND entry.action IN ('event.replayed', 'event.corrected', 'event.skipped',
                            'event.parked', 'delivery.resent', 'delivery.cancelled')
    """,
)


class RetailTrace(models.Model):
    """Every hop of a case, across store, headquarters and partners."""

    _name = "retail.trace"
    _description = "Trace"
    _auto = False
    _order = "at, rank"
    _rec_name = "what"

    correlation_id = fields.Char(readonly=True)
    at = fields.Datetime(string="When", readonly=True)
    rank = fields.Integer(readonly=True)
    kind = fields.Selection(
        [
            ("event", "Event received"),
            ("processed", "Event processed"),
            ("exception", "Exception raised"),
            ("published", "Fact published"),
            ("attempt", "Delivery attempt"),
            ("receipt", "Receipt"),
            ("person", "Step of a person"),
        ],
        string="Hop",
        readonly=True,
    )
    place = fields.Selection(
        [("store", "Store"), ("hq", "Headquarters"), ("partner", "Partner")],
        string="Where",
        compute="_compute_place",
        help="Where the hop happened.",
    )
    after_seconds = fields.Integer(
        string="After (s)",
        compute="_compute_after_seconds",
        help="Seconds since the first hop of the case.",
    )
    party = fields.Char(readonly=True, help="The system at the other end.")
    what = fields.Char(readonly=True)
    outcome = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Integer(readonly=True)

    def init(self):
        tools.drop_view_if_exists(self.env.cr, self._table)
        hops = SQL(" UNION ALL ").join(SQL(hop) for hop in self._hops())
        self.env.cr.execute(
            SQL("CREATE VIEW %s AS %s", SQL.identifier(self._table), hops)
        )

    @api.model
    def _hops(self):
        """Return one SELECT for each kind of hop; addons above may add their own."""
        return HOPS

    @api.depends("kind")
    def _compute_place(self):
        for hop in self:
            hop.place = PLACES.get(hop.kind, "hq")

    def _compute_after_seconds(self):
        cases = self.filtered("correlation_id").mapped("correlation_id")
        begun = dict(
            self._read_group(
                [("correlation_id", "in", cases)], ["correlation_id"], ["at:min"]
            )
        )
        for hop in self:
            first = begun.get(hop.correlation_id)
            hop.after_seconds = (hop.at - first).total_seconds() if first else 0

    @api.model
    def _open(self, correlation_id):
        """Return the action that shows one case."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_integrations.action_trace"
        )
        return {
            **action,
            "domain": [("correlation_id", "=", correlation_id)],
            "context": {},
            "name": self.env._("Trace %s", correlation_id),
        }

    def action_open_record(self):
        """Open what the hop is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
