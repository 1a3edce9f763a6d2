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
    def _need(cls, amount, **values):
        """Return what the store's manager needs of the vendor, asked for."""
        kind = cls.env.ref("retail_ops_approvals.kind_local_procurement")
        needs = cls.env["retail.request"].with_user(cls.manager)
        need = needs.create(
            {
                "kind_id": kind.id,
                "store_id": cls.store.id,
                "summary": "Paper bags from next door",
                "reason": "The delivery is late",
                "amount": amount,
                "partner_id": cls.vendor.id,
                "product_id": cls.bags.id,
                **values,
            }
        )
        need.action_submit()
        return need

    @classmethod
    def _decide_about_needs(cls):
        """Let needs be decided about as shipped: below 50 the manager alone, by sum."""
        kind = cls.env.ref("retail_ops_approvals.kind_local_procurement")
        deciding = {"amount_min": 50, "counts_split": True, "steps": ["region"]}
        cls._publish_policy(
            [
                {"kind_id": kind.id, "amount_max": 50, "outcome": "none"},
                {"kind_id": kind.id, **deciding},
            ]
        )

    @classmethod
    def _carry_out(cls):
        for request in cls.Request.search([("act_state", "=", "queued")]):
            request._act_once()
