from odoo import api, fields, models


class RetailExceptionNotice(models.Model):
    """Who outside was told of a case, by whom, and whether he said that he knows."""

    _name = "retail.exception.notice"
    _description = "Notice about an exception"
    _log_access = False
    _allow_sudo_commands = False
    _order = "exception_id, sent_at"
    _rec_name = "audience"

    exception_id = fields.Many2one(
        "retail.exception", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="exception_id.company_id")
    audience = fields.Char(
        required=True, readonly=True, help="In what part, such as supplier or region."
    )
    channel = fields.Char(readonly=True, help="How, such as e-mail.")
    workflow = fields.Char(
        readonly=True, help="The workflow that told, with its version and run."
    )
    source_id = fields.Many2one(
        "retail.source", readonly=True, ondelete="set null", string="Told by"
    )
    sent_at = fields.Datetime(readonly=True)
    acknowledged_at = fields.Datetime(readonly=True)
    answer = fields.Char(readonly=True, help="What was answered.")

    _audience_unique = models.UniqueIndex(
        "(exception_id, audience)", "This part was told of the case already."
    )

    @api.model
    def _note(self, exception, audience, values):
        """Note once that somebody was told, or has answered; the first one counts.

        :param exception: retail.exception
        :param audience: text
        :param values: dict of fields; those that have a value are kept
        :return: retail.exception.notice
        """
        known = self.sudo().search(
            [("exception_id", "=", exception.id), ("audience", "=", audience)]
        )
        if not known:
            names = {"exception_id": exception.id, "audience": audience}
            return known.create({**names, **values})
        known.write({name: value for name, value in values.items() if not known[name]})
        return known
