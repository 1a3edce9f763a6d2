from datetime import timedelta

from odoo import api, fields, models

from ..tools import envelope


class RetailSource(models.Model):
    """Credentials to try the doors with, made anew each time, in no file."""

    _inherit = "retail.source"

    @api.model
    def _provision_demo_credentials(self):
        """Issue keys for the demo's POS and its listener, and open both.

        :return: dict ``{"source": {"code", "secret"}, "endpoint": {"url",
            "secret"}}``
        :raise ValueError: the demo data is not installed
        """
        source = self.env.ref("retail_ops_integrations.source_demo_pos")
        endpoint = self.env.ref("retail_ops_integrations.endpoint_demo_listen")
        keys = self.env["retail.source.key"]
        source_secret = keys._issue({"source_id": source.id}, overlap_hours=0)
        endpoint_secret = self.env["retail.endpoint.key"]._issue(
            {"endpoint_id": endpoint.id}, overlap_hours=0
        )
        source.action_activate()
        endpoint.action_activate()
        return {
            "source": {"code": source.code, "secret": source_secret},
            "endpoint": {"url": endpoint.url, "secret": endpoint_secret},
        }

    @api.model
    def _receive_demo(self, source_id, event_id, event_type, hours_ago, data):
        """Receive an event of the demo data as the door does, once it is proven.

        :param source_id: int
        :param hours_ago: how long ago it happened
        :param data: dict
        """
        occurred_at = fields.Datetime.now() - timedelta(hours=hours_ago)
        body = envelope.write_plain(event_type, 1, occurred_at, data)
        door = self.browse(source_id)._door()
        self.env["retail.event"]._accept(door, body, envelope.PLAIN, event_id)
