from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools import scheme
from .retail_secret_key import DEFAULT_OVERLAP_HOURS


class RetailSourceKey(models.Model):
    _name = "retail.source.key"
    _description = "Key of a source"
    _inherit = ["retail.secret.key", "retail.cached"]

    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="source_id.company_id")
    scheme = fields.Selection(
        lambda _model: scheme.choices(),
        required=True,
        readonly=True,
        default="standard_webhooks",
        help="The signature this key is for. A key never counts for another one.",
    )

    def _owner(self):
        return self.source_id

    def _decode(self, secret):
        return scheme.SCHEMES[self.scheme].decode(secret)

    @api.model
    def _issue(self, owner_vals, overlap_hours=DEFAULT_OVERLAP_HOURS):
        source = self.env["retail.source"].browse(owner_vals["source_id"])
        if not scheme.SCHEMES[source.signature_scheme].is_issued:
            raise UserError(
                self.env._(
                    "%s makes its own secret: press “Enter key” and paste it.",
                    source.name,
                )
            )
        return super()._issue(owner_vals, overlap_hours)

    @api.model
    def _enter(self, source, secret, overlap_hours=DEFAULT_OVERLAP_HOURS):
        """Keep a secret, or a public key, that the sender has made.

        :param source: retail.source
        :param secret: text
        :param overlap_hours: hours that older keys go on counting, 0 to 168
        :return: the new key
        :raise UserError: the text is no key of the source's scheme
        """
        try:
            scheme.SCHEMES[source.signature_scheme].decode(secret)
        except ValueError as error:
            raise UserError(
                self.env._(
                    "This is no key for %(scheme)s: %(reason)s.",
                    scheme=scheme.SCHEMES[source.signature_scheme].label,
                    reason=error,
                )
            ) from error
        return self._keep(
            {"source_id": source.id}, secret, overlap_hours, "key.entered"
        )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            source = self.env["retail.source"].browse(vals["source_id"])
            vals["scheme"] = source.signature_scheme
        return super().create(vals_list)
