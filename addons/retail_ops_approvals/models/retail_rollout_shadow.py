from odoo import api, fields, models


class RetailRolloutShadow(models.Model):
    """What the matrix would have done, beside who did it."""

    _inherit = "retail.rollout.shadow"

    subject = fields.Selection(
        selection_add=[("route", "Approval route")], ondelete={"route": "cascade"}
    )
    approver_ids = fields.Many2many(
        "res.users",
        relation="retail_rollout_shadow_approver_rel",
        string="Would be asked",
        readonly=True,
    )
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True)

    @api.model
    def _done_by(self, rows, user):
        """Return the rows with who did it first; who was named before stands.

        Whoever takes a case on becomes its assignee, and would be left out now.
        """
        known = self._known(rows)
        done = []
        for row in rows:
            before = known.get(self._key(row))
            if before and before.rule == row["rule"]:
                asked = {"approver_ids": before.approver_ids.ids}
                row = {**row, **asked, "proposed": before.proposed}
                row["proposed_code"] = before.proposed_code
            first = before.done_by_id if before else user
            done.append({**row, "done_by_id": (first or user).id})
        return done

    def _compare_route(self):
        for shadow in self:
            if shadow.done_by_id:
                shadow._settle(*shadow._people_decided())
            elif shadow._is_given_up():
                shadow._drop()

    def _is_given_up(self):
        """Tell whether the document is given up, or gone."""
        document = self.env[self.res_model].sudo().browse(self.res_id).exists()
        return not document or document._approval_is_settled()

    def _people_decided(self):
        """Return ``(code, text, why it differs or False)`` of what somebody did."""
        who = self.done_by_id
        done = self.env._("Done by %s", who.name)
        if self.proposed_code == "automatic":
            return "automatic", done, False
        if self.proposed_code == "asked" and who in self.approver_ids:
            return "asked", done, False
        why = self.env._(
            "%(who)s did it alone; the rule says: %(proposed)s.",
            who=who.name,
            proposed=self.proposed,
        )
        return "automatic", done, why
