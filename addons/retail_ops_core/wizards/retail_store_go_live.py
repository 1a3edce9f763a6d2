from odoo import api, fields, models


class RetailStoreGoLive(models.TransientModel):
    """What is to be mended before a store goes live."""

    _name = "retail.store.go.live"
    _description = "Go Live of a Store"

    store_id = fields.Many2one(
        "retail.store", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(
        [("pilot", "Pilot"), ("live", "Live")], "Becomes", required=True, default="live"
    )
    blocking_count = fields.Integer(compute="_compute_violations")
    warning_count = fields.Integer(compute="_compute_violations")
    violations = fields.Html(compute="_compute_violations", sanitize=False)

    @api.depends("store_id")
    def _compute_violations(self):
        for wizard in self:
            found = self.env["retail.data.check"]._of_store(wizard.store_id)
            rows = [wizard._row(check, found[check]) for check in found]
            rows.sort(key=lambda row: not row["is_blocking"])
            wizard.blocking_count = sum(row["is_blocking"] for row in rows)
            wizard.warning_count = len(rows) - wizard.blocking_count
            wizard.violations = self.env["ir.qweb"]._render(
                "retail_ops_core.store_violations", {"rows": rows}
            )

    def _row(self, check, records):
        first = records[0]
        return {
            "name": check.name,
            "remedy": check.remedy,
            "is_blocking": check.is_blocking,
            "count": len(records),
            "url": f"/odoo/{first._name}/{first.id}",
            "first": first.display_name,
        }

    def action_confirm(self):
        """Let the store go live, when nothing blocks it.

        :raise UserError: with what blocks it, from the store itself
        """
        self.ensure_one()
        self.store_id.state = self.state
        return {"type": "ir.actions.act_window_close"}
