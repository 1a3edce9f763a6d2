"""In `odoo shell`: what a consultant sets up for n8n, and the keys, printed once."""

import json
import os
from datetime import timedelta

from odoo.fields import Command, Datetime

admin = env.ref("retail_ops_core.user_demo_admin")
env = env(user=admin)


def connect_endpoint(source):
    """Return the secret of an endpoint that leads to n8n."""
    endpoint = env["retail.endpoint"].create(
        {
            "name": "n8n",
            "url": os.environ["N8N_ENDPOINT"],
            "company_id": source.company_id.id,
            "owner_id": admin.id,
            "environment": "test",
            "receipt_source_id": source.id,
            "event_type_ids": [
                Command.link(
                    env.ref("retail_ops_integrations.event_type_exception_created").id
                )
            ],
        }
    )
    secret = env["retail.endpoint.key"]._issue({"endpoint_id": endpoint.id})
    endpoint.action_activate()
    return secret


def connect_source():
    """Return the source n8n, open, and its secret."""
    source = env.ref("retail_ops_integrations.source_demo_n8n")
    source.business_owner_id = admin
    source.queue_id = (
        source.queue_id or env.ref("retail_ops_core.type_integration_failure").queue_id
    )
    source.event_type_ids += env["retail.event.type"].search(
        [
            ("direction", "=", "in"),
            ("name", "in", ("return.initiated", "customer.complaint.escalated")),
        ]
    )
    secret = env["retail.source.key"]._issue({"source_id": source.id})
    source.action_activate()
    return source, secret


def account_of(login):
    return env["res.users"].sudo().search([("login", "=", login)])


def facts_key():
    """Return the key that an administrator issues to the reader of stock facts."""
    account = account_of("integration-n8n-facts").with_user(env.ref("base.user_admin"))
    return account.action_issue_stock_facts_key()["context"]["default_key"]


def rpc_key(login):
    """Return an API key that the account has made for itself."""
    keys = env(user=account_of(login))["res.users.apikeys"]
    return keys._generate("rpc", "n8n", Datetime.now() + timedelta(days=30))


source, source_secret = connect_source()
found = {
    "source": {"code": source.code, "secret": source_secret},
    "endpoint": {"secret": connect_endpoint(source)},
    "facts": facts_key(),
    "account": rpc_key("integration-n8n"),
}
env.cr.commit()
env.registry.signal_changes()
print("N8N-CONNECTED " + json.dumps(found))
