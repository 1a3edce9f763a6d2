from odoo import fields, models
from odoo.fields import Domain


class DigestDigest(models.Model):
    """What was decided, and how long it took."""

    _inherit = "digest.digest"

    kpi_retail_approvals = fields.Boolean(
        "Approvals Decided",
        help="Requests that people approved or rejected in the period.",
    )
    kpi_retail_approvals_value = fields.Integer(
        compute="_compute_kpi_retail_approvals_value"
    )
    kpi_retail_approval_time = fields.Boolean(
        "Approval Cycle Time",
        help="The KPI of that name, over whole business days up to yesterday.",
    )
    kpi_retail_approval_time_value = fields.Float(
        compute="_compute_kpi_retail_approval_time_value"
    )

    def _compute_kpi_retail_approvals_value(self):
        self._count_retail(
            "retail.approval.request",
            "kpi_retail_approvals_value",
            "decided_at",
            Domain("state", "in", ("approved", "rejected"))
            & Domain("is_automatic", "=", False),
        )

    def _compute_kpi_retail_approval_time_value(self):
        for digest in self:
            digest.kpi_retail_approval_time_value = digest._retail_figure(
                "kpi_retail_approval_time"
            )

    def _retail_figures(self):
        figures = super()._retail_figures()
        return {**figures, "kpi_retail_approval_time": "approval_cycle_time"}

    def _retail_screens(self):
        return {
            **super()._retail_screens(),
            "kpi_retail_approvals": "retail_ops_approvals.action_request_all",
            "kpi_retail_approval_time": "retail_ops_core.action_kpi_snapshot",
        }
