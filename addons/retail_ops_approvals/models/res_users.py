from odoo import api, models
from odoo.exceptions import AccessError

ROLE_FIELDS = {"group_ids", "role"}


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._note_role_changes({})
        return users

    def write(self, vals):
        before = self._approval_roles() if ROLE_FIELDS & set(vals) else None
        result = super().write(vals)
        if before is not None:
            self._note_role_changes(before)
        if vals.get("active") is False:
            self._leave_approvals()
        return result

    # === LEAVERS === #

    def _leave_approvals(self):
        """Find the requests that wait for a leaver, and those he leaves stuck."""
        self._leave_delegations()
        requests = self._requests_asked()
        requests.activity_ids.filtered(lambda each: each.user_id in self).unlink()
        requests._notice_who_is_left()

    def _requests_asked(self):
        """Return the requests that wait for any of these people."""
        waiting = [("state", "=", "pending"), ("step_ids.approver_ids", "in", self.ids)]
        return self.env["retail.approval.request"].sudo().search(waiting)

    def _leave_delegations(self):
        delegations = self.env["retail.approval.delegation"].sudo()
        given = ["|", ("user_id", "in", self.ids), ("delegate_id", "in", self.ids)]
        delegations.search([("revoked_at", "=", False), *given])._revoke(self.env.user)

    # === ROLES THAT DECIDE === #

    def _approval_roles(self):
        """Return which roles that decide each user holds.

        :return: dict of user id to a set of group ids
        """
        watched = self.env["res.groups"]._deciding()
        return {
            user.id: set((user.all_group_ids & watched).ids) for user in self.sudo()
        }

    def _note_role_changes(self, before):
        """Keep who got or lost a role that decides; refuse to give oneself one.

        :param before: as :meth:`_approval_roles` returned it, without those just made
        :raise AccessError: when a person without Settings rights gives himself a role
        """
        after = self._approval_roles()
        changed = self.browse(
            user for user in after if after[user] != before.get(user, set())
        )
        facts = [
            {
                "granted": sorted(after[user.id] - before.get(user.id, set())),
                "withdrawn": sorted(before.get(user.id, set()) - after[user.id]),
                "by_himself": user == self.env.user,
            }
            for user in changed
        ]
        changed._check_not_by_himself(facts)
        self.env["retail.audit.entry"]._record(changed, "approval.role.changed", facts)
        changed._requests_asked()._notice_who_is_left()

    def _check_not_by_himself(self, facts):
        for user, fact in zip(self, facts, strict=True):
            if not (fact["by_himself"] and fact["granted"]) or self.env.su:
                continue
            if not self.env.user.has_group("base.group_system"):
                raise AccessError(
                    self.env._(
                        "Nobody gives himself a role that decides about approvals: ask "
                        "another administrator."
                    )
                )
            user.sudo()._tell_self_made_role()

    def _tell_self_made_role(self):
        """Who may do everything is not held up; the owners of policies hear of it."""
        policies = self.env["retail.approval.policy"].search(
            [("state", "=", "published"), ("owner_id", "!=", self.id)]
        )
        for policy in policies:
            policy.message_notify(
                partner_ids=policy.owner_id.partner_id.ids,
                subject=policy.display_name,
                body=self.env._(
                    "%s gave himself a role that decides about approvals. The ledger "
                    "has the entry.",
                    self.name,
                ),
            )
