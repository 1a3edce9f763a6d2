from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ..tools import masking


class RetailMaskRule(models.Model):
    """What is hidden in payloads on every screen and door."""

    _name = "retail.mask.rule"
    _description = "Masking rule"
    _inherit = ["retail.cached"]
    _order = "path"
    _rec_name = "path"

    path = fields.Char(
        string="Field",
        required=True,
        help="Name of a member, wherever it stands in the data, such as email; or a "
        "JSON pointer into the data, such as /customer/name.",
    )
    keep = fields.Integer(
        string="Keep last",
        help="How many last characters stay readable, such as 4 of an account "
        "number. 0 hides everything.",
    )
    reason = fields.Char(help="Why it is personal, or what law asks for it.")
    active = fields.Boolean(default=True)

    _path_unique = models.UniqueIndex(
        "(lower(path))", "There is a rule for this field already."
    )

    @api.constrains("path", "keep")
    def _check_path(self):
        for rule in self:
            if not rule.path.strip("/ ") or not 0 <= rule.keep <= 8:
                raise ValidationError(
                    self.env._(
                        "“%s” hides nothing, or keeps too much: name a member or a "
                        "JSON pointer, and keep 0 to 8 characters.",
                        rule.path,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        rules = super().create(vals_list)
        rules._note("mask_rule.created")
        return rules

    def write(self, vals):
        done = super().write(vals)
        self._note("mask_rule.changed")
        return done

    def unlink(self):
        self._note("mask_rule.deleted")
        return super().unlink()

    def _note(self, action):
        facts = [
            {"path": rule.path, "keep": rule.keep, "active": rule.active}
            for rule in self
        ]
        self.env["retail.audit.entry"]._record(self, action, facts)

    @api.model
    @tools.ormcache()
    def _rules(self):
        return tuple(
            masking.Rule(rule.path.strip(), rule.keep)
            for rule in self.sudo().search([])
        )

    @api.model
    def _mask(self, data):
        """Return data with what the rules name hidden.

        :param data: parsed JSON
        """
        return masking.mask(data, self._rules())
