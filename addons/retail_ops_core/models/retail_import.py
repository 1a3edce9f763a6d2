from odoo import api, models
from odoo.models import fix_import_export_id_paths
from odoo.tools.lru import LRU

CACHED_NAMES = 4096


class RetailImport(models.AbstractModel):
    """Imports in which every wrong row is named at once.

    Odoo's own import stops at the tenth refusal and takes the first of two users of
    the same name. Here all rows are looked at before the first is written: if one is
    wrong nothing is written, and each says what is wrong and how to mend it.
    """

    _name = "retail.import"
    _description = "Import with Errors by Row"

    _import_key = ()

    @api.model
    def load(self, fields, data):
        """Import rows, all or none.

        :param fields: list of field paths, as in :meth:`BaseModel.load`
        :param data: list of rows of texts
        :return: dict ``{"ids", "messages", "nextrow"}`` of :meth:`BaseModel.load`
        """
        self.check_access("create")
        problems = self._import_messages(fields, data)
        if any(problem["type"] == "error" for problem in problems):
            return {"ids": False, "messages": problems, "nextrow": 0}
        return super().load(fields, data)

    @api.model
    def _import_messages(self, fields, data):
        """Return what is wrong in any row, without writing anything."""
        messages, rows, above = [], [], set()
        paths = [fix_import_export_id_paths(name) for name in fields]
        model = self.with_context(
            import_flush=lambda **_names: None,
            import_cache=LRU(CACHED_NAMES),
            _import_current_module="__import__",
        )
        with self.env.cr.savepoint() as savepoint:
            extracted = model._extract_records(paths, data, log=messages.append)
            for dbid, xid, values, info in model._convert_records(
                extracted, log=messages.append, savepoint=savepoint
            ):
                rows.append((values, info, bool(dbid or self._is_known(xid))))
                above |= {xid, *(values.get(name) for name in self._import_key)}
            savepoint.rollback()
        missing = self._missing_in(rows, messages)
        messages = [
            self._with_a_way_out(message)
            for message in messages
            if not self._is_about_this_file(message, above)
        ]
        messages += missing
        messages += self._doubles_in(rows)
        messages += self._refused_in(rows, messages)
        return sorted(
            messages, key=lambda message: message.get("rows", {}).get("from", 0)
        )

    @api.model
    def _is_known(self, xid):
        if not xid:
            return False
        full = xid if "." in xid else f"__import__.{xid}"
        return bool(self.env.ref(full, raise_if_not_found=False))

    @api.model
    def _is_about_this_file(self, message, above):
        """Tell whether a cell names a row of the same file, as regions do."""
        field = self._fields.get(message.get("field"))
        return (
            field is not None
            and field.comodel_name == self._name
            and message.get("value") in above
        )

    # === Cells that cannot be read === #
    @api.model
    def _with_a_way_out(self, message):
        """Say how to mend a cell; a name that two records have is an error too."""
        field = self._fields.get(message.get("field"))
        if message["type"] == "warning":
            hint = self.env._("Give something only one of them has, such as a code.")
            if field is not None and field.comodel_name == "res.users":
                hint = self.env._("Give the user's login instead of the name.")
        elif field is not None and field.type == "many2one":
            hint = self.env._(
                "Write it as it stands in Odoo, one only; archived ones do not count."
            )
        else:
            return message
        return {**message, "type": "error", "message": f"{message['message']}. {hint}"}

    # === Rows that lack something === #
    @api.model
    def _missing_in(self, rows, messages):
        told = {(message.get("record"), message.get("field")) for message in messages}
        return [
            self._problem(info, name, self._missing_text(name))
            for values, info, is_known in rows
            if not is_known
            for name in self._needed_fields()
            if not values.get(name) and (info["record"], name) not in told
        ]

    @api.model
    def _needed_fields(self):
        required = [
            name
            for name, field in self._fields.items()
            if field.required and field.store and not field.compute
        ]
        given = self.default_get(required)
        return [name for name in required if not given.get(name)]

    @api.model
    def _missing_text(self, name):
        return self.env._(
            "“%(field)s” is empty: fill it in, each row needs one.",
            field=self._fields[name]._description_string(self.env),
        )

    # === Rows that say the same === #
    @api.model
    def _doubles_in(self, rows):
        if not self._import_key:
            return []
        first, problems, defaults = {}, [], self.default_get(list(self._import_key))
        there = self._keys_there([values for values, _info, _known in rows])
        for values, info, is_known in rows:
            found, number = {**defaults, **values}, info["rows"]["from"]
            key = tuple(found.get(name) for name in self._import_key)
            if key in first:
                text = self._double_text(key[-1], first[key])
                problems.append(self._problem(info, self._import_key[-1], text))
            elif key in there and not is_known:
                text = self._there_text(key[-1])
                problems.append(self._problem(info, self._import_key[-1], text))
            first.setdefault(key, number)
        return problems

    @api.model
    def _keys_there(self, values_list):
        name = self._import_key[-1]
        codes = [values[name] for values in values_list if values.get(name)]
        found = self.sudo().with_context(active_test=False)
        return {
            tuple(
                record[part].id if self._fields[part].relational else record[part]
                for part in self._import_key
            )
            for record in found.search([(name, "in", codes)])
        }

    @api.model
    def _double_text(self, code, number):
        return self.env._(
            "“%(code)s” stands in row %(row)s already: keep one of the two.",
            code=code,
            row=number + 1,
        )

    @api.model
    def _there_text(self, code):
        return self.env._(
            "“%s” exists already: take the row out, or add the column External ID to "
            "change what is there.",
            code,
        )

    # === Rows that the model refuses === #
    @api.model
    def _import_problems(self, values):
        """Return why a row that can be read is wrong all the same.

        :param values: dict of field values, as for ``create``
        :return: list of ``(field name, sentence)``
        """
        return []

    @api.model
    def _refused_in(self, rows, messages):
        unreadable = {message.get("record") for message in messages}
        return [
            self._problem(info, name, text)
            for values, info, _known in rows
            if info["record"] not in unreadable
            for name, text in self._import_problems(values)
        ]

    @api.model
    def _problem(self, info, name, text):
        return {
            "type": "error",
            "rows": info["rows"],
            "record": info["record"],
            "field": name,
            "field_name": self._fields[name]._description_string(self.env),
            "message": text,
        }
