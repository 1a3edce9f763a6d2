from odoo import api, fields, models
from odoo.exceptions import AccessError


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    approval_kind_id = fields.Many2one(
        "retail.request.kind",
        string="Resolving asks for",
        ondelete="restrict",
        domain=[("model", "=", "retail.exception")],
        help="An exception of this type is resolved only as the approval policy for "
        "this kind of request allows. Empty: whoever works it may resolve it.",
    )

    approval_since = fields.Datetime(
        "Asks since",
        compute="_compute_approval_since",
        store=True,
        help="Since when resolving asks for an approval: what was resolved before is "
        "no breach.",
    )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "approval_since":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.depends("approval_kind_id")
    def _compute_approval_since(self):
        """A type that asks when the field comes asks since then: the past is free."""
        now = fields.Datetime.now()
        for each in self:
            each.approval_since = each.approval_kind_id and (each.approval_since or now)

    def write(self, vals):
        if "approval_kind_id" in vals:
            self._check_may_ungovern(vals["approval_kind_id"])
            self.env["retail.exception"]._note_held()
        result = super().write(vals)
        if "approval_kind_id" in vals:
            self.env["retail.audit.entry"]._record(
                self,
                "approval.type.governed",
                [
                    {"type": each.code, "kind": each.approval_kind_id.code}
                    for each in self
                ],
            )
        return result

    def _check_may_ungovern(self, kind_id):
        """What asks for an approval today goes on doing so for who has no Settings."""
        if self.env.su or self.env.user.has_group("base.group_system"):
            return
        for each in self:
            if each.approval_kind_id.id not in (False, kind_id):
                raise AccessError(
                    self.env._(
                        "“%(type)s” asks for an approval: only a user with Settings "
                        "rights can take that away.",
                        type=each.name,
                    )
                )
