from odoo import fields, models


class RetailDeliveryAttempt(models.Model):
    """What one attempt to deliver met with; written once."""

    _name = "retail.delivery.attempt"
    _description = "Delivery attempt"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "attempted_at"

    delivery_id = fields.Many2one(
        "retail.delivery", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="delivery_id.company_id")
    number = fields.Integer(string="Attempt", readonly=True)
    attempted_at = fields.Datetime(required=True, readonly=True)
    status = fields.Integer(
        string="Answer", readonly=True, help="HTTP status; 0 when none came."
    )
    seconds = fields.Float(string="Took (s)", digits=(12, 3), readonly=True)
    error_class = fields.Selection(
        [
            ("blocked", "Egress refused"),
            ("timeout", "No complete answer in time"),
            ("tls", "TLS"),
            ("connection", "No connection"),
            ("status", "Refused by the receiver"),
            ("key", "No key to sign with"),
        ],
        string="Failure",
        readonly=True,
    )
    error = fields.Char(readonly=True)
    response = fields.Text(
        readonly=True, help="The first 16 KiB of the receiver's answer."
    )

    _response_idx = models.Index("(attempted_at) WHERE response IS NOT NULL")
    _attempted_idx = models.Index("(attempted_at)")
