from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase


class PurchaseCase(ApprovalCase):
    """Store T042 buys under the shipped policy.

    Below 50 the store's manager alone; below 500 the regional manager; from 500 the
    regional manager and finance, at the same time.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        buyer = cls.env.ref("purchase.group_purchase_user")
        (cls.manager | cls.member).write({"group_ids": [Command.link(buyer.id)]})
        cls.purchase_manager = new_test_user(
            cls.env, "test_purchase_manager", "purchase.group_purchase_manager"
        )
        cls.vendor = cls.env["res.partner"].create({"name": "Corner Shop"})
        cls.bags = cls.env["product.product"].create({"name": "Paper bags"})
        cls._agree(cls.bags, 10000)

    @classmethod
    def _agree(cls, product, price, **values):
        """Agree a price with the vendor."""
        return cls.env["product.supplierinfo"].create(
            {
                "partner_id": cls.vendor.id,
                "product_tmpl_id": product.product_tmpl_id.id,
                "price": price,
                **values,
            }
        )

    @classmethod
    def _order(cls, price, user=None, **values):
        line = {
            "product_id": cls.bags.id,
            "product_qty": 1,
            "price_unit": price,
            "tax_ids": [Command.clear()],
        }
        return (
            cls.env["purchase.order"]
            .with_user(user or cls.manager)
            .create(
                {
                    "partner_id": cls.vendor.id,
                    "order_line": [Command.create(line)],
                    **values,
                }
            )
        )

    @classmethod
    def _carry_out(cls):
        for request in cls.Request.search([("act_state", "=", "queued")]):
            request._act_once()
