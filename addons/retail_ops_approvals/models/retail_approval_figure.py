from odoo import fields, models
from odoo.tools import SQL

from odoo.addons.retail_ops_core.models.retail_exception_type import FAMILIES

OUTCOMES = [
    ("approved", "Approved"),
    ("within", "Within the limit: an explicit row asks nobody"),
    ("waiting", "Waiting"),
    ("blocked", "Blocked: nobody can decide"),
    ("rejected", "Rejected"),
    ("ended", "Withdrawn or lapsed"),
    ("unapproved", "Breach: finished without approval"),
]


class RetailApprovalFigure(models.Model):
    """Each request as figures, and each case that was finished without one."""

    _name = "retail.approval.figure"
    _description = "Approval Figure"
    _auto = False
    _order = "requested_at desc, id desc"
    _rec_name = "document_name"

    request_id = fields.Many2one("retail.approval.request", readonly=True)
    document_name = fields.Char(string="About", readonly=True)
    res_model = fields.Char(readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", readonly=True, aggregator=None
    )
    kind_id = fields.Many2one("retail.request.kind", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    store_id = fields.Many2one("retail.store", readonly=True)
    region_id = fields.Many2one("retail.region", readonly=True)
    family = fields.Selection(
        FAMILIES,
        readonly=True,
        help="Family of the exception that it is about; empty for other documents.",
    )
    requester_id = fields.Many2one("res.users", string="Asked by", readonly=True)
    policy_id = fields.Many2one("retail.approval.policy", readonly=True)
    requested_at = fields.Datetime(readonly=True)
    decided_at = fields.Datetime(readonly=True)
    outcome = fields.Selection(
        OUTCOMES,
        string="Policy outcome",
        readonly=True,
        help="A breach is a case that was finished although the matrix held it and no "
        "approved request is about it.",
    )
    amount = fields.Monetary(
        string="Value", readonly=True, help="In the currency of the company."
    )
    request_count = fields.Integer(string="Cases", readonly=True)
    waiting_count = fields.Integer(string="Waiting now", readonly=True)
    overdue_count = fields.Integer(
        string="Overdue now",
        readonly=True,
        help="Waits, and the deadline of the step asked has passed.",
    )
    rework_count = fields.Integer(
        string="Asked again",
        readonly=True,
        help="An earlier request about the same document was rejected, withdrawn or "
        "lapsed.",
    )
    automatic_share = fields.Float(
        string="Needed nobody (%)",
        aggregator="avg",
        readonly=True,
        help="Requests that an explicit row let pass, in percent of all.",
    )
    hours = fields.Float(
        string="Hours to the decision",
        aggregator="avg",
        readonly=True,
        help="From request to last decision, where people decided. See Turnaround "
        "for the median and the slowest in twenty.",
    )

    @property
    def _table_query(self):
        return SQL("%s UNION ALL %s", self._query_of_requests(), self._query_of_rest())

    def _query_of_requests(self):
        return SQL(
            """
            SELECT request.id, request.id AS request_id, request.document_name,
                   request.res_model, request.res_id, request.kind_id,
                   request.company_id, request.store_id, request.region_id,
                   NULLIF(request.family, '') AS family, request.requester_id,
                   request.policy_id, request.requested_at, request.decided_at,
                   request.company_amount AS amount,
                   CASE WHEN request.is_automatic THEN 'within'
                        WHEN request.state IN ('withdrawn', 'lapsed') THEN 'ended'
                        WHEN request.state <> 'pending' THEN request.state
                        WHEN request.is_blocked THEN 'blocked'
                        ELSE 'waiting'
                    END AS outcome,
                   1 AS request_count,
                   (request.state = 'pending')::int AS waiting_count,
                   (request.state = 'pending' AND request.due_at
                        < timezone('utc', now()))::int AS overdue_count,
                   EXISTS (SELECT FROM retail_approval_request AS earlier
                            WHERE earlier.res_model = request.res_model
                              AND earlier.res_id = request.res_id
                              AND earlier.kind_id = request.kind_id
                              AND earlier.id < request.id
                              AND earlier.state IN ('rejected', 'withdrawn', 'lapsed')
                   )::int AS rework_count,
                   CASE WHEN request.is_automatic THEN 100.0 ELSE 0.0
                    END AS automatic_share,
                   CASE WHEN NOT COALESCE(request.is_automatic, false)
                        THEN EXTRACT(EPOCH FROM
                             request.decided_at - request.requested_at) / 3600
                    END AS hours
              FROM retail_approval_request AS request
            """
        )

    def _query_of_rest(self):
        """Return the cases that the matrix held and that nobody approved."""
        cases = self.env["retail.exception"]
        return SQL(
            """
            SELECT -exc.id, NULL, exc.name, 'retail.exception', exc.id,
                   type.approval_kind_id, exc.company_id, exc.store_id,
                   exc.region_id, exc.family, exc.create_uid, NULL, exc.opened_at,
                   exc.resolved_at, exc.impact_amount, 'unapproved',
                   1, 0, 0, 0, 0.0, NULL
              FROM retail_exception AS exc
              %s
             WHERE %s AND NOT %s
            """,
            cases._held_joins(),
            cases._held_condition(),
            cases._approved_condition(),
        )

    def action_open_document(self):
        """Open the request, or the case that has none."""
        self.ensure_one()
        if self.request_id:
            return self.request_id.action_open()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }
