from odoo import models


class RetailApprovalRequest(models.Model):
    """What a request holds where its workflow is rolled out in waves."""

    _inherit = "retail.approval.request"

    def _is_held_no_more(self):
        document = self._document()
        return bool(document) and not document._approval_binding()
