from odoo import models


class RetailChecklist(models.Model):
    """The part of a campaign that one store has."""

    _inherit = "retail.checklist"

    def _move_deadlines_before(self, launches):
        """Place open items again, so many working hours before the new launch.

        :param launches: dict store -> naive UTC datetime
        """
        template = self.template_id
        dues = template._dues(launches, backwards=True)
        for checklist in self:
            checklist.due_at = launches[checklist.store_id]
            planned = dict(
                zip(
                    template.item_ids.mapped("id"),
                    dues[checklist.store_id],
                    strict=True,
                )
            )
            checklist.item_ids._move_to(planned)
