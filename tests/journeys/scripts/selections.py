"""In `odoo shell`: which values selection fields offer, and which are used.

ASKED is a JSON object: a name to model, path of the field, domain. Read as superuser,
archived records included.
"""

import json
import os


def answer(model, path, domain):
    records = env[model].with_context(active_test=False).search(domain)
    *relations, name = path.split(".")
    for relation in relations:
        records = records[relation]
    field = records._fields[name]
    values = field.get_values(env) if field.type == "selection" else []
    return {"all": values, "found": sorted({*records.mapped(name)} - {False})}


asked = json.loads(os.environ["ASKED"])
told = {what: answer(*question) for what, question in asked.items()}
print("SELECTIONS " + json.dumps(told))
