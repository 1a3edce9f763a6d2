from odoo import api, fields, models

from ..tools import example


class RetailSecretReveal(models.TransientModel):
    """Shows a secret once: nothing in it is ever stored."""

    _name = "retail.secret.reveal"
    _description = "New secret"

    secret = fields.Char(readonly=True, store=False)
    is_source = fields.Boolean(readonly=True, store=False)
    command = fields.Text(
        string="Try it",
        readonly=True,
        store=False,
        help="Paste it into a shell that has openssl and curl.",
    )

    @api.model
    def _show(self, owner, secret):
        """Return the window that shows a secret and how to use it.

        :param owner: retail.source or retail.endpoint
        :param secret: text
        """
        is_source = owner._name == "retail.source"
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New key of %s", owner.name),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_secret": secret,
                "default_is_source": is_source,
                "default_command": self._example(owner, secret) if is_source else False,
            },
        }

    @api.model
    def _example(self, source, secret):
        event_type = source.event_type_ids[:1]
        return example.curl(
            f"{source.get_base_url()}/retail_ops/v1/events",
            source.code,
            secret,
            event_type.name or "stock.discrepancy.found",
            event_type.version or 1,
            event_type.sample or "{}",
        )
