from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

READER = "retail_ops_stock.group_stock_facts"
MOST = 5


class RetailStockFacts(models.AbstractModel):
    """What a system between the apps may know of a case about stock, and no more.

    One question, asked over JSON-2 by an account that can read nothing else. Who asks
    names the case and the correlation id he was told of it.
    """

    _name = "retail.stock.facts"
    _description = "Facts about stock"

    @api.model
    def read_for_case(self, reference, correlation_id):
        """Return supplier and replenishment facts of a case, and who is to be told.

        :param reference: text, the case's name such as EXC/2026/00001
        :param correlation_id: text, as it was published with the case
        :return: dict: as_of (RFC 3339), reference, store, region {code, emails},
            product {code, name, unit} or None, stock {on_hand, forecast} or None,
            replenishment {minimum, maximum} or None, incoming list of {reference, due,
            quantity, supplier}, suppliers list of {name, email, lead_days,
            minimum_quantity}, category {name, emails}, proposal text or None;
            quantities in the product's unit
        :raise AccessError: the account is no reader of stock facts
        :raise UserError: there is no such case in the account's companies
        """
        if not self.env.user.has_group(READER):
            raise AccessError(
                self.env._(
                    "Facts about stock are for accounts with the role Stock facts "
                    "reader: ask an administrator for it."
                )
            )
        case = self._case_named(reference, correlation_id)
        if not case:
            raise UserError(
                self.env._(
                    "No case %s with this correlation id: name it as it was published.",
                    reference,
                )
            )
        return self._facts_of(case)

    @api.model
    def _case_named(self, reference, correlation_id):
        """Return the case for the account, whatever its rights on cases are."""
        domain = [
            ("name", "=", str(reference)),
            ("correlation_id", "=", str(correlation_id)),
            ("company_id", "in", self.env.user.company_ids.ids),
        ]
        return self.env["retail.exception"].sudo().search(domain, limit=1)

    @api.model
    def _facts_of(self, case):
        case = case.with_company(case.company_id)
        leaders = case.region_id.manager_id
        return {
            "as_of": f"{fields.Datetime.now().isoformat(timespec='seconds')}Z",
            "reference": case.name,
            "store": case.store_id.code,
            "region": {
                "code": case.region_id.code,
                "emails": leaders.filtered("email").mapped("email"),
            },
            "proposal": case.stock_proposal_note or None,
            **self._facts_of_product(case.product_id, case.store_id.warehouse_id),
        }

    @api.model
    def _facts_of_product(self, product, warehouse):
        if not product:
            return {"product": None, "suppliers": [], "incoming": []}
        category = product.categ_id
        managers = category._retail_managers()
        return {
            "product": {
                "code": product.default_code or None,
                "name": product.display_name,
                "unit": product.uom_id.name,
            },
            "category": {
                "name": category.display_name or None,
                "emails": managers.filtered("email").mapped("email"),
            },
            "suppliers": [self._facts_of_seller(one) for one in self._sellers(product)],
            "stock": self._stock(product, warehouse),
            "replenishment": self._replenishment(product, warehouse),
            "incoming": self._incoming(product, warehouse),
        }

    @api.model
    def _sellers(self, product):
        companies = (product.env.company, product.env["res.company"])
        ours = product.seller_ids.filtered(lambda one: one.company_id in companies)
        return ours[:MOST]

    @api.model
    def _facts_of_seller(self, seller):
        return {
            "name": seller.partner_id.name,
            "email": seller.partner_id.email or None,
            "lead_days": seller.delay,
            "minimum_quantity": seller.min_qty,
        }

    @api.model
    def _stock(self, product, warehouse):
        if not warehouse or not product.is_storable:
            return None
        there = product.with_context(warehouse_id=warehouse.id)
        return {"on_hand": there.qty_available, "forecast": there.virtual_available}

    @api.model
    def _replenishment(self, product, warehouse):
        level = self.env["stock.warehouse.orderpoint"].sudo()
        domain = [("product_id", "=", product.id), ("warehouse_id", "=", warehouse.id)]
        level = level.search(domain, limit=1)
        if not level:
            return None
        return {"minimum": level.product_min_qty, "maximum": level.product_max_qty}

    @api.model
    def _incoming(self, product, warehouse):
        moves = (
            self.env["stock.move"]
            .sudo()
            .search(
                [
                    ("product_id", "=", product.id),
                    ("picking_type_id.warehouse_id", "=", warehouse.id),
                    ("picking_type_id.code", "=", "incoming"),
                    ("state", "in", ("waiting", "confirmed", "assigned")),
                ],
                order="date, id",
                limit=MOST,
            )
        )
        return [
            {
                "reference": move.picking_id.name or move.reference,
                "due": fields.Date.to_string(move.date),
                "quantity": move.product_qty,
                "supplier": move.picking_id.partner_id.name or None,
            }
            for move in moves
        ]
