"""In `odoo shell`: give every model of the suite a row, and print those without."""

import json
from contextlib import suppress
from datetime import date, datetime

from psycopg2 import IntegrityError

from odoo.tools import SQL, mute_logger

SIMPLE = {
    "char": "x",
    "text": "x",
    "html": "x",
    "integer": 1,
    "float": 1.0,
    "monetary": 1.0,
    "boolean": True,
    "date": date(2026, 1, 5),
    "datetime": datetime(2026, 1, 5, 12),
    "json": "{}",
    "binary": b"x",
}


def models_of_the_suite():
    """Return the models that the suite made and that have a table of their own."""
    data = env["ir.model.data"].search(
        [("module", "=like", "retail_ops%"), ("model", "=", "ir.model")]
    )
    names = env["ir.model"].browse(data.mapped("res_id")).mapped("model")
    models = [env[name] for name in names if name.startswith("retail.")]
    return [one for one in models if one._auto and not one._abstract]


def is_empty(model):
    """Whether the model's table has no row; wizards may have none."""
    rows = env.execute_query(
        SQL("SELECT 1 FROM %s LIMIT 1", SQL.identifier(model._table))
    )
    return not model._transient and not rows


def value_of(field, taken):
    """Return something that a required column of this field takes.

    :param taken: list of models that earlier fields point to: each takes another row
    """
    if field.type == "many2one":
        target = SQL.identifier(env[field.comodel_name]._table)
        place = taken.count(field.comodel_name)
        taken.append(field.comodel_name)
        found = env.execute_query(
            SQL("SELECT id FROM %s ORDER BY id OFFSET %s LIMIT 1", target, place)
        )
        return found[0][0] if found else None
    if field.type == "selection":
        return field.get_values(env)[0]
    if field.translate:
        return json.dumps({"en_US": "x"})
    return SIMPLE[field.type]


def fill(model):
    """Insert one row by SQL, unless what it has to point to is missing yet."""
    taken = []
    values = {
        name: value_of(field, taken)
        for name, field in model._fields.items()
        if field.store and field.column_type and field.required and name != "id"
    }
    if None in values.values():
        return
    names = SQL(", ").join(SQL.identifier(name) for name in values)
    holes = SQL(", ").join(SQL("%s", value) for value in values.values())
    table = SQL.identifier(model._table)
    with mute_logger("odoo.sql_db"), suppress(IntegrityError), env.cr.savepoint():
        env.cr.execute(SQL("INSERT INTO %s (%s) VALUES (%s)", table, names, holes))


for _round in range(3):  # what one model points to may itself have been empty
    for model in filter(is_empty, models_of_the_suite()):
        fill(model)
env.cr.commit()
models = models_of_the_suite()
empty = [one._name for one in models if is_empty(one)]
print("FILLED " + json.dumps({"models": len(models), "empty": empty}))
