from odoo import SUPERUSER_ID, api, fields, models, tools
from odoo.exceptions import AccessError


class RetailApprovalIncompatibility(models.Model):
    """Two roles that must not both act in one request."""

    _name = "retail.approval.incompatibility"
    _description = "Incompatible Roles"
    _order = "id"
    _rec_name = "reason"

    group_id = fields.Many2one(
        "res.groups",
        string="Role",
        required=True,
        ondelete="cascade",
        help="Once somebody with this role asked or decided, nobody with the other "
        "decides the same request; and who holds both decides none.",
    )
    other_group_id = fields.Many2one(
        "res.groups",
        string="Must not meet",
        required=True,
        ondelete="cascade",
        help="The other of the two roles that never come together in one request.",
    )
    reason = fields.Char(
        required=True, help="Why, such as the paragraph of the control handbook."
    )
    active = fields.Boolean(default=True)

    _two_roles = models.Constraint(
        "CHECK(group_id <> other_group_id)", "Choose two different roles."
    )

    @api.model_create_multi
    def create(self, vals_list):
        pairs = super().create(vals_list)
        pairs._record_change("approval.incompatibility.made")
        return pairs

    def write(self, vals):
        self._check_may_loosen()
        result = super().write(vals)
        self._record_change("approval.incompatibility.changed")
        return result

    def unlink(self):
        self._check_may_loosen()
        self._record_change("approval.incompatibility.removed")
        return super().unlink()

    def _check_may_loosen(self):
        """Whom a pair holds back must not be able to switch it off for a moment."""
        if not self.env.su and not self.env.user.has_group("base.group_system"):
            raise AccessError(
                self.env._(
                    "Roles that are kept apart stay so: only a user with Settings "
                    "rights changes that. You can add pairs."
                )
            )

    def _record_change(self, action):
        self.env.registry.clear_cache()
        facts = [
            {"groups": [pair.group_id.id, pair.other_group_id.id], "on": pair.active}
            for pair in self
        ]
        self.env["retail.audit.entry"]._record(self, action, facts)

    @api.model
    @tools.ormcache()
    def _pairs(self):
        """Return the pairs of group ids that must not meet."""
        return tuple(
            (pair.group_id.id, pair.other_group_id.id)
            for pair in self.sudo().search([("active", "=", True)])
        )

    @api.model
    def _kept_apart_from(self, people):
        """Return everybody who may not act where ``people`` have acted.

        That is who holds the role that must not meet one of theirs, and who holds both
        roles of a pair himself.

        :param people: res.users who acted already; the system itself has no duties
        :return: res.users
        """
        groups, found = self.env["res.groups"].sudo(), self.env["res.users"]
        persons = people.filtered(lambda user: user.id != SUPERUSER_ID)
        acted = {group for each in persons for group in each._get_group_ids()}
        for one, other in self._pairs():
            holders = groups.browse(one).all_user_ids
            others = groups.browse(other).all_user_ids
            found |= holders & others
            if one in acted:
                found |= others
            if other in acted:
                found |= holders
        return found

    @api.model
    def _sides(self):
        """Return the pairs as :func:`..tools.quorum.distinct_people` takes them."""
        groups = self.env["res.groups"].sudo()
        return [
            tuple(set(groups.browse(side).all_user_ids.ids) for side in pair)
            for pair in self._pairs()
        ]
