from odoo import api, fields, models
from odoo.fields import Domain


class RetailEventJob(models.Model):
    """The store that an event names: what the door wrote down of its subject."""

    _inherit = "retail.event.job"

    store_id = fields.Many2one(
        "retail.store",
        string="Store named",
        compute="_compute_store_id",
        search="_search_store_id",
        help="The store of the source's company whose code stands in the event.",
    )

    @api.depends("subject", "company_id")
    def _compute_store_id(self):
        stores = self.env["retail.store"].with_context(active_test=False)
        named = stores.search(
            [
                ("company_id", "in", self.company_id.ids),
                ("code", "in", self.mapped("subject")),
            ]
        )
        by_code = {(store.company_id, store.code): store for store in named}
        for job in self:
            job.store_id = by_code.get((job.company_id, job.subject))

    @api.model
    def _search_store_id(self, operator, value):
        """Look for codes, so that events that wait or failed are met by their ids."""
        if operator not in ("any", "in") or (operator == "in" and False in value):
            return NotImplemented
        wanted = value if operator == "any" else Domain("id", "in", value)
        stores = self.env["retail.store"].with_context(active_test=False).search(wanted)
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("subject", "in", of_company.mapped("code"))
            for company, of_company in stores.grouped("company_id").items()
        )
