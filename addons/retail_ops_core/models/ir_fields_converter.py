from odoo import api, models


class IrFieldsConverter(models.AbstractModel):
    """Files of a thousand rows: look each name up once, and zones without a walk."""

    _inherit = "ir.fields.converter"

    @api.model
    def db_id_for(self, model, field, subfield, value, savepoint):
        """Remember the record that a name was found to mean, in imports by row."""
        cache = self.env.context.get("import_cache")
        if subfield is not None or cache is None or not hasattr(model, "_import_key"):
            return super().db_id_for(model, field, subfield, value, savepoint)
        key = (field.comodel_name, value)
        if key not in cache:
            found, warnings = super().db_id_for(
                model, field, subfield, value, savepoint
            )
            if not found or warnings:
                return found, warnings
            cache[key] = found
        return cache[key], []

    @api.model
    def _str_to_selection(self, model, field, value, savepoint):
        """Find a value of a computed selection, such as a time zone, in one step.

        Odoo works the whole selection out again for each of its values: a thousand
        time zones took minutes.
        """
        if not callable(field.selection) or not hasattr(model, "_import_key"):
            return super()._str_to_selection(model, field, value, savepoint)
        choices = field._description_selection(self.env)
        known = {label.lower(): key for key, label in choices}
        known.update({key.lower(): key for key, _label in choices})
        if value.lower() in known:
            return known[value.lower()], []
        raise self._format_import_error(
            ValueError,
            self.env._("Value '%s' not found in selection field '%%(field)s'"),
            value,
            {"moreinfo": [label for _key, label in choices]},
        )
