from odoo import api, fields, models


class RetailSecretEntry(models.TransientModel):
    """Takes the secret that a sender has made: it is stored encrypted, nowhere else."""

    _name = "retail.secret.entry"
    _description = "Enter key"

    source_id = fields.Many2one("retail.source", required=True, readonly=True)
    signature_scheme = fields.Selection(related="source_id.signature_scheme")
    secret = fields.Char(
        store=False,
        help="As the sender shows it: Shopify calls it the client secret, Stripe the "
        "signing secret; Standard Webhooks v1a has a public key, whpk_….",
    )
    overlap_hours = fields.Integer(
        string="Older keys go on for (hours)",
        default=24,
        help="0 ends them now; at most 168.",
    )

    @api.model
    def _ask(self, source):
        """Return the window that takes a key for a source.

        :param source: retail.source
        """
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Key of %s", source.name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_source_id": source.id},
        }

    @api.model_create_multi
    def create(self, vals_list):
        """Keep the secrets at once: the records themselves never hold one."""
        secrets = [vals.pop("secret", None) for vals in vals_list]
        records = super().create(vals_list)
        for record, secret in zip(records, secrets, strict=True):
            record.source_id.check_access("write")
            self.env["retail.source.key"]._enter(
                record.source_id, (secret or "").strip(), record.overlap_hours
            )
        return records

    def action_confirm(self):
        """Close the window: the key was kept when the record was made."""
        return {"type": "ir.actions.act_window_close"}
