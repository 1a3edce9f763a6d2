from odoo import api, models


class RetailHome(models.AbstractModel):
    """*Getting started* with integrations: a source, an endpoint, a first event."""

    _inherit = "retail.home"

    @api.model
    def _tours(self):
        tours = super()._tours()
        if self._leads_to("integrations"):
            title = self.env._("My first sent event")
            detail = self.env._("Send a test to an endpoint and see what it answered.")
            tours.append(("retail_ops_integrations.tour_integrator", title, detail))
        return tours

    @api.model
    def _started_steps(self):
        steps = super()._started_steps()
        return [*steps, self._step_source(), self._step_event(), self._step_endpoint()]

    @api.model
    def _step_source(self):
        count = self.env["retail.source"].search_count([("state", "=", "active")])
        title = self.env._("Let a first system send")
        detail = self.env._(
            "%s active sources. Issue a key, paste the command it shows.", count
        )
        action = "retail_ops_integrations.action_source"
        return (60, "source", title, detail, bool(count), action)

    @api.model
    def _step_event(self):
        done = self.env["retail.event.job"].search_count(
            [("state", "=", "done")], limit=1
        )
        title = self.env._("See its first event arrive")
        detail = self.env._(
            "It stands in the list within a second: done, or with its reason."
        )
        action = "retail_ops_integrations.action_event"
        return (61, "event", title, detail, bool(done), action)

    @api.model
    def _step_endpoint(self):
        count = self.env["retail.endpoint"].search_count([("state", "=", "active")])
        title = self.env._("Tell a first system what happens")
        detail = self.env._(
            "%s active endpoints. Send a test before you rely on one.", count
        )
        action = "retail_ops_integrations.action_endpoint"
        return (62, "endpoint", title, detail, bool(count), action)
