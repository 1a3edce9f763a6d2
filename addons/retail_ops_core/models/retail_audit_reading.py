from odoo import api, fields, models

BEFORE, AFTER, WHY = ("from",), ("to",), ("why", "reason")


class RetailAuditEntry(models.Model):
    """The ledger as people read and export it: before, after and why."""

    _inherit = "retail.audit.entry"

    before = fields.Text(compute="_compute_change")
    after = fields.Text(compute="_compute_change")
    why = fields.Text(compute="_compute_change")

    @api.depends("facts")
    def _compute_change(self):
        for entry in self:
            facts = dict(entry.facts or {})
            entry.before = self._readable(self._pick(facts, BEFORE))
            entry.why = self._readable(self._pick(facts, WHY))
            after = self._pick(facts, AFTER)
            entry.after = "\n".join(filter(None, map(self._readable, (after, facts))))

    @api.model
    def _pick(self, facts, names):
        """Take what stands under the first of ``names`` out of ``facts``."""
        found = [facts.pop(name) for name in names if name in facts]
        return found[0] if found else None

    @api.model
    def _readable(self, value):
        """Return a fact as lines a person reads; people by their names."""
        if value in (None, False, {}, []):
            return ""
        if not isinstance(value, dict):
            return str(value)
        return "\n".join(
            f"{key}: {self._readable_item(key, item)}" for key, item in value.items()
        )

    @api.model
    def _readable_item(self, key, item):
        if key.endswith("user_id") and isinstance(item, int):
            user = self.env["res.users"].sudo().browse(item).exists()
            return user.name or item
        return item

    def action_open_record(self):
        """Open what the entry speaks of."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": self.model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
