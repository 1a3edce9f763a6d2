from odoo import fields, models


class ProductCategory(models.Model):
    """Who answers for a category's assortment, and hears of what runs out."""

    _inherit = "product.category"

    retail_manager_ids = fields.Many2many(
        "res.users",
        relation="retail_category_manager_rel",
        string="Category managers",
        help="They are told of projected stockouts in this category and those below "
        "that name none of their own.",
    )

    def _retail_managers(self):
        """Return the managers of a category, or of the nearest above that has any.

        :return: res.users
        """
        category = self
        while category and not category.retail_manager_ids:
            category = category.parent_id
        return category.retail_manager_ids
