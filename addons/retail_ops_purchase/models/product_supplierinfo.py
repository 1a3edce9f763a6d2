from odoo import models


class ProductSupplierinfo(models.Model):
    """A vendor's price is agreed when who entered it may enter prices."""

    _inherit = "product.supplierinfo"

    def _is_entered_by_right(self):
        """Tell whether it was entered by who may; a blanket order asks nobody that.

        Odoo enters the prices of a confirmed blanket order in the name of anybody who
        buys. Other prices are entered by right, or taught by an approved order.
        """
        of_blanket_order = (
            "purchase_requisition_id" in self._fields and self.purchase_requisition_id
        )
        if not of_blanket_order:
            return True
        return self.with_user(self.create_uid).browse().has_access("create")
