import json

from odoo.tests import HttpCase

REFUSED = "odoo.exceptions.AccessError"


class RpcCase(HttpCase):
    """Calls models as a browser does, and expects refusals."""

    def _call(self, model, method, *args, **kwargs):
        """Return the JSON-RPC answer: a dict with ``result`` or ``error``."""
        response = self.url_open(
            f"/web/dataset/call_kw/{model}/{method}",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "method": "call",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        )
        return response.json()

    def _is_refused(self, answer):
        return answer.get("error", {}).get("data", {}).get("name") == REFUSED
