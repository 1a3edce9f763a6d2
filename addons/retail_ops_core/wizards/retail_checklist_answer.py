from odoo import fields, models

from ..models.retail_checklist_item import ANSWERS


class RetailChecklistAnswer(models.TransientModel):
    """What a person says, or shows, when an item takes more than one tap."""

    _name = "retail.checklist.answer"
    _description = "Answer to a Checklist Item"

    item_id = fields.Many2one("retail.checklist.item", required=True, readonly=True)
    instruction = fields.Text(related="item_id.instruction")
    evidence = fields.Selection(related="item_id.evidence")
    answer = fields.Selection(ANSWERS, required=True, readonly=True)
    note = fields.Text()
    evidence_ids = fields.Many2many(
        "ir.attachment",
        relation="retail_checklist_answer_evidence_rel",
        string="Take a photo or attach a file",
        bypass_search_access=True,
    )

    def action_confirm(self):
        """Give the answer, with the files as evidence."""
        self.ensure_one()
        self.item_id._check_may_answer()
        item = self.item_id.sudo()
        if self.evidence_ids:
            self.evidence_ids.check_access("read")
            item._take_evidence(self.evidence_ids.sudo())
        item._set_answer(self.answer, self.note)
        return {"type": "ir.actions.act_window_close"}
