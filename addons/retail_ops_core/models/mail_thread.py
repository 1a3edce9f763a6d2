from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError


class MailThread(models.AbstractModel):
    """Mail makes records as superuser: who brings it does not say which."""

    _inherit = "mail.thread"

    @api.model
    def message_process(self, model, message, custom_values=None, **options):
        """Take in a mail; its address says what becomes of it.

        Incoming mail servers and administrators also name a model and values, as in
        Odoo. Anybody else may hand in a mail, as Odoo's gateway script does.

        :param model: name of the model that takes what no address is known for
        :param message: the mail, text or bytes of RFC 2822
        :param custom_values: dict of values for a new record
        :return: id of the record, or False
        :raise AccessError: to who names more than the mail without being administrator
        """
        chosen = model or custom_values or options.get("thread_id")
        defaults = any(key.startswith("default_") for key in self.env.context)
        if (chosen or defaults) and not self._may_route_mail():
            raise AccessError(
                self.env._(
                    "A mail goes where its address says: set up an alias, or ask an "
                    "administrator for an incoming mail server."
                )
            )
        return super().message_process(model, message, custom_values, **options)

    def _may_route_mail(self):
        user = self.env.user
        return user.id == SUPERUSER_ID or user.has_group("base.group_system")
