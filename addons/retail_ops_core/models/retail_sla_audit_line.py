from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..tools.storeday import moment_of
from .retail_exception_type import FAMILIES
from .retail_sla_target import SEVERITIES


class RetailSlaAuditLine(models.Model):
    """The figures of one day for one store, type, queue and severity."""

    _name = "retail.sla.audit.line"
    _description = "SLA Compliance"
    _inherit = "retail.sla.figures"
    _log_access = False
    _allow_sudo_commands = False
    _order = "date desc, store_id, type_id, id"

    audit_id = fields.Many2one(
        "retail.sla.audit", required=True, readonly=True, index=True, ondelete="cascade"
    )
    store_id = fields.Many2one(
        "retail.store", required=True, readonly=True, ondelete="restrict"
    )
    region_id = fields.Many2one("retail.region", readonly=True, ondelete="restrict")
    type_id = fields.Many2one(
        "retail.exception.type", required=True, readonly=True, ondelete="restrict"
    )
    family = fields.Selection(FAMILIES, readonly=True)
    queue_id = fields.Many2one("retail.queue", readonly=True, ondelete="restrict")
    severity = fields.Selection(SEVERITIES, readonly=True)

    _store_idx = models.Index("(store_id, date)")
    _region_idx = models.Index("(region_id, date)")

    def init(self):
        self.env["retail.audit.entry"]._refuse_changes(self._table)

    def action_open_exceptions(self):
        """Open the exceptions whose deadlines these were."""
        self.ensure_one()
        zone = self.store_id.tz
        begin = moment_of(self.date, 0, zone)
        end = moment_of(self.date + timedelta(days=1), 0, zone)
        that_day = [
            fields.Domain(name, ">=", begin) & fields.Domain(name, "<", end)
            for name in ("acknowledge_due", "act_due", "resolve_due", "breached_at")
        ]
        still_open = fields.Domain("resolve_due", "<", begin)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_exception_all"
        )
        action["domain"] = list(
            fields.Domain("store_id", "=", self.store_id.id)
            & fields.Domain("type_id", "=", self.type_id.id)
            & (
                fields.Domain.OR(that_day)
                | (still_open & fields.Domain("is_open", "=", True))
            )
        )
        action["context"] = {}
        return action

    def write(self, vals):
        if vals:
            raise AccessError(self._refusal())
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise AccessError(self._refusal())
