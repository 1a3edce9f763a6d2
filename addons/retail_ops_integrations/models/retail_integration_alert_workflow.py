from odoo import api, fields, models

from .retail_integration_alert import Finding


class RetailIntegrationAlert(models.Model):
    """A workflow of another system that fails: told by it, not found by a check."""

    _inherit = "retail.integration.alert"

    @api.model
    def _workflow_fails(self, source, system, workflow, detail):
        """Raise one exception for a workflow, until its system reports it well.

        :param source: retail.source
        :param detail: text, what happened
        :return: retail.integration.alert
        """
        key = self._workflow_key(source, system) + workflow
        finding = Finding(
            key,
            source.company_id,
            self.env._("%(system)s: %(name)s fails", system=system, name=workflow),
            detail,
            {"source_id": source.id},
        )
        alerts = self.sudo()
        named = [("kind", "=", "workflow"), ("key", "=", key)]
        known = alerts.search(named, limit=1)
        return alerts._take("workflow", known, finding) or known

    @api.model
    def _workflows_well(self, source, system, moment):
        """Clear what failed before a system reported runs without any failure."""
        prefix = self._workflow_key(source, system)
        self.sudo().search(
            [
                ("kind", "=", "workflow"),
                ("key", "=like", prefix.replace("_", "\\_") + "%"),
                ("cleared_at", "=", False),
                ("raised_at", "<", moment or fields.Datetime.now()),
            ]
        )._clear()

    @api.model
    def _workflow_key(self, source, system):
        return f"source:{source.id}:{system}:"
