import logging

from psycopg2 import OperationalError

from odoo import Command, api, fields, models

_logger = logging.getLogger(__name__)


class RetailException(models.Model):
    """What could be done about goods that run out: prepared, never confirmed."""

    _inherit = "retail.exception"

    stock_level_id = fields.Many2one(
        "stock.warehouse.orderpoint",
        "Reordering rule",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    stock_proposal = fields.Selection(
        [
            ("transfer", "Transfer from another store"),
            ("request", "Urgent buy asked for"),
            ("supplier", "Ask the vendor"),
            ("none", "No source found"),
        ],
        "Proposal",
        readonly=True,
        copy=False,
    )
    stock_proposed_at = fields.Datetime(
        "Proposed at",
        readonly=True,
        copy=False,
        help="When the first proposal was prepared.",
    )
    stock_proposal_note = fields.Text("What is proposed", readonly=True, copy=False)
    stock_request_id = fields.Many2one(
        "retail.request", "Urgent buy", readonly=True, copy=False
    )
    stock_picking_id = fields.Many2one(
        "stock.picking",
        "Prepared transfer",
        readonly=True,
        copy=False,
        index="btree_not_null",
    )
    stock_giver_id = fields.Many2one(
        "retail.store",
        "Asked for the goods",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The store that would give the goods: its manager, or a manager of its "
        "region, agrees before they go.",
    )
    stock_agreed_by_id = fields.Many2one(
        related="stock_picking_id.retail_agreed_by_id",
        string="Transfer agreed by",
        help="Who answers for the giving store and let these goods go.",
    )
    can_agree_to_transfer = fields.Boolean(compute="_compute_can_agree_to_transfer")

    @api.depends("stock_picking_id.state")
    @api.depends_context("uid")
    def _compute_can_agree_to_transfer(self):
        for case in self:
            picking = case.sudo().stock_picking_id
            is_draft = picking.state == "draft"
            case.can_agree_to_transfer = is_draft and picking._may_let_go(self.env.user)

    def _prepare_stock_proposal(self):
        """Prepare what would bring the goods; called by the Automation Rule, once.

        The nearest store with enough to spare: of the same region first, then of the
        next one up. Without one, the vendor is named.
        """
        for case in self.sudo().filtered("stock_level_id"):
            if not case.stock_proposal:
                case._propose_or_tell()

    def _propose_or_tell(self):
        """Prepare one proposal; what keeps it from being made keeps no other one."""
        try:
            with self.env.cr.savepoint():
                self._propose(self.stock_level_id.retail_shortage)
        except OperationalError:
            raise
        except Exception as error:
            _logger.info("nothing could be proposed for case %s", self.id)
            self.stock_proposal_note = self.env._(
                "Nothing was prepared, so order the goods by hand. What kept it: %s",
                error,
            )
            self.message_post(body=self.stock_proposal_note)

    def _propose(self, shortage):
        if shortage == "request":
            return self._propose_request()
        donor = shortage == "nearest" and self._nearest_donor()
        return self._propose_transfer(donor) if donor else self._propose_vendor()

    def _propose_request(self):
        """Ask for an urgent buy and its approval, in the name of the manager."""
        manager = self.store_id.manager_id or self.user_id
        request = self.env["retail.request"].with_user(manager)
        self.stock_request_id = request.create(self._request_values())
        self.stock_request_id.with_user(manager).action_request_approval()
        self.stock_proposal = "request"
        self._note_proposal(
            self.env._(
                "%(request)s asks for %(quantity)s of %(product)s and waits for its "
                "approval.",
                request=self.stock_request_id.display_name,
                quantity=self._needed_quantity(),
                product=self.product_id.display_name,
            )
        )

    def _request_values(self):
        seller = self.product_id._select_seller(quantity=None)
        price = seller.price_discounted or self.product_id.standard_price
        quantity = self._needed_quantity()
        return {
            "kind_id": self.env.ref("retail_ops_approvals.kind_urgent_buy").id,
            "store_id": self.store_id.id,
            "summary": self.summary,
            "reason": self.reason,
            "amount": price * quantity,
            "currency_id": (seller.currency_id or self.company_currency_id).id,
            "partner_id": seller.partner_id.id,
            "product_id": self.product_id.id,
            "product_qty": quantity,
            "product_uom_id": self.product_id.uom_id.id,
        }

    def _needed_quantity(self):
        level = self.stock_level_id
        return max(level.product_max_qty, level.product_min_qty) - level.qty_forecast

    def _nearest_donor(self):
        """Return the reordering rule's like at a store that can spare the goods."""
        declined = self.stock_declined_store_ids
        levels = self.env["stock.warehouse.orderpoint"].search(
            [
                ("product_id", "=", self.product_id.id),
                ("company_id", "=", self.company_id.id),
                ("id", "!=", self.stock_level_id.id),
                ("warehouse_id.retail_store_ids.state", "in", ("pilot", "live")),
                ("warehouse_id.retail_store_ids", "not in", declined.ids),
            ]
        )
        able = levels.filtered(lambda level: self._can_spare(level))
        return able.sorted(lambda level: self._distance(level), reverse=True)[:1]

    def _can_spare(self, level):
        taken = self._needed_quantity() + self._promised_quantity(level)
        on_hand = level.product_id.with_context(location=level.location_id.id)
        left = level.qty_forecast - taken
        return on_hand.free_qty >= taken and left >= level.product_min_qty

    def _promised_quantity(self, level):
        """Return what open cases propose to take from there: drafts reserve nothing."""
        open_cases = self.env["retail.exception"].search(
            [
                ("is_open", "=", True),
                ("product_id", "=", level.product_id.id),
                ("stock_picking_id.state", "=", "draft"),
                ("stock_picking_id.location_id", "=", level.location_id.id),
            ]
        )
        return sum(open_cases.stock_picking_id.move_ids.mapped("product_qty"))

    def _distance(self, level):
        """Return how near a level's store is: regions shared, then its stock."""
        mine = (self.region_id.parent_path or "").split("/")
        store = level.warehouse_id.retail_store_ids[:1]
        theirs = (store.region_id.parent_path or "").split("/")
        return len(set(mine) & set(theirs)), level.qty_forecast

    def _propose_transfer(self, donor):
        quantity = self._needed_quantity()
        left = donor.qty_forecast - self._promised_quantity(donor) - quantity
        self.stock_giver_id = donor.warehouse_id.retail_store_ids[:1]
        self.stock_picking_id = self.env["stock.picking"].create(
            self._transfer_values(donor, quantity)
        )
        self.stock_proposal = "transfer"
        self._note_proposal(
            self.env._(
                "Transfer %(quantity)s %(unit)s of %(product)s from store %(store)s, "
                "which keeps %(left)s. It is prepared as a draft: the manager of that "
                "store, or of its region, agrees before the goods go.",
                quantity=quantity,
                unit=donor.product_uom.name,
                product=self.product_id.display_name,
                store=self.stock_giver_id.display_name,
                left=left,
            )
        )
        self._ask_giver()

    def _transfer_values(self, donor, quantity):
        return {
            "picking_type_id": donor.warehouse_id.int_type_id.id,
            "location_id": donor.location_id.id,
            "location_dest_id": self.stock_level_id.location_id.id,
            "origin": self.name,
            "company_id": self.company_id.id,
            "move_ids": [Command.create(self._move_values(donor, quantity))],
        }

    def _move_values(self, donor, quantity):
        return {
            "product_id": self.product_id.id,
            "product_uom": self.product_id.uom_id.id,
            "product_uom_qty": quantity,
            "location_id": donor.location_id.id,
            "location_dest_id": self.stock_level_id.location_id.id,
            "company_id": self.company_id.id,
        }

    def _propose_vendor(self):
        seller = self.product_id._select_seller(quantity=None)
        self.stock_proposal = "supplier" if seller else "none"
        asking = self._ask_vendor(seller) if seller else self._ask_for_a_vendor()
        if self.stock_level_id.retail_shortage == "nearest":
            none_near = self.env._("No store nearby can spare it.")
            asking = f"{none_near} {asking}"
        self._note_proposal(asking)

    def _ask_vendor(self, seller):
        return self.env._(
            "Ask %(vendor)s for %(quantity)s %(unit)s: delivery takes %(days)s days.",
            vendor=seller.partner_id.display_name,
            quantity=self._needed_quantity(),
            unit=self.product_id.uom_id.name,
            days=seller.delay,
        )

    def _ask_for_a_vendor(self):
        return self.env._("The product has no vendor: add one on its Purchase page.")

    def _note_proposal(self, text):
        self.stock_proposal_note = text
        self.stock_proposed_at = self.stock_proposed_at or fields.Datetime.now()
        self.message_post(body=text)

    def action_agree_to_transfer(self):
        """Let the goods of the prepared transfer go.

        :raise UserError: to who does not answer for the giving store
        """
        self.check_access("read")
        self.sudo().stock_picking_id.action_confirm()
        return True

    def action_open_stock_picking(self):
        """Open the prepared transfer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "stock.picking",
            "res_id": self.stock_picking_id.id,
            "views": [(False, "form")],
        }
