from odoo import api, models
from odoo.exceptions import AccessError


class RetailApprovalPlace(models.AbstractModel):
    """A place that says who decides: nobody puts himself there."""

    _name = "retail.approval.place"
    _description = "Place That Says Who Decides"
    _named_in = "manager_id"
    _decided_by = frozenset({"manager_id"})

    @api.model_create_multi
    def create(self, vals_list):
        places = super().create(vals_list)
        named = places.filtered(self._named_in)
        self._check_not_himself(named.sudo()[self._named_in])
        if named:
            named._record_decider()
        return places

    def write(self, vals):
        if not self._decided_by & set(vals):
            return super().write(vals)
        named = {place: place[self._named_in] for place in self.sudo()}
        before = {place: place._deciders() for place in self.sudo()}
        result = super().write(vals)
        for place, deciders in before.items():
            self._check_not_himself(place._deciders() - deciders)
        changed = [place.id for place in named if place[self._named_in] != named[place]]
        if changed:
            self.browse(changed)._record_decider()
        return result

    def _deciders(self):
        """Return the res.users whom a step of a policy can find by this place."""
        return self[self._named_in]

    @api.model
    def _check_not_himself(self, deciders):
        is_free = self.env.su or self.env.user.has_group("base.group_system")
        if not is_free and self.env.user in deciders:
            raise AccessError(
                self.env._(
                    "This would make you one of those who decide about approvals: ask "
                    "another administrator to do it."
                )
            )

    def _record_decider(self):
        facts = [{"manager_id": place.manager_id.id or None} for place in self.sudo()]
        self.env["retail.audit.entry"]._record(self, "approval.place.changed", facts)
