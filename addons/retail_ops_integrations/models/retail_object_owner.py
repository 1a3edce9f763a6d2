from odoo import api, fields, models
from odoo.fields import Domain


class RetailObjectOwner(models.Model):
    """Whose word counts for an object in a company: its system of record."""

    _name = "retail.object.owner"
    _description = "System of record"
    _inherit = ["mail.thread", "retail.cached"]
    _order = "company_id, object_id"

    object_id = fields.Many2one("retail.object", required=True, ondelete="cascade")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Whose objects these are; another company may have other owners.",
    )
    source_ids = fields.Many2many(
        "retail.source",
        string="Owned by",
        tracking=True,
        check_company=True,
        help="The systems whose updates count: one, or several that each own their "
        "part, such as two carriers. Empty: Odoo itself owns it, and nobody updates "
        "it from outside.",
    )
    otherwise = fields.Selection(
        [("refuse", "Refuse it (403)"), ("park", "Park it for a person")],
        string="An update by another system",
        required=True,
        default="refuse",
        tracking=True,
        help="Refuse tells the sender at once. Park stores the event, and its owner "
        "decides.",
    )

    _object_unique = models.UniqueIndex(
        "(object_id, company_id)",
        "This object has a system of record in this company already.",
    )

    @api.depends("object_id", "company_id")
    def _compute_display_name(self):
        for owner in self:
            owner.display_name = f"{owner.object_id.name} ({owner.company_id.name})"

    def write(self, vals):
        """Change whose word counts.

        :raise ValidationError: an active source would speak for nothing
        """
        depending = self._owned_senders()
        done = super().write(vals)
        depending._check_owned()
        return done

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_use(self):
        for source in self._owned_senders():
            source._refuse_unowned(self._of_company(source.company_id) - self)

    @api.model
    def _of_company(self, company):
        return self.sudo().search([("company_id", "=", company.id)])

    def _owned_senders(self):
        """Return the active sources here whose contract names every owner now."""
        active = Domain("state", "=", "active")
        here = Domain("company_id", "in", self.sudo().company_id.ids)
        sources = self.env["retail.source"].sudo().search(active & here)
        return sources.filtered(
            lambda source: not source._unowned(self._of_company(source.company_id))
        )

    @api.model
    def _rules_for(self, source):
        """Return what happens to updates by a source, by object.

        :param source: retail.source
        :return: dict code of the object -> take, refuse or park; an object that is
            not in it has no system of record
        """
        return {
            owner.object_id.code: "take"
            if source in owner.source_ids
            else owner.otherwise
            for owner in self._of_company(source.company_id)
        }
