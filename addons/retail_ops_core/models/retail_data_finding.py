from odoo import fields, models


class RetailDataFinding(models.Model):
    """A record that violates a check, as of the last look."""

    _name = "retail.data.finding"
    _description = "Data Quality Violation"
    _log_access = False
    _order = "is_blocking desc, check_id, name"

    check_id = fields.Many2one(
        "retail.data.check",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    name = fields.Char("Record", required=True, readonly=True)
    model = fields.Selection(related="check_id.model", store=True)
    res_id = fields.Integer(required=True, readonly=True)
    company_id = fields.Many2one("res.company", readonly=True, index=True)
    store_id = fields.Many2one(
        "retail.store", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    remedy = fields.Text(related="check_id.remedy")
    is_blocking = fields.Boolean(related="check_id.is_blocking", store=True)

    def action_open_record(self):
        """Open the record that is to be mended."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
