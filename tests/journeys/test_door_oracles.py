"""The public JavaScript library judges our signatures, and the door judges its."""

import importlib
import json
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from launcher.lint import prettier_command
from tests.webclient import discrepancy, post_event

ADDON = Path(__file__).resolve().parents[2] / "addons" / "retail_ops_integrations"
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
SCRIPT = """
const { Webhook } = require("standardwebhooks");
const asked = JSON.parse(require("fs").readFileSync(0, "utf8"));
const webhook = new Webhook(asked.secret);
let answer;
if (asked.headers) {
  try { answer = webhook.verify(asked.body, asked.headers); }
  catch (error) { answer = { refused: error.message }; }
} else {
  answer = webhook.sign(asked.id, new Date(asked.at * 1000), asked.body);
}
process.stdout.write(JSON.stringify(answer));
"""


@pytest.fixture(scope="module")
def javascript(workshop):
    """Ask the public library: `javascript(secret=…, id=…, at=…, body=…)`."""
    node, program, *_options = prettier_command(workshop)
    folder = Path(program).parents[3]

    def ask(**question):
        answer = subprocess.run(
            [str(node), "-e", SCRIPT],
            input=json.dumps(question),
            capture_output=True,
            check=True,
            cwd=folder,
            text=True,
            timeout=30,
        )
        return json.loads(answer.stdout)

    return ask


@pytest.fixture(scope="module")
def ours():
    """The addon's own signatures, which are plain Python."""
    sys.path.insert(0, str(ADDON))
    yield importlib.import_module("tools.standard_webhooks")
    sys.path.remove(str(ADDON))


def test_the_javascript_library_verifies_what_we_sign(javascript, ours):
    body = json.dumps({"naïve": "é"}, ensure_ascii=False)
    key, now = ours.decode_secret(SECRET), int(time.time())
    headers = ours.sign([key], "msg_1", now, body.encode())
    right = javascript(secret=SECRET, headers=headers, body=body)
    assert right == {"naïve": "é"}
    wrong = javascript(secret=SECRET, headers=headers, body=body + " ")
    assert "refused" in wrong


def test_the_javascript_library_accepts_a_rotation(javascript, ours):
    keys = [ours.decode_secret(text) for text in (ours.new_secret(), SECRET)]
    headers = ours.sign(keys, "msg_1", int(time.time()), b"{}")
    assert javascript(secret=SECRET, headers=headers, body="{}") == {}


def test_the_door_takes_what_the_javascript_library_signs(javascript, base_url, keys):
    body = discrepancy(store="0046", product="JS-ORACLE", counted=11)
    message_id, at = f"js-{uuid.uuid4().hex}", int(time.time())
    signature = javascript(
        secret=keys["source"]["secret"], id=message_id, at=at, body=body.decode()
    )
    changes = {"webhook_timestamp": str(at), "webhook_signature": signature}
    taken = post_event(base_url, keys["source"], message_id, body, **changes)
    assert taken.status_code == 202, taken.text
    forged = post_event(base_url, keys["source"], message_id, body + b" ", **changes)
    assert forged.status_code == 401
