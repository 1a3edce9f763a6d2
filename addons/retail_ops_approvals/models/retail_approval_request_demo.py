from odoo import models
from odoo.exceptions import AccessError

EARLIER = """
    UPDATE retail_approval_request
       SET requested_at = requested_at - make_interval(secs => 3600 * %(hours)s)
     WHERE id = ANY(%(requests)s)
"""
STEPS_EARLIER = """
    UPDATE retail_approval_request_step
       SET opened_at = opened_at - make_interval(secs => 3600 * %(hours)s)
     WHERE request_id = ANY(%(requests)s)
"""


class RetailApprovalRequest(models.Model):
    """Requests of the sample data, which are asked and decided in one go."""

    _inherit = "retail.approval.request"

    def _date_back_demo(self, hours):
        """Let decided requests of sample stores be asked some hours earlier.

        Decisions and the ledger keep their moments. What any other store asked
        stands as it was asked: this writes past that guard for sample data alone.

        :param hours: number of hours
        :raise AccessError: a request that waits, or one of a store of one's own
        """
        stores = self.env["retail.sample"]._named().get("retail.store", ())
        for request in self:
            if request.state == "pending" or request.store_id.id not in stores:
                raise AccessError(
                    self.env._(
                        "%s stands as it was asked: only decided requests of the "
                        "sample data are dated back.",
                        request.name,
                    )
                )
        self.env.flush_all()
        facts = {"hours": hours, "requests": self.ids}
        self.env.cr.execute(EARLIER, facts)
        self.env.cr.execute(STEPS_EARLIER, facts)
        self.env.invalidate_all()
