from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import ValidationError

APPROVERS = [
    ("group", "A role"),
    ("user", "A person"),
    ("store_manager", "The store's manager"),
    ("region_manager", "The region's manager"),
    ("cost_centre", "The cost centre's owner"),
]
NEEDS = [
    ("any", "Any one of them"),
    ("all", "All of them"),
    ("number", "A number of them"),
]
ESCALATIONS = [
    ("none", "Nobody"),
    ("region", "The next manager up the region tree"),
    ("role", "A role"),
]


class RetailApprovalStep(models.Model):
    _name = "retail.approval.step"
    _description = "Approval Step"
    _inherit = ["retail.approval.version.part"]
    _order = "rule_id, sequence, id"

    rule_id = fields.Many2one(
        "retail.approval.rule", required=True, index=True, ondelete="cascade"
    )
    policy_id = fields.Many2one(related="rule_id.policy_id")
    sequence = fields.Integer(
        string="Order",
        default=10,
        help="Steps of the same order are asked at the same time; a later order is "
        "asked when all before it have approved.",
    )
    approver = fields.Selection(
        APPROVERS,
        required=True,
        default="group",
        help="Who is asked. Name a role or a place in the network rather than a "
        "person: the matrix then stays right when people change.",
    )
    group_id = fields.Many2one(
        "res.groups", string="Role", help="Everybody who holds this role is asked."
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        domain=[("share", "=", False)],
        ondelete="restrict",
        help="Decides this step in every store. Prefer a role: it stays when people "
        "go.",
    )
    region_level = fields.Integer(
        string="Levels up",
        help="0: the manager of the store's own region; 1: of the region above it.",
    )
    need = fields.Selection(
        NEEDS,
        required=True,
        default="any",
        help="How many of those asked have to approve.",
    )
    needed_number = fields.Integer(
        string="Number",
        default=1,
        help="How many have to approve, where neither all nor any one is enough.",
    )
    hours = fields.Float(
        string="Decide within (h)",
        help="Opening hours of the store. 0: no deadline.",
    )
    remind_hours = fields.Float(
        string="Remind after (h)",
        help="Opening hours of the store after which those asked are reminded once. "
        "0: no reminder.",
    )
    escalate = fields.Selection(
        ESCALATIONS,
        string="Escalate to",
        required=True,
        default="none",
        help="Who is asked as well when the deadline passes, or when nobody of those "
        "named may decide, as the request is their own.",
    )
    escalate_group_id = fields.Many2one(
        "res.groups",
        string="Escalation role",
        ondelete="restrict",
        help="Everybody who holds this role is asked as well.",
    )

    _numbers_make_sense = models.Constraint(
        "CHECK(region_level >= 0 AND needed_number >= 1 AND hours >= 0"
        " AND remind_hours >= 0)",
        "Levels and hours cannot be below zero, and at least one person has to "
        "approve.",
    )

    @api.constrains("escalate", "escalate_group_id")
    def _check_escalation(self):
        for step in self:
            if step.escalate == "role" and not step.escalate_group_id:
                raise ValidationError(self.env._("Say to which role it escalates."))

    @api.constrains("approver", "group_id", "user_id")
    def _check_approver(self):
        for step in self:
            if step.approver == "group" and not step.group_id:
                raise ValidationError(self.env._("Say which role is asked."))
            if step.approver == "user" and not step.user_id:
                raise ValidationError(self.env._("Say which person is asked."))

    @api.depends("approver", "group_id", "user_id", "region_level", "need")
    def _compute_display_name(self):
        for step in self:
            step.display_name = step._label()

    def _label(self):
        who = self._who()
        if self.need == "all":
            return self.env._("all of %(who)s", who=who)
        if self.need == "number":
            return self.env._(
                "%(number)s of %(who)s", number=self.needed_number, who=who
            )
        return who

    def _who(self):
        if self.approver == "group":
            return self.group_id.name or ""
        if self.approver == "user":
            return self.user_id.name or ""
        if self.approver == "store_manager":
            return self.env._("Store manager")
        if self.approver == "cost_centre":
            return self.env._("Cost centre owner")
        if self.region_level:
            return self.env._("Regional manager +%(level)s", level=self.region_level)
        return self.env._("Regional manager")

    def _policies(self):
        return self.rule_id.policy_id

    @api.model
    def _policies_of(self, vals_list):
        rules = self.env["retail.approval.rule"].browse(
            vals["rule_id"] for vals in vals_list if vals.get("rule_id")
        )
        return rules.policy_id

    def _candidates(self, facts):
        """Return who is asked, before anybody is left out.

        :param facts: dict with ``store`` and ``cost_centre``, records, may be empty
        :return: list of res.users, one for each attempt: the next is tried when
            nobody of the one before may decide
        """
        self.ensure_one()
        attempts = self.sudo()._candidates_named(facts)
        if self.escalate == "role":
            attempts.append(self.sudo().escalate_group_id.all_user_ids)
        return attempts

    def _candidates_named(self, facts):
        step, store = self, facts["store"]
        if step.approver == "group":
            return [step.group_id.all_user_ids]
        if step.approver == "user":
            return [step.user_id]
        if step.approver == "store_manager":
            return [store.manager_id]
        if step.approver == "cost_centre":
            return [facts["cost_centre"].owner_id]
        levels = [step.region_level]
        if step.escalate == "region":
            depth = len((store.region_id.parent_path or "").split("/")) - 1
            levels = range(step.region_level, max(depth, step.region_level + 1))
        return [store.region_id._manager_at_level(level) for level in levels]

    def _resolve(self, request_facts):
        """Return who may decide this step, and who was left out.

        :param request_facts: dict with ``store``, ``cost_centre``, ``company`` and
            ``excluded``, the latter a dict of user id to the reason's code
        :return: ``(res.users, [{"user_id": id, "reason": code}])``
        """
        left_out, eligible = [], self.env["res.users"]
        for candidates in self._candidates(request_facts):
            reasons = {
                user: self._reason_against(user, request_facts) for user in candidates
            }
            eligible = candidates.filtered(lambda user: not reasons[user])  # noqa: B023
            left_out += [
                {"user_id": user.id, "reason": reason, "step": self._label()}
                for user, reason in reasons.items()
                if reason
            ]
            if eligible:
                break
        return eligible, left_out

    @api.model
    def _reason_against(self, user, request_facts):
        """Return the code of the reason why ``user`` may not decide, or an empty text.

        requester, raiser, assignee: a hand in the case. archived, outside: no
        internal user any more. machine: the account of a system. company: no access to
        the document's company.
        """
        if user.id in request_facts["excluded"]:
            return request_facts["excluded"][user.id]
        if not user.active:
            return "archived"
        if user.share or user.id == SUPERUSER_ID:
            return "outside"
        if user._is_machine():
            return "machine"
        if request_facts["company"] not in user.company_ids:
            return "company"
        return ""

    def _places(self, approvers):
        """Return how many of ``approvers`` have to approve."""
        if self.need == "all":
            return max(len(approvers), 1)
        return self.needed_number if self.need == "number" else 1
