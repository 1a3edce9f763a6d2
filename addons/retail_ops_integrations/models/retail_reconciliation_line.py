from odoo import fields, models


class RetailReconciliationLine(models.Model):
    """A line of a list that was not simply here already."""

    _name = "retail.reconciliation.line"
    _description = "Reconciliation line"
    _log_access = False
    _allow_sudo_commands = False
    _order = "line, id"
    _rec_name = "event_id"

    run_id = fields.Many2one(
        "retail.reconciliation.run",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="run_id.company_id")
    line = fields.Integer(readonly=True)
    event_id = fields.Char(string="Event id", readonly=True)
    outcome = fields.Selection(
        [
            ("repaired", "Missing, taken in now"),
            ("missing", "Missing, and the list holds no data"),
            ("conflicting", "Here with other data"),
            ("refused", "No event of this source"),
        ],
        required=True,
        readonly=True,
    )
    detail = fields.Char(readonly=True)
    event_job_id = fields.Many2one(
        "retail.event.job",
        string="Event here",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )

    def action_open_event(self):
        """Open what is here under the same id."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.event.job",
            "res_id": self.event_job_id.id,
            "view_mode": "form",
        }
