from collections import defaultdict

from odoo import SUPERUSER_ID, fields, models
from odoo.fields import Domain

ALERT = "retail_ops_approvals.activity_policy_dead_end"
NAMED = 5


class RetailApprovalPolicy(models.Model):
    """Rows whose requests nobody could decide are found before and on publishing."""

    _inherit = "retail.approval.policy"

    def _find_problems(self):
        return super()._find_problems() + self._find_dead_ends()

    def _find_dead_ends(self):
        """Return sentences about requests that nobody could decide."""
        stuck = self._find_stuck(self._stores_ruled())
        return [*stuck, *self._find_lone_holders()]

    def _find_stuck(self, stores):
        """Return a sentence for each set of stores in which rows lead nowhere.

        :param stores: retail.store, those that matter of :meth:`_stores_ruled`
        """
        apart = self.env["retail.approval.incompatibility"]._sides()
        lines = defaultdict(list)
        for rule in self._all_rules().filtered(lambda rule: rule._names_people()):
            is_stuck, where = rule._stuck_in(stores, apart)
            if is_stuck:
                lines[where].append(rule.line)
        return [self._too_few_text(*item) for item in lines.items()]

    def _too_few_text(self, stores, lines):
        names = ", ".join(stores[:NAMED].mapped("code"))
        more = len(stores) - NAMED
        where = f" ({names} + {more})" if more > 0 else f" ({names})"
        return self.env._(
            "Too few different people may decide%(where)s. Such requests would go to "
            "the policy's owner: %(lines)s. Name the manager who is missing in the "
            "store or its region, or give the role to one more person.",
            where=where if stores else "",
            lines="; ".join(f"“{line}”" for line in lines),
        )

    def _find_lone_holders(self):
        """Who alone holds a role cannot have his own requests decided."""
        texts = [
            self.env._(
                "Nobody but %(names)s decides for %(step)s: what they ask for "
                "themselves would go to the policy's owner.",
                names=", ".join(holders.mapped("name")),
                step=step._label(),
            )
            for step in self._all_rules().step_ids
            if step.approver == "group"
            for holders in [step._active_holders()]
            if len(holders) == step._places(holders) <= NAMED
        ]
        return list(dict.fromkeys(texts))

    def _stores_ruled(self):
        # The office, made with the first alert, is no store: what it asks for goes
        # to the policy's owner, and keeps no wave of stores from going live.
        domain = Domain("active", "=", True) & Domain("format", "!=", "office")
        domain &= Domain("state", "!=", "closed")
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return self.env["retail.store"].sudo().search(domain)

    def _publish(self, publisher):
        result = super()._publish(publisher)
        dead_ends = self._find_stuck(self._stores_ruled())
        if publisher:  # the shipped version finds a network that is still empty
            dead_ends += self._find_empty_roles()
        if dead_ends:
            self._tell_dead_ends(dead_ends)
        return result

    def _tell_dead_ends(self, dead_ends):
        """Hand rows that lead nowhere to the policy's owner, with the reason."""
        text = "\n".join(dead_ends)
        self.env["mail.activity"].with_user(SUPERUSER_ID).create(
            {
                "activity_type_id": self.env.ref(ALERT).id,
                "res_model_id": self.env["ir.model"]._get_id(self._name),
                "res_id": self.id,
                "user_id": self.owner_id.id,
                "automated": True,
                "date_deadline": fields.Date.context_today(self),
                "summary": self.env._("Some requests would get stuck"),
                "note": text,
            }
        )
        self.message_post(body=text)
        facts = {"version": self.version, "rows": len(dead_ends)}
        self.env["retail.audit.entry"]._record(self, "approval.policy.dead_end", facts)
