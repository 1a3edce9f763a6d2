from odoo import fields, models
from odoo.exceptions import UserError

ASKED = {"asked_by_id", "asked_reason"}


class RetailRolloutSubject(models.AbstractModel):
    """What takes steps of a rollout; to some of them a second administrator agrees."""

    _name = "retail.rollout.subject"
    _description = "Subject of a Rollout"

    asked_by_id = fields.Many2one(
        "res.users", "Asked for by", readonly=True, copy=False, ondelete="restrict"
    )
    asked_reason = fields.Text("Because", readonly=True, copy=False)

    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in ASKED and not self.env.su:
            return False
        return super()._has_field_access(field, operation)

    def _ask(self, what, reason, **values):
        others = self._other_administrators()
        if not others:
            raise UserError(
                self.env._(
                    "A second administrator has to agree, and there is none for “%s”: "
                    "give somebody else the role first.",
                    self.display_name,
                )
            )
        values |= {"asked_by_id": self.env.uid, "asked_reason": reason.strip()}
        self.sudo().write(values)
        self.env["mail.thread"].message_notify(
            model=self._name,
            res_id=self.id,
            partner_ids=others.partner_id.ids,
            subject=self.display_name,
            body=self.env._(
                "%(user)s asks: %(what)s. %(why)s Please agree, or not.",
                user=self.env.user.name,
                what=what,
                why=reason.strip(),
            ),
        )

    def _other_administrators(self):
        administrators = self.env.ref("retail_ops_core.group_admin").sudo()
        return administrators.all_user_ids.filtered("active") - self.env.user

    def _is_agreed_by_another(self):
        return self.asked_by_id and self.asked_by_id != self.env.user

    def _open_step(self, step, subject):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Say why"),
            "res_model": "retail.rollout.step",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_step": step, f"default_{subject}_id": self.id},
        }
