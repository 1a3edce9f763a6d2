from odoo import fields, models
from odoo.exceptions import UserError


class RetailApprovalPolicy(models.Model):
    """Who answers for a policy, and what the register forbids it."""

    _inherit = "retail.approval.policy"

    owner_id = fields.Many2one(string="Business owner")
    technical_owner_id = fields.Many2one(
        "res.users",
        string="IT owner",
        required=True,
        default=lambda self: self.env.ref("base.user_admin"),
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Answers for its running: Scheduled Actions, access, what is carried out "
        "once approved.",
    )

    def _check_complete(self):
        result = super()._check_complete()
        self._check_register()
        return result

    def _check_register(self):
        """Refuse to let pass what the policy register says people decide.

        :raise UserError: naming row and kind
        """
        for rule in self._all_rules():
            if rule.outcome == "none" and rule.kind_id.handling != "automatic":
                raise UserError(
                    self.env._(
                        "“%(line)s” lets pass what the policy register says people "
                        "decide. Let the row ask somebody, or class “%(kind)s” as "
                        "automated within limits.",
                        line=rule.line,
                        kind=rule.kind_id.name,
                    )
                )

    def _facts_of_people(self):
        facts = super()._facts_of_people()
        it_owner = (self.env._("IT owner"), self.sudo().technical_owner_id.name)
        return [facts[0], it_owner, *facts[1:]]
