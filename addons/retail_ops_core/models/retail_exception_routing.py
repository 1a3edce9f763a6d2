from odoo import api, fields, models
from odoo.exceptions import ValidationError


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    category_ids = fields.One2many(
        "retail.exception.category",
        "type_id",
        "Categories",
        copy=True,
        help="Where a type has categories, each case is routed to the team of its own.",
    )


class RetailException(models.Model):
    """Routing by category: the team that answers for what the case is about."""

    _inherit = "retail.exception"

    category_id = fields.Many2one(
        "retail.exception.category",
        index="btree_not_null",
        ondelete="restrict",
        tracking=True,
        domain="[('type_id', '=', type_id)]",
        help="What it is about: the team of the category gets the case.",
    )
    has_categories = fields.Boolean(compute="_compute_has_categories")

    @api.depends("type_id.category_ids")
    def _compute_has_categories(self):
        for exception in self:
            exception.has_categories = bool(exception.type_id.category_ids)

    @api.depends("category_id")
    def _compute_queue_id(self):
        result = super()._compute_queue_id()
        for exception in self.filtered("category_id"):
            exception.queue_id = exception.category_id.sudo().queue_id
        return result

    @api.constrains("category_id", "type_id")
    def _check_category_is_of_type(self):
        for exception in self:
            category = exception.category_id
            if category and category.type_id != exception.type_id:
                raise ValidationError(
                    self.env._(
                        "“%(category)s” is no category of “%(type)s”: choose one of "
                        "the list.",
                        category=category.name,
                        type=exception.type_id.name,
                    )
                )

    def write(self, vals):
        result = super().write(vals)
        if "category_id" in vals:
            working = self.sudo().filtered(lambda exc: exc.is_open)
            working.filtered(lambda exc: exc.state != "new")._schedule_handling()
        return result
