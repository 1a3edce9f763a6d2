"""Public JavaScript judges our signatures and our OpenAPI, and the door judges its."""

import importlib
import json
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest
import requests

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
# Redocly's recommended rules; ours ask for no licence and no server of the document.
LINT = """
const text = require("fs").readFileSync(0, "utf8");
import("@redocly/openapi-core").then(async (core) => {
  const rules = { "info-license": "off", "no-empty-servers": "off" };
  const config = await core.createConfig({ extends: ["recommended"], rules });
  const found = await core.lintDocument({
    document: core.makeDocumentFromString(text, "openapi.json"),
    externalRefResolver: new core.BaseResolver(),
    config,
  });
  const told = found.map((one) => [
    one.severity, one.ruleId, one.message, one.location[0].pointer,
  ]);
  process.stdout.write(JSON.stringify(told));
});
"""


@pytest.fixture(scope="module")
def node(workshop):
    """Run a script beside the locked packages: `node(script, text)`."""
    node, program, *_options = prettier_command(workshop)
    folder = Path(program).parents[3]

    def run(script, text):
        answer = subprocess.run(
            [str(node), "-e", script],
            input=text,
            capture_output=True,
            check=True,
            cwd=folder,
            text=True,
            timeout=60,
        )
        return json.loads(answer.stdout)

    return run


@pytest.fixture(scope="module")
def javascript(node):
    """Ask the public library: `javascript(secret=…, id=…, at=…, body=…)`."""
    return lambda **question: node(SCRIPT, json.dumps(question))


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


def test_the_served_openapi_document_passes_a_public_linter(node, base_url):
    served = requests.get(f"{base_url}/retail_ops/v1/openapi.json", timeout=30)
    assert served.json()["openapi"].startswith("3.1")
    assert node(LINT, served.text) == []


def test_the_linter_finds_what_is_wrong(node):
    assert node(LINT, json.dumps({"openapi": "3.1.0", "info": {"title": "x"}}))
