from odoo import fields, models


class RetailTransferDecline(models.TransientModel):
    """Why a store that is asked for goods keeps them."""

    _name = "retail.transfer.decline"
    _description = "Decline a Transfer"

    exception_id = fields.Many2one(
        "retail.exception", "Case", required=True, readonly=True, ondelete="cascade"
    )
    store_id = fields.Many2one(
        "retail.store",
        "Asked for the goods",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    reason = fields.Text(
        required=True,
        help="The store in need reads this: say why the goods have to stay.",
    )

    def action_confirm(self):
        """Decline with the reason.

        :return: the client action that says so; who was let read the case for this
            answer alone goes on at home
        :raise UserError: when this store is not, or no longer, asked
        """
        self.ensure_one()
        self.exception_id._decline_transfer(self.store_id, self.reason)
        return self._declined_notice()

    def _declined_notice(self):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "title": self.env._("The goods stay"),
                "message": self.env._("The store in need was told, with your reason."),
                "next": self._next_screen(),
            },
        }

    def _next_screen(self):
        if self.exception_id.has_access("read"):
            return {"type": "ir.actions.act_window_close"}
        return self.env["ir.actions.actions"]._for_xml_id("retail_ops_core.action_home")
