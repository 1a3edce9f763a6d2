from odoo import api, fields, models

from ..tools import example


class RetailSecretReveal(models.TransientModel):
    """Shows a secret once: nothing in it is ever stored."""

    _name = "retail.secret.reveal"
    _description = "New secret"

    secret = fields.Char(readonly=True, store=False)
    is_api_key = fields.Boolean(readonly=True, store=False)
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
    def _show_api_key(self, source, key):
        """Return the window that shows an API key and how to use it.

        :param source: retail.source
        :param key: text
        """
        url = f"{source.get_base_url()}/retail_ops/v1/events"
        window = self._show(source, key)
        window["context"] |= {
            "default_is_api_key": True,
            "default_command": example.curl_with_key(
                url, source.code, key, *self._sample(source)
            ),
        }
        return window

    @api.model
    def _example(self, source, secret):
        return example.curl(
            f"{source.get_base_url()}/retail_ops/v1/events",
            source.code,
            secret,
            *self._sample(source),
        )

    @api.model
    def _sample(self, source):
        """Return name, version and sample data of a type that the source may send."""
        event_type = source.event_type_ids[:1]
        return (
            event_type.name or "stock.discrepancy.found",
            event_type.version or 1,
            event_type.sample or "{}",
        )
