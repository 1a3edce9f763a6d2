from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetailExceptionImportComment(models.Model):
    """What somebody said about a case in the old system."""

    _name = "retail.exception.import.comment"
    _description = "Comment of an Imported Case"
    _order = "date, id"

    import_id = fields.Many2one(
        "retail.exception.import", required=True, index=True, ondelete="cascade"
    )
    date = fields.Datetime(required=True, help="When it was said, in UTC.")
    author = fields.Char(required=True, help="Who said it, as the old system has it.")
    text = fields.Text(required=True)

    @api.model_create_multi
    def create(self, vals_list):
        """Take comments that come with their case, and none afterwards."""
        comments = super().create(vals_list)
        if comments.import_id.exception_id:
            raise ValidationError(
                self.env._(
                    "What was imported stays as it came: comment on the exception."
                )
            )
        return comments
