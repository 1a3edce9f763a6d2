from odoo import api, fields, models

# Kinds of fields that say nothing an audit needs, or are recorded on their own model.
UNAUDITED_TYPES = {"binary", "image", "one2many", "html"}


class RetailAudited(models.AbstractModel):
    """Settings whose every change stands in the ledger: before, after, by whom."""

    _name = "retail.audited"
    _description = "Settings with an Audit Trail"
    # Fields that the system writes as time passes.
    _unaudited = frozenset()

    def write(self, vals):
        names = self._audited_names(vals)
        before = [record._audited_values(names) for record in self]
        result = super().write(vals)
        self._record_changes(names, before)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["retail.audit.entry"]._record(
            records,
            self._audited_action("created"),
            [
                {"to": record._audited_values(record._audited_names(vals))}
                for record, vals in zip(records, vals_list, strict=True)
            ],
        )
        return records

    @api.ondelete(at_uninstall=False)
    def _record_deletion(self):
        names = [name for name in ("name", "code") if name in self._fields]
        self.env["retail.audit.entry"]._record(
            self,
            self._audited_action("deleted"),
            [{"from": record._audited_values(names)} for record in self],
        )

    @api.model
    def _audited_action(self, what):
        subject = self._name.removeprefix("retail.").replace(".", "_")
        return f"{subject}.{what}"

    @api.model
    def _audited_names(self, vals):
        return sorted(
            name
            for name in vals
            if name in self._fields
            and self._fields[name].store
            and self._fields[name].type not in UNAUDITED_TYPES
            and name not in self._unaudited
        )

    def _audited_values(self, names):
        """Return dict name -> value as JSON keeps it: ids for records."""
        self.ensure_one()
        values = {}
        for name in names:
            value = self[name]
            if isinstance(value, models.BaseModel):
                value = value.id if self._fields[name].type == "many2one" else value.ids
            elif self._fields[name].type in ("date", "datetime"):
                value = fields.Datetime.to_string(value) if value else False
            values[name] = value
        return values

    def _record_changes(self, names, before):
        changed, facts = self.browse(), []
        for record, old in zip(self, before, strict=True):
            new = record._audited_values(names)
            moved = [name for name in names if old[name] != new[name]]
            if moved:
                changed |= record
                facts.append(
                    {
                        "from": {name: old[name] for name in moved},
                        "to": {name: new[name] for name in moved},
                    }
                )
        if changed:
            self.env["retail.audit.entry"]._record(
                changed, self._audited_action("changed"), facts
            )
