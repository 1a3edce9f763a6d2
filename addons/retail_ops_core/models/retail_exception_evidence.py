from odoo import api, fields, models
from odoo.tools import format_datetime


class RetailException(models.Model):
    """Evidence as it came in, and what happened to it since."""

    _inherit = "retail.exception"

    evidence_log = fields.Html(
        "Evidence", compute="_compute_evidence_log", sanitize=False
    )
    evidence_is_altered = fields.Boolean(compute="_compute_evidence_log")

    def _compute_evidence_log(self):
        entries = self._evidence_entries()
        for exception in self:
            mine = entries.filtered(lambda one, exc=exception: one.res_id == exc.id)
            exception.evidence_is_altered = exception._is_evidence_altered(mine)
            exception.evidence_log = exception._evidence_table(mine) if mine else False

    def _evidence_table(self, entries):
        return self.env["ir.qweb"]._render(
            "retail_ops_core.evidence_log",
            {"rows": [self._evidence_row(entry) for entry in entries]},
        )

    def _evidence_entries(self):
        return (
            self.env["retail.audit.entry"]
            .sudo()
            .search(
                [
                    ("model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("action", "=like", "evidence.%"),
                ],
                order="id",
            )
        )

    def _evidence_row(self, entry):
        labels = {
            "evidence.added": self.env._("Added"),
            "evidence.replaced": self.env._("Replaced"),
            "evidence.removed": self.env._("Removed"),
        }
        attachment = entry.facts.get("attachment")
        found = self.env["ir.attachment"].sudo().browse(attachment).exists()
        return {
            "at": format_datetime(self.env, entry.recorded_at, dt_format="short"),
            "by": entry.user_name,
            "what": labels.get(entry.action, entry.action),
            "is_change": entry.action != "evidence.added",
            "file": found.name or self.env._("File %s", attachment),
            "before": (entry.facts.get("from") or "")[:16],
            "fingerprint": (entry.facts.get("sha256") or "")[:16],
        }

    def _is_evidence_altered(self, entries):
        """Tell whether a file was replaced or removed, or differs from the ledger."""
        if any(entry.action != "evidence.added" for entry in entries):
            return True
        recorded = {
            entry.facts.get("attachment"): entry.facts.get("sha256")
            for entry in entries
        }
        files = self.env["ir.attachment"].sudo().browse(recorded).exists()
        return any(one._fingerprint() != recorded[one.id] for one in files)

    @api.readonly
    def action_open_trail(self):
        """Open what the ledger holds about the case."""
        self.ensure_one()
        self.env["retail.audit.entry"].check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "retail_ops_core.action_audit_entry"
        )
        action["domain"] = [("model", "=", self._name), ("res_id", "=", self.id)]
        return action
