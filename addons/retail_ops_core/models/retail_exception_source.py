from odoo import api, fields, models
from odoo.exceptions import UserError

SOURCE_FIELDS = {"source_model", "source_res_id"}


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    before_close = fields.Boolean(
        "Settle before period close",
        help="Open cases of this type stand in finance's list of what is to be "
        "settled before a period is closed.",
    )


class RetailException(models.Model):
    """The document that the exception is about."""

    _inherit = "retail.exception"

    source_document = fields.Char(
        help="Number of the receipt, settlement, order or invoice it is about."
    )
    source_model = fields.Char(readonly=True, copy=False)
    source_res_id = fields.Many2oneReference(
        "Source record",
        model_field="source_model",
        readonly=True,
        copy=False,
        aggregator=None,
    )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in SOURCE_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    def action_open_source(self):
        """Open the document it is about.

        :raise UserError: when that is not in this database, or is gone
        """
        self.ensure_one()
        model = self.source_model
        record = model in self.env and self.env[model].browse(self.source_res_id)
        if not record or not record.exists():
            raise UserError(
                self.env._(
                    "The document %s is not in this database: look it up where it "
                    "was made.",
                    self.source_document or "",
                )
            )
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": model,
            "res_id": record.id,
            "view_mode": "form",
        }
