import json

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from .common import ApprovalCase

SUCCESS = "the attack went through"


class RpcCase(ApprovalCase, HttpCase):
    """Calls over real HTTP, as the web client and API clients make them."""

    def _login(self, user):
        user.sudo().password = "Correct-Horse-42"
        self.authenticate(user.login, "Correct-Horse-42")

    @mute_logger("odoo.http", "odoo.sql_db")
    def _call(self, model, method, *args, **kwargs):
        """Return the answer of one JSON-RPC call of the web client."""
        answer = self.url_open(
            "/web/dataset/call_kw",
            data=json.dumps(
                {
                    "jsonrpc": "2.0",
                    "params": {
                        "model": model,
                        "method": method,
                        "args": args,
                        "kwargs": kwargs,
                    },
                }
            ),
            headers={"Content-Type": "application/json"},
        ).json()
        self.env.invalidate_all()
        return answer

    @mute_logger("odoo.http", "odoo.sql_db")
    def _json2(self, user, model, method, **body):
        """Return the status of one JSON-2 call with an API key of ``user``."""
        key = (
            self.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate("rpc", "attack", False)
        )
        answer = self.url_open(
            f"/json/2/{model}/{method}",
            data=json.dumps(body),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"bearer {key}",
            },
        )
        self.env.invalidate_all()
        return answer.status_code

    def _assert_refused(self, model, method, *args, **kwargs):
        answer = self._call(model, method, *args, **kwargs)
        self.assertIn("error", answer, SUCCESS)
        return answer["error"]["data"]["message"]
