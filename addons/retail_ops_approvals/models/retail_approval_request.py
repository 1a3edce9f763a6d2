from odoo import api, fields, models
from odoo.exceptions import AccessError

STATES = [
    ("pending", "Waiting"),
    ("approved", "Approved"),
    ("rejected", "Rejected"),
    ("withdrawn", "Withdrawn"),
    ("lapsed", "Lapsed"),  # the document changed, or the approval was not used
]
BLOCKS = [
    ("no_policy", "No published policy covers this kind of request"),
    ("no_row", "No row of the policy covers this request"),
    ("no_people", "Not enough people may decide"),
]
FROZEN = {
    "res_model",
    "res_id",
    "kind_id",
    "amount",
    "currency_id",
    "company_amount",
    "company_id",
    "store_id",
    "region_id",
    "cost_centre_id",
    "requester_id",
    "variance_percent",
    "fingerprint",
    "correlation_id",
    "requested_at",
}


class RetailApprovalRequest(models.Model):
    """One question to the matrix, with everything it was answered on."""

    _name = "retail.approval.request"
    _description = "Approval Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _allow_sudo_commands = False
    _mail_post_access = "read"
    _order = "due_at, id desc"

    name = fields.Char(string="Reference", required=True, readonly=True, copy=False)
    state = fields.Selection(
        STATES, default="pending", required=True, readonly=True, tracking=True
    )
    is_automatic = fields.Boolean(
        string="No approval needed",
        readonly=True,
        help="A row of the policy says explicitly that nobody has to decide.",
    )
    is_blocked = fields.Boolean(
        string="Blocked",
        readonly=True,
        tracking=True,
        help="Nobody can decide it as things stand: the policy's owner was told.",
    )
    block = fields.Selection(BLOCKS, string="Blocked because", readonly=True)
    owner_id = fields.Many2one(
        "res.users",
        string="Policy owner",
        required=True,
        readonly=True,
        ondelete="restrict",
    )

    # === What is asked === #
    kind_id = fields.Many2one(
        "retail.request.kind", required=True, readonly=True, ondelete="restrict"
    )
    res_model = fields.Char(string="Document type", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document", model_field="res_model", required=True, readonly=True
    )
    document_name = fields.Char(string="About", required=True, readonly=True)
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    company_amount = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="The amount in the company's currency on the day of the document.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company currency"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    store_id = fields.Many2one("retail.store", readonly=True, index=True)
    region_id = fields.Many2one("retail.region", readonly=True, index=True)
    cost_centre_id = fields.Many2one(
        "retail.cost.centre", string="Cost centre", readonly=True
    )
    family = fields.Char(readonly=True)
    variance_percent = fields.Float(string="Variance %", readonly=True)
    requester_id = fields.Many2one(
        "res.users",
        string="Asked by",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    requested_at = fields.Datetime(string="Waiting since", required=True, readonly=True)
    due_at = fields.Datetime(string="Due", readonly=True)
    decided_at = fields.Datetime(string="Decided at", readonly=True)
    valid_until = fields.Datetime(
        readonly=True, help="An approval that is not used by then lapses."
    )
    spent_at = fields.Datetime(
        string="Used at",
        readonly=True,
        help="When the approved action was done. An approval serves once.",
    )
    correlation_id = fields.Char(readonly=True, index=True)

    # === Why === #
    policy_id = fields.Many2one(
        "retail.approval.policy", readonly=True, ondelete="restrict"
    )
    policy_version = fields.Integer(readonly=True)
    rule_id = fields.Many2one(
        "retail.approval.rule",
        string="Policy row",
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    rule_line = fields.Char(string="Rule", readonly=True)
    snapshot = fields.Json(readonly=True)
    fingerprint = fields.Char(readonly=True, required=True)
    explanation = fields.Json(readonly=True)

    # === Who === #
    step_ids = fields.One2many(
        "retail.approval.request.step", "request_id", string="Steps"
    )
    decision_ids = fields.One2many(
        "retail.approval.decision", "request_id", string="Decisions"
    )
    decision_count = fields.Integer(
        readonly=True,
        help="Counted on the request itself, so that two decisions at the same "
        "instant meet in one row.",
    )

    _one_open_per_document = models.UniqueIndex(
        "(res_model, res_id, kind_id) WHERE state = 'pending'",
        "Approval for this document has been asked for already.",
    )
    _document_idx = models.Index("(res_model, res_id, kind_id)")
    _pending_idx = models.Index("(due_at, id) WHERE state = 'pending'")
    _unused_idx = models.Index(
        "(valid_until) WHERE state = 'approved' AND spent_at IS NULL"
    )

    # === WHO MAY CHANGE WHAT === #

    @api.model_create_multi
    def create(self, vals_list):
        sequence = self.env.ref("retail_ops_approvals.sequence_request").sudo()
        names = sequence._next_batch(len(vals_list))
        for vals, name in zip(vals_list, names, strict=True):
            vals["state"] = "pending"  # nothing is born decided
            vals["name"] = name
        return super().create(vals_list)

    def write(self, vals):
        if FROZEN & set(vals):
            raise AccessError(
                self.env._(
                    "What was asked stands as it was asked: withdraw the request and "
                    "make a new one."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(
            self.env._("Requests are the history of decisions and are never deleted.")
        )

    # === THE DOCUMENT === #

    def _document(self):
        """Return the governed document, as superuser."""
        self.ensure_one()
        return self.env[self.res_model].sudo().browse(self.res_id).exists()

    def _fits(self, documents):
        """Tell whether the request is still about the document as it is now.

        :param documents: recordset that holds the document
        """
        return self._is_valid() and self._says_the_same(documents.browse(self.res_id))

    def _is_valid(self):
        """Tell whether it may be used at this moment, its facts aside."""
        return not self.valid_until or self.valid_until >= fields.Datetime.now()

    def _says_the_same(self, document):
        """Tell whether the facts are those that it was asked on."""
        return self.fingerprint == document._approval_fingerprint(self.kind_id)

    def action_open_document(self):
        """Open the document that the request is about."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self.res_model,
            "res_id": self.res_id,
            "views": [(False, "form")],
        }

    def _publication_data(self):
        """Return the JSON-able facts that other systems hear about it."""
        self.ensure_one()
        return {
            "reference": self.name,
            "kind": self.kind_id.code,
            "document": self._document().display_name,
            "store": self.store_id.code or None,
            "region": self.region_id.code or None,
            "amount": {"amount": self.amount, "currency": self.currency_id.name},
            "state": self.state,
            "automatic": self.is_automatic,
            "blocked": self.block or None,
            "policy": self.policy_id.code or None,
            "policy_version": self.policy_version or None,
            "rule": self.rule_line or None,
            "approvals": self.decision_count,
            "due_at": fields.Datetime.to_string(self.due_at) if self.due_at else None,
            "correlation_id": self.correlation_id or None,
        }

    def _ledger_facts(self):
        """Return what the ledger keeps: ids, codes, amounts and digests."""
        return {
            "reference": self.name,
            "kind": self.kind_id.code,
            "document": [self.res_model, self.res_id],
            "amount": self.amount,
            "currency": self.currency_id.name,
            "state": self.state,
            "policy": [self.policy_id.code or None, self.policy_version or None],
            "rule_id": self.rule_id.id or None,
            "fingerprint": self.fingerprint,
            "requester_id": self.requester_id.id,
        }

    def _tell(self, topic, action=None):
        """Write a fact about each request into the ledger and to the publisher.

        :param topic: ``approval.requested`` or ``approval.decided``
        :param action: the ledger's code, where it says more than the topic
        """
        self.env["retail.audit.entry"]._record(
            self, action or topic, [request._ledger_facts() for request in self]
        )
        for request in self:
            self.env["retail.publisher"]._publish(
                topic,
                request._publication_data(),
                company=request.company_id,
                correlation_id=request.correlation_id,
                key=request._document_key(),
            )

    def _document_key(self):
        """Return the ordering key: a document's facts stay in order."""
        document = self._document()
        return document[document._rec_name] or f"{self.res_model},{self.res_id}"
