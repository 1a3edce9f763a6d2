from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class RetailStoreSelection(models.AbstractModel):
    _name = "retail.store.selection"
    _description = "Selection of stores by conditions"

    company_id = fields.Many2one(
        "res.company", help="Leave empty to reach the stores of every company."
    )
    store_domain = fields.Char(
        "Stores",
        required=True,
        default="[('state', 'in', ('pilot', 'live'))]",
        help="Which stores take part: format, region, cluster, pilot wave, and so on.",
    )
    selected_store_count = fields.Integer(
        "Stores selected", compute="_compute_selected_store_count"
    )

    @api.depends("store_domain", "company_id")
    def _compute_selected_store_count(self):
        Store = self.env["retail.store"]
        for selection in self:
            selection.selected_store_count = Store.search_count(
                selection._selected_domain()
            )

    @api.constrains("store_domain")
    def _check_store_domain(self):
        for selection in self:
            try:
                selection._selected_domain().validate(self.env["retail.store"])
            except (ValueError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "The stores of “%(name)s” cannot be found with these "
                        "conditions (%(error)s): pick them again in the editor.",
                        name=selection.display_name,
                        error=error,
                    )
                ) from error

    def _selected_domain(self):
        domain = Domain(literal_eval(self.store_domain or "[]"))
        if self.company_id:
            domain &= Domain("company_id", "=", self.company_id.id)
        return domain

    def _selected_stores(self):
        """Return the stores that take part, of every company concerned."""
        self.ensure_one()
        return self.env["retail.store"].sudo().search(self._selected_domain())
