from odoo import api, models
from odoo.tools import ormcache


class BaseAutomation(models.Model):
    _inherit = "base.automation"

    @api.model
    @ormcache("model_name", "triggers")
    def _active_rule_ids(self, model_name, triggers):
        domain = [("model_name", "=", model_name), ("trigger", "in", triggers)]
        return tuple(self.with_context(active_test=True).sudo().search(domain).ids)

    def _get_actions(self, records, triggers):
        """Remember which rules watch a model: it is asked at every write.

        One query for each create, write and computed field costs a batch of 200
        exceptions a thousand queries.
        """
        rules = self
        if "__action_done" not in self.env.context:
            rules = self.with_context(__action_done={})
        return rules.browse(self._active_rule_ids(records._name, tuple(triggers)))

    def _update_registry(self):
        self.env.registry.clear_cache()
        return super()._update_registry()
