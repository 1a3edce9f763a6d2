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
            entry.before = entry._readable(self._pick(facts, BEFORE))
            entry.why = entry._readable(self._pick(facts, WHY))
            after = self._pick(facts, AFTER)
            entry.after = "\n".join(filter(None, map(entry._readable, (after, facts))))

    @api.model
    def _pick(self, facts, names):
        """Take what stands under the first of ``names`` out of ``facts``."""
        found = [facts.pop(name) for name in names if name in facts]
        return found[0] if found else None

    def _readable(self, value):
        """Return a fact as lines a person reads; records by their names."""
        if value in (None, False, {}, []):
            return ""
        if not isinstance(value, dict):
            return str(value)
        return "\n".join(
            f"{self._label_of(key)}: {self._readable_item(key, item)}"
            for key, item in value.items()
        )

    def _field_of(self, key):
        """Return the field that a fact speaks of; None when it is none."""
        model = self.env.get(self.model)
        return None if model is None else model._fields.get(key)

    def _label_of(self, key):
        if key == "tenders":
            return self.env._("Tenders, expected / counted")
        field = self._field_of(key)
        return field._description_string(self.env) if field else key.replace("_", " ")

    def _readable_item(self, key, item):
        if isinstance(item, dict):
            parts = (
                f"{name} {self._readable_part(part)}" for name, part in item.items()
            )
            return "; ".join(parts)
        if isinstance(item, list):
            return ", ".join(map(str, item))
        if item is False or item is None:
            return self.env._("no") if self._is_yes_or_no(key) else "–"
        return self._name_of(key, item)

    def _readable_part(self, part):
        return " / ".join(map(str, part)) if isinstance(part, list) else part

    def _is_yes_or_no(self, key):
        field = self._field_of(key)
        return field is None or field.type == "boolean"

    def _name_of(self, key, item):
        """Return a record's name or an option's label; other values as they are."""
        field = self._field_of(key)
        if key.endswith("user_id") and isinstance(item, int):
            return self.env["res.users"].sudo().browse(item).exists().name or item
        if field and field.type == "many2one" and isinstance(item, int):
            record = self.env[field.comodel_name].sudo().browse(item).exists()
            return record.display_name or item
        if field and field.type == "selection":
            return dict(field._description_selection(self.env)).get(item, item)
        return self.env._("yes") if item is True else item

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
