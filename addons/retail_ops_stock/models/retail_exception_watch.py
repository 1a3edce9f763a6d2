from odoo import fields, models
from odoo.exceptions import UserError

# What the watch found and prepared: the gate on proposed transfers goes by it.
PREPARED = {
    "stock_watch_key",
    "stock_level_id",
    "stock_picking_id",
    "stock_giver_id",
    "stock_declined_store_ids",
}


class RetailException(models.Model):
    """A case that the watch raised, and settles when it is over."""

    _inherit = "retail.exception"

    stock_watch_key = fields.Char(
        copy=False,
        readonly=True,
        help="Names what the watch over stock found, so that it is raised once.",
    )

    _stock_watch_unique = models.UniqueIndex(
        "(stock_watch_key) WHERE stock_watch_key IS NOT NULL AND is_open IS TRUE",
        "What the watch found has an open case already.",
    )

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        is_ours = field.name in PREPARED and operation == "write"
        return allowed and (self.env.su or not is_ours)

    def _settle_by_watch(self):
        """Resolve what is over; where something is still demanded, say so."""
        self._settle(self.env._("It is over, as the stock shows."))

    def _settle(self, why):
        for case in self:
            try:
                with self.env.cr.savepoint():
                    case._set_resolved(why)
            except UserError as missing:
                still_open = f"{why} {missing}"
                case.message_post(body=still_open)
