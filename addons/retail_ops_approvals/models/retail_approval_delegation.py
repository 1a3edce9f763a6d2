from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

CONTROLLED = {"revoked_at", "revoked_by_id", "handed_over_at", "handed_back_at"}


class RetailApprovalDelegation(models.Model):
    """Somebody stands in for an absent person: for a time, kinds and an amount.

    It gives nothing that the absent person could not decide himself, and it is read
    at the moment of each decision: what has expired or was revoked decides nothing.
    """

    _name = "retail.approval.delegation"
    _description = "Delegation"
    _allow_sudo_commands = False
    _order = "date_from desc, id desc"
    _rec_name = "reason"

    user_id = fields.Many2one(
        "res.users",
        string="Absent",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index=True,
        ondelete="restrict",
        help="Whose decisions somebody else may take.",
    )
    delegate_id = fields.Many2one(
        "res.users",
        string="Stands in",
        required=True,
        domain=[("share", "=", False)],
        index=True,
        ondelete="restrict",
        help="Decides on behalf of the absent person. He never decides what he asked "
        "for or had a hand in, and he cannot pass it on.",
    )
    date_from = fields.Datetime(
        string="From",
        required=True,
        default=fields.Datetime.now,
        help="Requests that are open then, and all that come until the end, may be "
        "decided by the delegate too.",
    )
    date_to = fields.Datetime(
        string="Until",
        required=True,
        help="From then on the delegation decides nothing, without anybody doing "
        "anything.",
    )
    kind_ids = fields.Many2many(
        "retail.request.kind",
        relation="retail_approval_delegation_kind_rel",
        string="Only for",
        help="Empty: every kind of request.",
    )
    amount_limit = fields.Float(
        string="Up to",
        digits=(16, 2),
        help="Requests above this amount stay with the absent person. It is an amount "
        "in the currency of the request's company. 0: no limit.",
    )
    reason = fields.Char(required=True, help="Such as: annual leave.")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("in_force", "In force"),
            ("over", "Over"),
            ("revoked", "Revoked"),
        ],
        compute="_compute_state",
    )
    can_revoke = fields.Boolean(compute="_compute_can_revoke")
    revoked_at = fields.Datetime(readonly=True, copy=False)
    revoked_by_id = fields.Many2one(
        "res.users", string="Revoked by", readonly=True, copy=False, ondelete="restrict"
    )
    handed_over_at = fields.Datetime(readonly=True, copy=False)
    handed_back_at = fields.Datetime(readonly=True, copy=False)
    decision_ids = fields.One2many(
        "retail.approval.decision", "delegation_id", string="Decisions", readonly=True
    )

    _not_to_himself = models.Constraint(
        "CHECK(user_id <> delegate_id)", "Choose somebody else to stand in."
    )
    _ends_after_it_begins = models.Constraint(
        "CHECK(date_to > date_from)", "The delegation has to end after it begins."
    )
    _limit_not_negative = models.Constraint(
        "CHECK(amount_limit >= 0)", "The limit cannot be below zero; 0 is no limit."
    )
    _alive_idx = models.Index("(delegate_id, date_to) WHERE revoked_at IS NULL")

    @api.depends("user_id", "delegate_id")
    def _compute_display_name(self):
        for delegation in self:
            delegation.display_name = self.env._(
                "%(delegate)s for %(user)s",
                delegate=delegation.delegate_id.name,
                user=delegation.user_id.name,
            )

    @api.depends("date_from", "date_to", "revoked_at")
    def _compute_state(self):
        now = fields.Datetime.now()
        for delegation in self:
            if delegation.revoked_at:
                delegation.state = "revoked"
            elif delegation.date_to and delegation.date_to <= now:
                delegation.state = "over"
            elif delegation.date_from and delegation.date_from > now:
                delegation.state = "planned"
            else:
                delegation.state = "in_force"

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_revoke(self):
        for delegation in self:
            alive = delegation.state in ("planned", "in_force")
            delegation.can_revoke = alive and delegation._may_revoke(self.env.user)

    # === WHO MAY MAKE ONE === #

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        delegations._check_maker()
        delegations.sudo()._tell("approval.delegation.made")
        delegations.sudo()._hand_over()
        return delegations

    def _check_maker(self):
        """Nobody makes himself another's delegate, administrators included."""
        for delegation in self.filtered(lambda each: each.delegate_id == self.env.user):
            raise AccessError(
                self.env._(
                    "You cannot make yourself the one who stands in: ask %(user)s or "
                    "another administrator to do it.",
                    user=delegation.user_id.name,
                )
            )

    @api.constrains("delegate_id")
    def _check_delegate(self):
        for delegation in self.sudo():
            if delegation.delegate_id.share or not delegation.delegate_id.active:
                raise ValidationError(
                    self.env._("Choose an active internal user to stand in.")
                )

    @api.constrains("user_id", "delegate_id", "date_from", "date_to")
    def _check_no_chain(self):
        for delegation in self.sudo():
            other = delegation._find_chain()
            if other:
                raise ValidationError(
                    self.env._(
                        "“%(other)s” holds in the same time. Who stands in decides "
                        "himself and cannot pass it on: choose somebody else, or "
                        "other dates.",
                        other=other.display_name,
                    )
                )

    def _find_chain(self):
        return self.search(
            [
                ("id", "!=", self.id),
                ("revoked_at", "=", False),
                ("date_from", "<", self.date_to),
                ("date_to", ">", self.date_from),
                "|",
                ("user_id", "=", self.delegate_id.id),
                ("delegate_id", "=", self.user_id.id),
            ],
            limit=1,
        )

    def write(self, vals):
        if not set(vals) <= CONTROLLED:
            raise AccessError(
                self.env._(
                    "A delegation stands as it was made: revoke it and make another."
                )
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(
            self.env._("Delegations explain decisions and stay: revoke it instead.")
        )

    # === REVOKE === #

    def action_revoke(self):
        """End the delegation now; doing it twice changes nothing.

        :raise AccessError: to anybody but the absent person and administrators
        """
        self.check_access("read")
        for delegation in self:
            if not delegation._may_revoke(self.env.user):
                raise AccessError(
                    self.env._(
                        "Only %(user)s or a retail administrator can revoke it.",
                        user=delegation.user_id.name,
                    )
                )
        self.sudo()._revoke(self.env.user)
        return True

    def _may_revoke(self, user):
        is_admin = user.has_group("retail_ops_core.group_admin")
        return is_admin or user == self.user_id

    def _revoke(self, user):
        alive = self.filtered(lambda each: not each.revoked_at)
        alive.write({"revoked_at": fields.Datetime.now(), "revoked_by_id": user.id})
        alive._tell("approval.delegation.revoked")
        alive._hand_back()

    def _tell(self, action):
        facts = [delegation._ledger_facts() for delegation in self]
        self.env["retail.audit.entry"]._record(self, action, facts)

    def _ledger_facts(self):
        return {
            "user_id": self.user_id.id,
            "delegate_id": self.delegate_id.id,
            "from": fields.Datetime.to_string(self.date_from),
            "to": fields.Datetime.to_string(self.date_to),
            "kinds": self.kind_ids.mapped("code"),
            "amount_limit": self.amount_limit,
        }

    # === WHAT IT COVERS === #

    @api.model
    def _in_force_domain(self):
        now = fields.Datetime.now()
        return [
            ("revoked_at", "=", False),
            ("date_from", "<=", now),
            ("date_to", ">", now),
        ]

    def _covers(self, request):
        """Tell whether the request is of a kind and an amount it was made for."""
        kinds, limit = self.kind_ids, self.amount_limit
        within = not limit or request.company_amount <= limit
        return within and (not kinds or request.kind_id in kinds)

    def _requests_domain(self):
        """Return the domain of the requests that these delegations open now."""
        return Domain.OR(delegation._requests_of_one() for delegation in self)

    def _requests_of_one(self):
        step = [("state", "=", "open"), ("approver_ids", "in", self.user_id.ids)]
        domain = Domain("state", "=", "pending") & Domain("step_ids", "any", step)
        if self.kind_ids:
            domain &= Domain("kind_id", "in", self.kind_ids.ids)
        if self.amount_limit:
            domain &= Domain("company_amount", "<=", self.amount_limit)
        return domain

    # === HANDING OVER AND BACK === #

    @api.model
    def _cron_hand_over(self):
        """Scheduled Action: ask those who stand in from now on, let go of the others.

        Only activities and followers move here; who may decide is read from the
        delegation itself at each decision.
        """
        over = [
            ("handed_over_at", "!=", False),
            ("handed_back_at", "=", False),
            ("date_to", "<=", fields.Datetime.now()),
        ]
        due = [*self._in_force_domain(), ("handed_over_at", "=", False)]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.search_count(over) + self.search_count(due))
        for delegation in self.search(over):
            delegation._hand_back()
            progress(1)
        for delegation in self.search(due):
            delegation._hand_over()
            progress(1)

    def _hand_over(self):
        for delegation in self.filtered(lambda each: each.state == "in_force"):
            requests = self.env["retail.approval.request"].sudo()
            for request in requests.search(delegation._requests_domain()):
                request._ask(request._steps_in("open"))
            delegation.handed_over_at = fields.Datetime.now()

    def _hand_back(self):
        activities = self.env["mail.activity"].sudo()
        requests = self.env["retail.approval.request"].sudo()
        for delegation in self:
            delegate = delegation.delegate_id
            asked = activities.search(
                [("res_model", "=", requests._name), ("user_id", "=", delegate.id)]
            )
            for request in requests.browse(asked.mapped("res_id")):
                if request._reason_not_to_decide(delegate):
                    request._let_go(delegate)
        self.handed_back_at = fields.Datetime.now()
