from odoo import api, fields, models
from odoo.exceptions import UserError

REPORTED_FIELDS = {
    "type_id",
    "category_id",
    "store_id",
    "product_id",
    "expected_quantity",
    "counted_quantity",
    "amount",
    "summary",
    "reason",
}


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    is_reported_by_stores = fields.Boolean(
        "On the report screen",
        default=True,
        help="Store people see this type as a tile when they report something.",
    )
    icon = fields.Char(
        default="fa-exclamation-triangle", help="Font Awesome icon of the tile."
    )

    def _screen_tile(self):
        return {
            "id": self.id,
            "code": self.code,
            "name": self.name,
            "description": self.description or "",
            "icon": self.icon,
            "formula": self.impact_formula,
            "categories": [
                {"id": category.id, "name": category.name}
                for category in self.category_ids
            ],
        }


class RetailException(models.Model):
    """The report screen: what happened, three fields, a photo, sent."""

    _inherit = "retail.exception"

    @api.model
    def get_report_screen(self):
        """Return what the report screen needs to be drawn.

        :return: dict ``{"types": [{id, code, name, description, icon, formula,
            categories: [{id, name}]}], "stores": [{id, name}]}``
        """
        kinds = self.env["retail.exception.type"].search(
            [("is_reported_by_stores", "=", True)]
        )
        stores = self.env["retail.store"].search([("state", "!=", "closed")])
        return {
            "types": [kind._screen_tile() for kind in kinds],
            "stores": [
                {"id": store.id, "name": store.display_name} for store in stores
            ],
        }

    @api.model
    def _reported_fields(self):
        """Return the names of the facts that a store may report from this screen."""
        return REPORTED_FIELDS

    @api.model
    def report_from_screen(self, report, key, photo=None):
        """Raise an exception from the report screen, once for each key.

        :param report: dict of the facts that a store reports
        :param key: text made by the device, so that sending again raises nothing new
        :param photo: dict ``{"name", "data"}`` with the file in base64, or None
        :return: dict ``{"id", "reference", "owner", "due"}``
        :raise UserError: when the key is missing or facts are not of this screen
        """
        if not key or set(report) - self._reported_fields():
            raise UserError(
                self.env._("This report cannot be read: reload the page and try again.")
            )
        own_key = f"screen:{self.env.uid}:{key}"
        exception = self.search([("intake_key", "=", own_key)])
        if not exception:
            exception = self._raise_reported(report, own_key)
            exception._attach_photo(photo)
        return {
            "id": exception.id,
            "reference": exception.name,
            "owner": exception.user_id.name,
            "due": fields.Datetime.to_string(exception.effective_due),
        }

    @api.model
    def _raise_reported(self, report, own_key):
        values = {"summary": "-", **{key: report[key] for key in report if report[key]}}
        exception = self.create(values)
        exception.sudo().intake_key = own_key
        if exception.summary == "-":
            exception.summary = exception._suggested_summary()
        return exception

    def _attach_photo(self, photo):
        if photo:
            self.env["ir.attachment"].create(
                {
                    "name": photo["name"],
                    "datas": photo["data"],
                    "res_model": self._name,
                    "res_id": self.id,
                }
            )

    @api.model
    def find_product(self, code):
        """Find the product of a scanned code.

        :param code: barcode or internal reference
        :return: product id, or False
        """
        self.browse().check_access("read")
        return self._product_by_code([code]).get(code, self.env["product.product"]).id
