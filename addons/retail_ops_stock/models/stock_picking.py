import logging

from psycopg2 import OperationalError

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import NO_ACCESS

_logger = logging.getLogger(__name__)


class StockPicking(models.Model):
    """A transfer that a case proposes goes out once the giving store agrees."""

    _inherit = "stock.picking"

    # Who reads transfers need not be one who reads cases.
    retail_case_ids = fields.One2many(
        "retail.exception",
        "stock_picking_id",
        string="Proposed by",
        readonly=True,
        groups=NO_ACCESS,
    )
    retail_agreed_by_id = fields.Many2one(
        "res.users",
        string="Agreed by",
        readonly=True,
        copy=False,
        help="Who answers for the giving store and let these goods go.",
    )

    def _has_field_access(self, field, operation):
        allowed = super()._has_field_access(field, operation)
        is_ours = field.name == "retail_agreed_by_id" and operation == "write"
        return allowed and (self.env.su or not is_ours)

    def _retail_givers(self):
        """Return the stores that are asked: the proposed one, and all taken from."""
        picking = self.sudo()
        moves = picking.move_ids
        lines = picking.move_line_ids | moves.move_line_ids
        places = moves.location_id | lines.location_id
        proposed = picking.retail_case_ids.stock_giver_id
        return proposed.union(*(place._retail_store() for place in places))

    def _may_let_go(self, user):
        """Tell whether somebody answers for each of the giving stores."""
        givers = self._retail_givers()
        return bool(givers) and all(store._answers(user) for store in givers)

    def _asking_giver(self):
        """Return those that a case proposes and nobody agreed to yet."""
        return self.sudo().filtered(
            lambda picking: picking.retail_case_ids and not picking.retail_agreed_by_id
        )

    def _check_giver_agrees(self):
        """Note who lets the goods of a proposed transfer go.

        :raise UserError: to anybody else, naming who may
        """
        for picking in self._asking_giver():
            picking._check_may_let_go()
            picking._note_agreement()

    def _check_proposal_stands(self):
        """Refuse a change of what is proposed to who could not agree to it.

        :raise UserError: naming who may
        """
        for picking in self._asking_giver():
            picking._check_may_let_go()

    def _check_may_let_go(self):
        if not self._may_let_go(self.env.user):
            raise UserError(self._who_lets_go())

    def _who_lets_go(self):
        case, store = self.retail_case_ids[:1].name, self._retail_givers()[:1]
        if not store:
            return self.env._(
                "%s proposes this transfer, and the goods are taken from no store: "
                "cancel it, and transfer what is needed from a store.",
                case,
            )
        return self.env._(
            "%(case)s proposes to take these goods from %(store)s: its manager "
            "%(manager)s, or a manager of its region, confirms the transfer first.",
            case=case,
            store=store.display_name,
            manager=store.manager_id.name or "",
        )

    # === LATE RECEIPTS === #

    def _raise_where_late(self):
        """Raise a case for each late receipt of a store, with whom to ask.

        Called by the Automation Rule “Receipts: raise those past their date”. What
        keeps it from being raised is told by the daily look through the store. The
        clock that calls it has no language: the case is in the company's.
        """
        try:
            with self.env.cr.savepoint():
                watch = self.env["retail.stock.watch"]
                watch = watch.with_context(lang=self.env.company.partner_id.lang)
                watch._raise_late(self)
        except OperationalError:
            raise
        except Exception:
            _logger.info("no case for late receipts %s", self.ids, exc_info=True)
