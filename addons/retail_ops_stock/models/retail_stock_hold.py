from odoo import fields, models
from odoo.exceptions import UserError

STATES = [
    ("waiting", "Waiting"),
    ("released", "Being applied"),
    ("applied", "Applied"),
    ("refused", "Refused"),
    ("dropped", "Given up"),
]


class RetailStockHold(models.Model):
    """A change of stock that somebody asked for and that waits for an approval.

    The case's approval decides. What was held is applied once, by the queue that
    carries out approvals; the gate on stock moves asks the database again.
    """

    _name = "retail.stock.hold"
    _description = "Held Stock"
    _order = "id desc"
    _rec_name = "exception_id"
    _check_company_auto = True
    _allow_sudo_commands = False

    exception_id = fields.Many2one(
        "retail.exception",
        string="Case",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    kind = fields.Selection(
        [("count", "Count"), ("scrap", "Scrap")], required=True, readonly=True
    )
    state = fields.Selection(STATES, default="waiting", required=True, readonly=True)
    store_id = fields.Many2one(related="exception_id.store_id", store=True, index=True)
    region_id = fields.Many2one(related="exception_id.region_id", store=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    product_id = fields.Many2one(
        "product.product", required=True, readonly=True, index=True
    )
    product_uom_id = fields.Many2one(related="product_id.uom_id")
    location_id = fields.Many2one("stock.location", required=True, readonly=True)
    lot_id = fields.Many2one("stock.lot", readonly=True)
    package_id = fields.Many2one("stock.package", readonly=True)
    owner_id = fields.Many2one("res.partner", readonly=True)
    quantity_before = fields.Float(
        "On hand", digits="Product Unit", readonly=True, help="When it was held."
    )
    difference = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What is added to the stock once it is approved; below zero: taken out.",
    )
    quantity_counted = fields.Float(
        "Counted", compute="_compute_quantity_counted", digits="Product Unit"
    )
    scrap_id = fields.Many2one(
        "stock.scrap", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", "Asked by", default=lambda self: self.env.uid, readonly=True
    )
    applied_at = fields.Datetime(readonly=True)
    move_ids = fields.One2many("stock.move", "retail_hold_id", readonly=True)
    approval_text = fields.Char(related="exception_id.approval_text")

    _waiting_unique = models.UniqueIndex(
        "(product_id, location_id, COALESCE(lot_id, 0), COALESCE(package_id, 0), "
        "COALESCE(owner_id, 0), COALESCE(scrap_id, 0)) WHERE state = 'waiting'",
        "This stock already waits for an approval.",
    )

    def _compute_quantity_counted(self):
        for hold in self:
            hold.quantity_counted = hold.quantity_before + hold.difference

    def _place(self):
        keys = (self.product_id, self.location_id, self.lot_id)
        return (*keys, self.package_id, self.owner_id)

    # === CARRYING OUT === #

    def _apply(self):
        """Change the stock as approved; called by the queue, under the kind's user."""
        for hold in self.sudo().filtered(lambda each: each.state == "waiting"):
            hold.state = "released"
            if hold.kind == "scrap":
                hold.scrap_id.with_env(self.env).do_scrap()
            else:
                hold._adjust(self.env)
            hold.write({"state": "applied", "applied_at": fields.Datetime.now()})
            hold._note("stock.applied")

    def _adjust(self, env):
        """Apply the difference, not the count: goods were sold in the meantime."""
        quant = self._quant(env).with_context(retail_stock_hold=self.id)
        quant.inventory_quantity = quant.quantity + self.difference
        quant._apply_inventory()

    def _quant(self, env):
        quants = env["stock.quant"].with_context(inventory_mode=True)
        place = {
            "product_id": self.product_id,
            "location_id": self.location_id,
            "lot_id": self.lot_id,
            "package_id": self.package_id,
            "owner_id": self.owner_id,
        }
        found = quants._gather(
            *(self.product_id, self.location_id),
            lot_id=self.lot_id,
            package_id=self.package_id,
            owner_id=self.owner_id,
            strict=True,
        ).filtered(lambda quant: quant.lot_id == self.lot_id)
        values = {name: record.id for name, record in place.items()}
        return found[:1] or quants.create({**values, "inventory_quantity": 0})

    def _refuse(self):
        self._end("refused", "stock.refused")

    def _drop(self):
        self._end("dropped", "stock.dropped")

    def _end(self, state, action):
        ending = self.sudo().filtered(lambda each: each.state == "waiting")
        ending.write({"state": state})
        ending._note(action)

    def _note(self, action):
        self.env["retail.audit.entry"]._record(
            self,
            action,
            [
                {
                    "case": hold.exception_id.name,
                    "product_id": hold.product_id.id,
                    "location_id": hold.location_id.id,
                    "difference": hold.difference,
                }
                for hold in self
            ],
        )

    # === THE GATE'S QUESTION === #

    def _allows(self, move):
        """Tell whether a done move is what was approved here, and no more.

        :param move: stock.move
        :return: bool, from the database: the case's approval included
        """
        hold = self.sudo()
        if hold.state not in ("released", "applied"):
            return False
        lines = move.move_line_ids
        total = sum(lines.mapped("quantity_product_uom"))
        return (
            all(line._retail_place() == hold.location_id for line in lines)
            and (move.location_id.usage == "inventory") == (hold.difference > 0)
            and move.product_id == hold.product_id
            and lines.lot_id <= hold.lot_id
            and hold.product_uom_id.compare(total, abs(hold.difference)) <= 0
            and hold._is_approved()
        )

    def _is_approved(self):
        requests = self.exception_id.approval_request_ids
        return any(
            request.state == "approved" and request._fits(self.exception_id)
            for request in requests
        )

    def _check_not_waiting(self):
        """Refuse to go on while stock waits.

        :raise UserError: naming the case
        """
        waiting = self.sudo().filtered(lambda each: each.state == "waiting")
        if waiting:
            raise UserError(
                self.env._(
                    "%(case)s holds %(product)s at %(place)s until it is approved. It "
                    "goes on by itself then; cancel the case to give the count up.",
                    case=waiting[0].exception_id.name,
                    product=waiting[0].product_id.display_name,
                    place=waiting[0].location_id.display_name,
                )
            )

    def action_open_case(self):
        """Open the case that decides."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.exception",
            "res_id": self.exception_id.id,
            "views": [(False, "form")],
        }
