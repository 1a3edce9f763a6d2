"""The web client's own remote calls, as any browser makes them."""

import itertools
import json

import requests

from launcher import webhook

TIMEOUT = 30


class RpcError(Exception):
    """What the server answered instead of a result; `name` is Odoo's exception."""

    def __init__(self, error):
        super().__init__(error["data"].get("message") or error["message"])
        self.name = error["data"]["name"]


class WebClient:
    """One logged-in user: `client.call("retail.store", "read", [ids], ["name"])`."""

    def __init__(self, base_url, db, login, password="demo"):
        self.base_url = base_url
        self.session = requests.Session()
        self.numbers = itertools.count(1)
        self.user = self._post(
            "/web/session/authenticate", db=db, login=login, password=password
        )

    def call(self, model, method, *args, **kwargs):
        """Return what the method returns; raise RpcError for what it refuses."""
        return self._post(
            f"/web/dataset/call_kw/{model}/{method}",
            model=model,
            method=method,
            args=args,
            kwargs=kwargs,
        )

    def find(self, model, domain, fields):
        """Return the records of a domain as a list of dicts."""
        return self.call(model, "search_read", domain, fields)

    def _post(self, path, **params):
        body = {"jsonrpc": "2.0", "id": next(self.numbers), "params": params}
        answer = self.session.post(self.base_url + path, json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        content = answer.json()
        if "error" in content:
            raise RpcError(content["error"])
        return content.get("result")  # a method that returns None has none


def discrepancy(**data):
    """Return the bytes of a stock discrepancy of store 0042, as the POS writes them."""
    facts = {
        "store": "0042",
        "product": "OIL-1L",
        "expected": 12,
        "counted": 7,
        "unit_cost": 14.50,
        "reason": "Shelf count before opening",
        **data,
    }
    event = {
        "type": "stock.discrepancy.found",
        "timestamp": "2026-01-15T08:30:00Z",
        "data": facts,
    }
    return json.dumps(event).encode()


def post_event(base_url, source, message_id, body, **changes):
    """Post a signed event and return the response.

    :param source: dict ``{"code", "secret"}``
    :param changes: headers that replace the right ones; None leaves one out
    """
    headers = {
        "Content-Type": "application/json",
        "Retail-Ops-Source": source["code"],
        **webhook.headers(source["secret"], message_id, body),
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return requests.post(
        f"{base_url}/retail_ops/v1/events",
        data=body,
        headers={name: value for name, value in headers.items() if value is not None},
        timeout=TIMEOUT,
    )
