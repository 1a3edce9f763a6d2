from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import config

from ..tools import secret_box


class RetailSecretBox(models.AbstractModel):
    """Encrypts what must sign, with a key file outside the database."""

    _name = "retail.secret.box"
    _description = "Secret box"

    @api.model
    def _box(self):
        path = secret_box.key_file(config.options, config["data_dir"])
        return secret_box.open_box(path)

    @api.model
    def _seal(self, secret):
        """Return an encrypted text.

        :raise UserError: when the key file cannot be used
        """
        try:
            return secret_box.seal(self._box(), secret)
        except secret_box.SecretBoxError as error:
            raise UserError(
                self.env._("The secret cannot be stored: %s.", error)
            ) from error

    @api.model
    def _unseal(self, sealed):
        """Return the secret of an encrypted text.

        :raise secret_box.SecretBoxError: when the key file does not open it
        """
        return secret_box.unseal(self._box(), sealed)
