"""Run in `odoo shell`: a network, a source, and the endpoints of the soak."""

import json
import os

from odoo import Command

env = env  # noqa: F821, PLW0127
region = env["retail.region"].create({"name": "Soak", "code": "SOAK", "manager_id": 2})
env["retail.store"].create(
    [
        {
            "name": f"Soak {n}",
            "code": f"SOAK{n:03d}",
            "region_id": region.id,
            "manager_id": 2,
            "tz": "UTC",
            "resource_calendar_id": env.company.resource_calendar_id.id,
        }
        for n in range(50)
    ]
)
env["retail.source"].search([]).filtered(lambda s: s.state == "active")._set_state(
    "suspended"
)
env["retail.endpoint"].search([("state", "=", "active")])._set_disabled("Soak")
env["retail.event.job"].search(
    [("state", "in", ("received", "waiting", "pending"))]
)._skip("Soak")
account = env["res.users"].create(
    {
        "name": "Soak",
        "login": "soak-account",
        "group_ids": [
            Command.set(env.ref("retail_ops_integrations.group_integration").ids)
        ],
    }
)
source = env["retail.source"].create(
    {
        "name": "Soak",
        "code": "soak",
        "user_id": account.id,
        "owner_id": 2,
        "event_type_ids": [
            Command.set(
                env.ref(
                    "retail_ops_integrations.event_type_stock_discrepancy_found"
                ).ids
            )
        ],
    }
)
env["retail.source.key"]._issue({"source_id": source.id})
source.action_activate()
env["retail.egress.rule"].create(
    {"destination": "127.0.0.1", "plain_http": True, "reason": "Soak"}
)
created = env.ref("retail_ops_integrations.event_type_exception_created")
escalated = env.ref("retail_ops_integrations.event_type_exception_escalated")
for name, url in json.loads(os.environ["SOAK_ENDPOINTS"]).items():
    endpoint = env["retail.endpoint"].create(
        {
            "name": name,
            "url": url,
            "owner_id": 2,
            "event_type_ids": [
                Command.set((created if name == "healthy" else escalated).ids)
            ],
        }
    )
    env["retail.endpoint.key"]._issue({"endpoint_id": endpoint.id})
    endpoint.action_activate()
for number in range(3):
    env["retail.publisher"]._publish(
        "exception.escalated",
        {"reference": f"EVIL/{number}"},
        company=env.company,
        correlation_id=f"evil-{number}",
        key=None,
    )
env.cr.commit()
