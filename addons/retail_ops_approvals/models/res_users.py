from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active") is False:
            self._leave_approvals()
        return result

    def _leave_approvals(self):
        """Find the requests that wait for a leaver, and those he leaves stuck."""
        self._leave_delegations()
        requests = (
            self.env["retail.approval.request"]
            .sudo()
            .search(
                [("state", "=", "pending"), ("step_ids.approver_ids", "in", self.ids)]
            )
        )
        requests.activity_ids.filtered(lambda each: each.user_id in self).unlink()
        for request in requests.filtered(lambda each: not each.is_blocked):
            request._notice_dead_end()
            if request.is_blocked:
                request._tell_owner()

    def _leave_delegations(self):
        delegations = self.env["retail.approval.delegation"].sudo()
        given = ["|", ("user_id", "in", self.ids), ("delegate_id", "in", self.ids)]
        delegations.search([("revoked_at", "=", False), *given])._revoke(self.env.user)
