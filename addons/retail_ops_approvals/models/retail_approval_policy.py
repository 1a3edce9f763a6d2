from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..tools import matrix

CONTROLLED = {
    "state",
    "version",
    "author_ids",
    "publisher_id",
    "published_at",
    "in_force_from",
    "superseded_at",
}
FROZEN = {
    "name",
    "code",
    "company_id",
    "reference",
    "change_reason",
    "effective_from",
    "rule_ids",
    "variant_ids",
}


class RetailApprovalPolicy(models.Model):
    """One version of an approval policy: written by some, published by another."""

    _name = "retail.approval.policy"
    _description = "Approval Policy"
    _inherit = ["mail.thread"]
    _order = "code, version desc, id desc"

    name = fields.Char(required=True)
    code = fields.Char(
        required=True,
        help="Joins the versions of one policy: publishing a version replaces the "
        "one before it with the same code.",
    )
    version = fields.Integer(default=1, readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("published", "Published"),
            ("superseded", "Superseded"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        help="Empty: the policy holds in every company that has none of its own for "
        "the kind of request.",
    )
    owner_id = fields.Many2one(
        "res.users",
        required=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Answers for the policy, and gets every request nobody could decide.",
    )
    reference = fields.Char(
        string="Policy reference",
        help="Where the written policy stands: its number, page or address.",
    )
    change_reason = fields.Text(
        string="Change reason",
        copy=False,
        help="Why this version differs from the one before.",
    )
    effective_from = fields.Datetime(
        string="Effective from",
        copy=False,
        help="From then on new requests follow this version. Empty: from the moment "
        "it is published. Requests under way keep the version they started with.",
    )
    author_ids = fields.Many2many(
        "res.users",
        relation="retail_approval_policy_author_rel",
        string="Written by",
        readonly=True,
        copy=False,
        help="Everybody who changed the draft. None of them can publish it.",
    )
    publisher_id = fields.Many2one(
        "res.users",
        string="Published by",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Empty on a version that came with the addon and that nobody has "
        "replaced yet.",
    )
    published_at = fields.Datetime(readonly=True, copy=False)
    in_force_from = fields.Datetime(readonly=True, copy=False)
    superseded_at = fields.Datetime(readonly=True, copy=False)
    rule_ids = fields.One2many(
        "retail.approval.rule",
        "policy_id",
        string="Rules",
        domain=[("base_id", "=", False)],
        copy=False,
    )
    variant_ids = fields.One2many(
        "retail.approval.rule",
        "policy_id",
        string="Region variants",
        domain=[("base_id", "!=", False)],
        copy=False,
        help="Rows that a region has with limits of its own, within what the row "
        "allows, or with more people asked.",
    )
    findings = fields.Text(
        compute="_compute_findings",
        help="What to look at before publishing: amounts nobody covers, rows that "
        "can never decide, steps without people.",
    )

    _version_unique = models.Constraint(
        "UNIQUE(code, version)", "This version of the policy exists already."
    )

    @api.depends("name", "version")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = f"{policy.name} v{policy.version}"

    # === WHO MAY CHANGE WHAT === #

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CONTROLLED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _note_author(self):
        """Keep who changes a draft; refuse to change anything else."""
        self._check_draft()
        policies = self.sudo()
        for policy in policies:
            if self.env.user not in policy.author_ids:
                policy.author_ids |= self.env.user

    def _check_draft(self):
        for policy in self.sudo():
            if policy.state != "draft":
                raise UserError(
                    self.env._(
                        "%(policy)s is no draft any more and cannot be changed: make "
                        "a new version of it instead.",
                        policy=policy.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(
            [vals | {"state": "draft", "publisher_id": False} for vals in vals_list]
            if self.env.su
            else vals_list
        )
        policies._note_author()
        return policies

    def write(self, vals):
        if FROZEN & set(vals):
            self._note_author()
        before = {policy: policy.owner_id.id for policy in self}
        result = super().write(vals)
        if "owner_id" in vals:
            facts = [
                {"from": before[policy], "to": vals["owner_id"]} for policy in self
            ]
            ledger = self.env["retail.audit.entry"]
            ledger._record(self, "approval.policy.owner", facts)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_only_drafts(self):
        self._check_draft()
        facts = [{"code": each.code, "version": each.version} for each in self]
        self.env["retail.audit.entry"]._record(self, "approval.draft.removed", facts)

    # === VERSIONS === #

    def action_new_version(self):
        """Open a draft of the next version, with the same rules and steps.

        :return: action of the draft's form
        """
        self.ensure_one()
        self.check_access("write")
        latest = self._latest()
        if latest.state == "draft":
            draft = latest
        else:
            draft = self._copy_as_version(latest.version + 1)
        return draft._open_form()

    def _latest(self):
        return self.sudo().search([("code", "=", self.code)], limit=1)

    def _open_form(self):
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }

    def _copy_as_version(self, version, **values):
        [vals] = self.copy_data(values)
        draft = self.sudo().create(vals | {"version": version}).sudo(False)
        for rule in self.rule_ids:
            new_rule = rule._copy_with_steps({"policy_id": draft.id})
            for variant in rule.variant_ids:
                variant._copy_with_steps(
                    {"policy_id": draft.id, "base_id": new_rule.id}
                )
        return draft

    def action_publish(self):
        """Put the draft into force; somebody else than its authors has to do it.

        :raise UserError: when the caller wrote at it, or a row is not complete
        """
        for policy in self:
            policy.check_access("write")
            policy._lock()
            policy._check_publishable()
            policy.sudo()._publish(self.env.user)
        return True

    def _lock(self):
        self.env.cr.execute(
            "SELECT id FROM retail_approval_policy WHERE id IN %s FOR UPDATE",
            [tuple(self.ids)],
        )
        self.invalidate_recordset()

    def _check_publishable(self):
        self._check_draft()
        if self.env.user in self.author_ids:
            raise UserError(
                self.env._(
                    "You wrote at this version: ask somebody else to read and publish "
                    "it. Nobody puts his own rules into force."
                )
            )
        self._check_complete()

    def _check_complete(self):
        if not self.rule_ids:
            raise UserError(
                self.env._("A policy without rules decides nothing: add one.")
            )
        for rule in self._all_rules():
            if rule.outcome == "steps" and not rule._asked_steps():
                raise UserError(
                    self.env._(
                        "“%(line)s” needs approval, but asks nobody: add a step, or "
                        "say that no approval is needed.",
                        line=rule.line,
                    )
                )
        self._check_no_other_policy()

    def _check_no_other_policy(self):
        other = self.env["retail.approval.rule"].search(
            [
                ("kind_id", "in", self.rule_ids.kind_id.ids),
                ("policy_id.state", "=", "published"),
                ("policy_id.code", "!=", self.code),
                ("policy_id.company_id", "=", self.company_id.id),
            ],
            limit=1,
        )
        if other:
            raise UserError(
                self.env._(
                    "“%(kind)s” is ruled by %(policy)s already: one policy decides "
                    "about a kind. Move the rows there, or take them out here.",
                    kind=other.kind_id.name,
                    policy=other.policy_id.display_name,
                )
            )

    def _publish(self, publisher):
        now = fields.Datetime.now()
        self.write(
            {
                "state": "published",
                "publisher_id": publisher.id,
                "published_at": now,
                "in_force_from": max(self.effective_from or now, now),
            }
        )
        self._supersede_older()
        self._record_publication()

    @api.model
    def _publish_shipped(self, xmlid="retail_ops_approvals.policy_standard"):
        """Put the policy that comes with an addon into force, where none is.

        Nobody is named as its publisher: it holds until a company publishes its own.

        :param xmlid: name of the policy
        """
        policy = self.env.ref(xmlid)
        if policy.state == "draft" and not self.search_count(
            [("code", "=", policy.code), ("state", "!=", "draft")]
        ):
            policy._check_complete()
            policy._publish(self.env["res.users"])

    def _supersede_older(self):
        """Close the versions before those whose time has come."""
        now = fields.Datetime.now()
        for policy in self.filtered(lambda each: each.in_force_from <= now):
            older = self.search(
                [
                    ("code", "=", policy.code),
                    ("state", "=", "published"),
                    ("version", "<", policy.version),
                ]
            )
            older.write({"state": "superseded", "superseded_at": now})
        self.env.registry.clear_cache()

    @api.model
    def _supersede_due(self):
        """Close versions that one with a later date has replaced by now."""
        self.search([("state", "=", "published")])._supersede_older()

    def _all_rules(self):
        """Return rows and region variants, each variant behind its row."""
        rules = self.sudo().rule_ids.sorted(lambda rule: (rule.sequence, rule.id))
        return rules.browse(
            each for rule in rules for each in (rule | rule.variant_ids).ids
        )

    def _record_publication(self):
        rules = self._all_rules()
        facts = {
            "code": self.code,
            "version": self.version,
            "author_ids": self.author_ids.ids,
            "publisher_id": self.publisher_id.id or None,
            "in_force_from": fields.Datetime.to_string(self.in_force_from),
            "rules": [list(map(str, row)) for row in rules._compile()],
            "steps": rules.step_ids.mapped(
                lambda step: [step.rule_id.id, step.sequence, step._label()]
            ),
        }
        self.env["retail.audit.entry"]._record(self, "approval.policy.published", facts)

    # === ROUTING === #

    @api.model
    def _in_force(self, kinds, companies, moment=None):
        """Return which version decides, for each kind and company.

        :param kinds: retail.request.kind
        :param companies: res.company
        :param moment: naive UTC datetime, now when empty
        :return: dict of ``(kind, company)`` to retail.approval.policy
        """
        now = moment or fields.Datetime.now()
        newest = {
            code: (policy_id, company_id)
            for policy_id, code, company_id, start in self._published()
            if start <= now
        }
        in_force = {}
        for policy_id, company_id in sorted(newest.values(), key=lambda each: each[1]):
            policy = self.sudo().browse(policy_id)
            bound = companies.browse(company_id) if company_id else companies
            for kind in kinds.filtered(lambda each: each.id in policy._matrices()):  # noqa: B023
                in_force.update({(kind, company): policy for company in bound})
        return in_force

    @api.model
    @tools.ormcache()
    def _published(self):
        """Return ``(id, code, company id or 0, in force from)``, oldest first."""
        policies = self.sudo().search(
            [("state", "=", "published")], order="in_force_from, version"
        )
        return tuple(
            (policy.id, policy.code, policy.company_id.id or 0, policy.in_force_from)
            for policy in policies
        )

    def _matrix(self, kind):
        """Return the compiled rows for a kind.

        :param kind: retail.request.kind
        :return: :class:`..tools.matrix.Matrix`
        """
        return self._matrices()[kind.id]

    @tools.ormcache("self.id")
    def _matrices(self):
        return self._compile_matrices()

    def _compile_matrices(self):
        """Return a kind's id to its compiled rows, as they are now, draft or not."""
        rules = self.sudo().rule_ids.sorted(lambda rule: (rule.sequence, rule.id))
        return {
            kind.id: matrix.Matrix(of_kind._compile(), of_kind.variant_ids._compile())
            for kind, of_kind in rules.grouped("kind_id").items()
        }
