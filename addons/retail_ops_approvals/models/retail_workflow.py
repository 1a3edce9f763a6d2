from odoo import fields, models
from odoo.tools import SQL


class RetailWorkflow(models.Model):
    """The approvals of a workflow: counted, defined, let go of where rules stop."""

    _inherit = "retail.workflow"

    kind_ids = fields.One2many("retail.request.kind", "workflow_id", "Kinds of request")

    def _measures(self):
        rows = super()._measures()
        if self.kind_ids:
            rows.append((self.env._("Approval requests"), *self._approval_hours()))
        return rows

    def _approval_hours(self):
        [[count, hours]] = self.env.execute_query(
            SQL(
                """
                SELECT COUNT(*),
                       percentile_cont(0.5) WITHIN GROUP (ORDER BY
                           EXTRACT(EPOCH FROM decided_at - requested_at) / 3600)
                  FROM retail_approval_request
                 WHERE kind_id = ANY(%s) AND requested_at >= %s
                   AND NOT is_automatic
                """,
                self.kind_ids.ids,
                self._measured_since(),
                to_flush=self.env["retail.approval.request"]._fields["decided_at"],
            )
        )
        return count, hours or 0.0

    def _set_mode(self, mode, reason):
        self.env["retail.exception"]._note_held()
        return super()._set_mode(mode, reason)

    def _rules_stopped(self, reason, stores):
        """Requests under way no longer hold anything: they are withdrawn."""
        result = super()._rules_stopped(reason, stores)
        domain = [("kind_id", "in", self.kind_ids.ids), ("state", "=", "pending")]
        if stores is not None:
            domain.append(("store_id", "in", stores.ids))
        pending = self.env["retail.approval.request"].sudo().search(domain)
        loose = pending.filtered(lambda request: request._is_held_no_more())
        loose._end("withdrawn", reason)
        return result
