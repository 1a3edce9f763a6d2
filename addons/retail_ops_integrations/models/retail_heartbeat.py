from odoo import api, fields, models


class RetailHeartbeat(models.Model):
    """When a system last said that it is alive, such as n8n."""

    _name = "retail.heartbeat"
    _description = "Heartbeat of a system"
    _log_access = False
    _allow_sudo_commands = False
    _order = "source_id, system"
    _rec_name = "system"

    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id")
    system = fields.Char(required=True, readonly=True)
    beat_at = fields.Datetime(string="Last heartbeat", required=True, readonly=True)
    status = fields.Selection(
        [("ok", "Well"), ("failing", "Failing")], required=True, readonly=True
    )
    runs = fields.Integer(
        readonly=True, help="Workflows run since the heartbeat before."
    )
    failed_runs = fields.Integer(readonly=True, help="How many of them failed.")
    detail = fields.Char(readonly=True)

    _system_unique = models.UniqueIndex(
        "(source_id, system)", "This system has its heartbeat here already."
    )

    @api.model
    def _beat(self, event):
        """Take in a heartbeat, unless a later one was here before.

        :param event: retail.event
        :return: retail.heartbeat
        """
        data = event._data()
        known = self.sudo().search(
            [("source_id", "=", event.source_id.id), ("system", "=", data["system"])]
        )
        values = {
            "beat_at": event.occurred_at,
            "status": data.get("status", "ok"),
            "runs": data.get("runs", 0),
            "failed_runs": data.get("failed_runs", 0),
            "detail": data.get("detail"),
        }
        if not known:
            names = {"source_id": event.source_id.id, "system": data["system"]}
            return known.create({**values, **names})
        if known.beat_at <= event.occurred_at:
            known.write(values)
        return known

    @api.model
    def _is_well(self, data):
        """Tell whether a heartbeat reports runs, and none of them failed."""
        return data.get("runs") and not data.get("failed_runs")
