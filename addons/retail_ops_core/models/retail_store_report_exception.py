from odoo import api, fields, models
from odoo.exceptions import UserError


class RetailException(models.Model):
    """The daily report behind an exception, with its slip."""

    _inherit = "retail.exception"

    report_id = fields.Many2one(
        "retail.store.report",
        "Daily report",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    report_slip = fields.Image("Slip", related="report_id.slip")
    report_slip_sha256 = fields.Char(related="report_id.slip_sha256")

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "report_id":
            return self.env.su
        return super()._has_field_access(field, operation)

    def _resolve_by_late_report(self, note):
        """Resolve where nothing forbids it, say it where something does.

        What an exception still needs never keeps a store from filing.
        """
        for exception in self:
            if exception.state == "new":
                exception._set_triaged()
            exception._try_or_tell(note, exception._set_resolved)

    def _hear_of_correction(self, check, note):
        """Take the correction's result into the case; a new failure reopens it."""
        self.ensure_one()
        if check.passed or self.state not in ("resolved", "closed"):
            self.message_post(body=note)
        else:
            self._try_or_tell(note, self._set_reopened)

    def _try_or_tell(self, note, step):
        try:
            with self.env.cr.savepoint():
                step(note)
        except UserError as refusal:
            self.message_post(
                body=self.env._("%(note)s %(why)s", note=note, why=refusal)
            )
