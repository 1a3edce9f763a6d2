from odoo import api, fields, models
from odoo.exceptions import AccessError

from .retail_approval_turnaround import MEASURES


class RetailApprovalBaseline(models.Model):
    """A turnaround as it was at the start: dated, and locked."""

    _name = "retail.approval.baseline"
    _description = "Approval Baseline"
    _order = "frozen_at desc, id desc"
    _allow_sudo_commands = False
    _rec_name = "measure"

    measure = fields.Selection(MEASURES, required=True, readonly=True)
    kind_id = fields.Many2one("retail.request.kind", readonly=True, ondelete="restrict")
    region_id = fields.Many2one("retail.region", readonly=True, ondelete="restrict")
    user_id = fields.Many2one(
        "res.users", string="Approver", readonly=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict"
    )
    decided_count = fields.Integer(string="Decided", readonly=True)
    p50_hours = fields.Float(string="Median (h)", readonly=True, aggregator=None)
    p95_hours = fields.Float(string="95 % within (h)", readonly=True, aggregator=None)
    frozen_at = fields.Datetime(required=True, readonly=True)
    frozen_by_id = fields.Many2one(
        "res.users", required=True, readonly=True, ondelete="restrict"
    )

    _one_per_figure = models.UniqueIndex(
        "(measure, company_id, COALESCE(kind_id, 0), COALESCE(region_id, 0), "
        "COALESCE(user_id, 0))",
        "This figure has its baseline already, and a baseline stays as it is.",
    )

    def write(self, vals):
        if self:
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self._refusal())

    @api.model
    def _refusal(self):
        return self.env._("A baseline is locked: nobody changes or deletes it.")

    def _about(self):
        about = self.kind_id.id, self.region_id.id, self.user_id.id
        return (self.measure, self.company_id.id, *about)

    @api.model
    def _freeze(self, rows):
        """Keep figures that have no baseline yet; those that have one are left alone.

        :param rows: retail.approval.turnaround of the last 90 days
        :return: the retail.approval.baseline made
        """
        known = {baseline._about() for baseline in self.sudo().search([])}
        new = rows.filtered(lambda row: row._about() not in known)
        baselines = self.sudo().create([self._values_of(row) for row in new])
        self.env["retail.audit.entry"]._record(
            baselines,
            "approval.baseline.frozen",
            [
                {"p50_hours": each.p50_hours, "p95_hours": each.p95_hours}
                for each in baselines
            ],
        )
        return baselines

    @api.model
    def _values_of(self, row):
        return {
            "measure": row.measure,
            "kind_id": row.kind_id.id,
            "region_id": row.region_id.id,
            "user_id": row.user_id.id,
            "company_id": row.company_id.id,
            "decided_count": row.decided_count,
            "p50_hours": row.p50_hours,
            "p95_hours": row.p95_hours,
            "frozen_at": fields.Datetime.now(),
            "frozen_by_id": self.env.uid,
        }
