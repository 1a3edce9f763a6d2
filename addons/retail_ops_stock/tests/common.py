from datetime import timedelta

from odoo import Command
from odoo.tests import new_test_user

from odoo.addons.retail_ops_approvals.tests.common import ApprovalCase


class StockCase(ApprovalCase):
    """Store T042 with a warehouse of its own and 12 bottles at 14.50.

    Below 50 nobody decides; from 50 the regional manager; from 50 and 20 % variance
    loss prevention as well.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warehouse = cls._create_warehouse("T42", cls.store)
        cls.shelf = cls.warehouse.lot_stock_id
        cls.product.is_storable = True
        cls.counter = new_test_user(
            cls.env,
            "test_counter",
            "stock.group_stock_user,retail_ops_core.group_store_user",
        )
        cls.stock_manager = new_test_user(
            cls.env, "test_stock_manager", "stock.group_stock_manager"
        )
        cls.store.member_ids += cls.counter
        cls._receive(cls.product, cls.shelf, 12)

    @classmethod
    def _create_warehouse(cls, code, store):
        warehouse = cls.env["stock.warehouse"].create({"name": code, "code": code})
        store.warehouse_id = warehouse
        return warehouse

    @classmethod
    def _receive(cls, product, location, quantity):
        """Take in goods from a supplier."""
        supplier = cls.env.ref("stock.stock_location_suppliers")
        move = cls.env["stock.move"].create(
            {
                "product_id": product.id,
                "product_uom": product.uom_id.id,
                "product_uom_qty": quantity,
                "location_id": supplier.id,
                "location_dest_id": location.id,
                "picked": True,
                "move_line_ids": [
                    Command.create(
                        {
                            "product_id": product.id,
                            "quantity": quantity,
                            "location_id": supplier.id,
                            "location_dest_id": location.id,
                        }
                    )
                ],
            }
        )
        move._action_done()

    @classmethod
    def _on_hand(cls, product=None, location=None):
        return sum(cls._quant(None, product, location).sudo().mapped("quantity"))

    @classmethod
    def _quant(cls, user=None, product=None, location=None):
        domain = [
            ("product_id", "=", (product or cls.product).id),
            ("location_id", "=", (location or cls.shelf).id),
        ]
        quants = cls.env["stock.quant"].with_user(user or cls.counter)
        return quants.with_context(inventory_mode=True).search(domain, limit=1)

    @classmethod
    def _count(cls, quantity, user=None, **place):
        """Count a product in Physical Inventory and press Apply.

        :return: the client's action
        """
        quant = cls._quant(user, **place)
        quant.inventory_quantity = quantity
        return quant.action_apply_inventory()

    @classmethod
    def _hold(cls, *states):
        domain = [("store_id", "=", cls.store.id)]
        if states:
            domain.append(("state", "in", states))
        return cls.env["retail.stock.hold"].search(domain)

    @classmethod
    def _carry_out(cls):
        """Run the queue of approved actions, as its Scheduled Action does."""
        requests = cls.Request.search([("act_state", "=", "queued")])
        for request in requests:
            request._act_once()

    def _response_of_today(self):
        """Return today's figures of the store, agreed with their facts."""
        kpi = self.env["retail.kpi"].search([("code", "=", "replenishment_response")])
        today = kpi._latest_day()
        kpi._snapshot(today - timedelta(days=2), today)
        self.assertFalse(kpi._disagreements(today - timedelta(days=2), today))
        return kpi.snapshot_ids.filtered(lambda row: row.store_id == self.store)


class LevelCase(StockCase):
    """A reordering rule of 10 to 20 bottles at the store that has 12."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.level = cls._level(cls.warehouse, 10, 20)

    @classmethod
    def _level(cls, warehouse, minimum, maximum):
        return cls.env["stock.warehouse.orderpoint"].create(
            {
                "product_id": cls.product.id,
                "warehouse_id": warehouse.id,
                "location_id": warehouse.lot_stock_id.id,
                "product_min_qty": minimum,
                "product_max_qty": maximum,
                "trigger": "manual",
            }
        )

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref("retail_ops_stock.cron_levels").method_direct_trigger()

    def _case(self):
        return self.env["retail.exception"].search(
            [("stock_level_id", "=", self.level.id)]
        )

    def _sell(self, quantity):
        customer = self.env.ref("stock.stock_location_customers")
        move = self.env["stock.move"].create(
            {
                "product_id": self.product.id,
                "product_uom": self.product.uom_id.id,
                "product_uom_qty": quantity,
                "location_id": self.shelf.id,
                "location_dest_id": customer.id,
                "quantity": quantity,
                "picked": True,
            }
        )
        move._action_done()

    def _proposed_from_far(self):
        """Return the draft transfer that takes the far store's goods."""
        far = self._create_warehouse("T99", self.far_store)
        self._level(far, 10, 20)
        self._receive(self.product, far.lot_stock_id, 90)
        self._sell(5)
        self._run()
        return self._case().stock_picking_id
