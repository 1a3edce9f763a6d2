"""Run in `odoo shell`: make the demo keys and print them once, behind a marker."""

import json

keys = {}
if "retail.source" in env:
    keys = env["retail.source"]._provision_demo_credentials()
    env.cr.commit()
    env.registry.signal_changes()  # a server that runs already reads them anew
print("RETAIL-OPS-CREDENTIALS " + json.dumps(keys))
