"""Run in `odoo shell`: print the translatable terms of the suite behind a marker."""

import io
import json

from odoo.tools.translate import trans_export

MARKER = "RETAIL-OPS-TERMS "
suite = env["ir.module.module"].search(
    [("name", "=like", "retail\\_ops\\_%"), ("state", "=", "installed")]
)
terms = {}
for name in suite.mapped("name"):
    file = io.BytesIO()
    trans_export(None, [name], file, "po", env)
    terms[name] = file.getvalue().decode()
print(MARKER + json.dumps(terms))
