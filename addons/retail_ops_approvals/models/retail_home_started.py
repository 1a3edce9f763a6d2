from odoo import api, models


class RetailHome(models.AbstractModel):
    """*Getting started* with approvals: the matrix in force, and a first decision."""

    _inherit = "retail.home"

    @api.model
    def _tours(self):
        tours = super()._tours()
        if self._leads_to("region") or self._leads_to("headquarters"):
            title = self.env._("My first approval")
            detail = self.env._("What waits for you, why you are asked, your decision.")
            tours.append(("retail_ops_approvals.tour_approver", title, detail))
        return tours

    @api.model
    def _started_steps(self):
        return [*super()._started_steps(), self._step_matrix()]

    @api.model
    def _step_matrix(self):
        """The shipped matrix counts once a person has published a version of it."""
        Policy = self.env["retail.approval.policy"]
        published = Policy.search_count([("state", "=", "published")])
        own = Policy.search_count([("publisher_id", "!=", False)])
        detail = self.env._(
            "%s policies in force. Read the limits, then publish yours.", published
        )
        title = self.env._("Say who approves what, up to which amount")
        action = "retail_ops_approvals.action_policy"
        return (50, "matrix", title, detail, bool(own), action)
