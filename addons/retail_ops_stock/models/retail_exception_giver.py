from odoo import models

AGREE = "retail_ops_stock.activity_agree"


class RetailException(models.Model):
    """The store that is asked for goods has it on its list until it answers."""

    _inherit = "retail.exception"

    def _ask_giver(self):
        """Tell those who answer for the giving store; its manager has it to do."""
        giver = self.stock_giver_id
        asked = (giver.manager_id | giver.region_id.manager_id).filtered("active")
        if not asked:
            return
        text = self._question_to_giver()
        self._add_activities(AGREE, lambda case: asked[0], lambda case: text)
        self.message_notify(
            partner_ids=asked.partner_id.ids, subject=self.name, body=text
        )

    def _question_to_giver(self):
        return self.env._(
            "%(store)s is asked for goods. %(proposal)s Agree or decline on the page "
            "Proposal of the case; until then they stay.",
            store=self.stock_giver_id.display_name,
            proposal=self.stock_proposal_note,
        )

    def _end_asking_giver(self, feedback):
        self.activity_feedback([AGREE], feedback=feedback)

    def _finish_activities(self, feedback):
        self._end_asking_giver(feedback)
        return super()._finish_activities(feedback)
