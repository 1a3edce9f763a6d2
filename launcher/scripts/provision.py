"""Run in `odoo shell`: make the demo keys and print them once, behind a marker."""

import json

keys = {}
if "retail.source" in env:
    keys = env["retail.source"]._provision_demo_credentials()
    env.cr.commit()
print("RETAIL-OPS-CREDENTIALS " + json.dumps(keys))
