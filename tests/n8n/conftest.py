"""A real n8n beside a real Odoo, set up as docs/n8n.md tells a consultant to."""

import base64
import contextlib
import json
import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from launcher import n8n as n8n_module
from launcher.commands import stop
from launcher.database import to_json
from launcher.files import remove
from tests.n8n import imap
from tests.n8n.mailbox import receiving
from tests.waiting import eventually
from tests.webclient import WebClient

CONNECT = Path(__file__).parent / "scripts" / "connect.py"
OWNER = {"email": "owner@northline.example", "password": "Loopback-only-1"}
INSTANT = {"retailOpsHeartbeat": [{"field": "seconds", "secondsInterval": 5}]}
PREVIOUS_KEY = "p" * 32


@dataclass
class Orchestrator:
    """The running n8n: its process, its API, what Odoo gave it, its mail servers."""

    program: object
    process: object
    keys: dict
    mailbox: object
    incidents: object
    note_key: str
    platform_key: str
    api: requests.Session = None

    @property
    def url(self):
        return self.program.url

    def get(self, path, **parameters):
        answer = self.api.get(f"{self.url}/api/v1{path}", params=parameters, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def executions(self, workflow):
        """Ended runs of a workflow, newest first."""
        found = self.get("/executions", workflowId=workflow, limit=50)["data"]
        return [run for run in found if run["stoppedAt"]]

    def running(self, workflow):
        """Runs of a workflow that have not ended."""
        found = self.get("/executions", workflowId=workflow, limit=50)["data"]
        return [run for run in found if not run["stoppedAt"]]

    def halt(self, kind):
        stop(self.process, kind)

    def mend(self):
        """Undo what a test that broke off left behind."""
        self.mailbox.is_out_of_order = False
        self.mailbox.gate.set()
        if self.process.poll() is not None:
            self.resume()

    def resume(self):
        self.process = self.program.start()
        eventually(lambda: webhook_is_there(self.url), seconds=30)


def webhook_is_there(url):
    """Whether n8n knows the address: an unsigned letter is refused, not unknown."""
    try:
        answer = requests.post(f"{url}/webhook/retail-ops", data=b"{}", timeout=10)
    except requests.ConnectionError:
        return False
    return answer.status_code == 401


def text_of(secret):
    """Return the key as text, as n8n's Crypto node takes it."""
    return base64.b64decode(secret.removeprefix("whsec_")).decode()


def owner_settings(workshop):
    """Environment variables that give a new n8n its owner."""
    script = "console.log(require('bcryptjs').hashSync(process.argv[1], 8))"
    node = workshop.environment.scripts / "node"
    hashed = subprocess.run(
        [node, "-e", script, OWNER["password"]],
        cwd=workshop.home.n8n,
        capture_output=True,
        text=True,
        check=True,
    )
    return {
        "N8N_INSTANCE_OWNER_MANAGED_BY_ENV": "true",
        "N8N_INSTANCE_OWNER_EMAIL": OWNER["email"],
        "N8N_INSTANCE_OWNER_PASSWORD_HASH": hashed.stdout.strip(),
        "N8N_ENCRYPTION_KEY": secrets.token_hex(16),
    }


@contextlib.contextmanager
def empty_database(connection, name):
    connection.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')
    connection.query(f'CREATE DATABASE "{name}";')
    try:
        yield name
    finally:
        connection.query(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE);')


def write_credentials(folder, values):
    """Fill the templates of the repository; what is not named stays empty."""
    folder.mkdir()
    for path in (n8n_module.WORKFLOWS / "credentials").glob("*.json"):
        template = json.loads(path.read_text("utf-8"))
        template["data"].update(values.get(template["id"], {}))
        (folder / path.name).write_text(json.dumps(template), "utf-8")


def write_workflows(folder, settings):
    """Copy the workflows with this place's settings, and a quicker heartbeat."""
    folder.mkdir()
    for workflow in n8n_module.workflows().values():
        for node in workflow["nodes"]:
            if workflow["id"] == "retailOpsSettings" and node["name"] == "Settings":
                for line in node["parameters"]["assignments"]["assignments"]:
                    line["value"] = settings.get(line["name"], line["value"])
            if workflow["id"] in INSTANT and node["type"].endswith("scheduleTrigger"):
                node["parameters"]["rule"]["interval"] = INSTANT[workflow["id"]]
        (folder / f"{workflow['id']}.json").write_text(json.dumps(workflow), "utf-8")


def open_api(url):
    """Log in as the owner and make an API key.

    :return: a requests session that may use n8n's public API
    """
    login = requests.Session()
    who = {"emailOrLdapLoginId": OWNER["email"], "password": OWNER["password"]}
    login.post(f"{url}/rest/login", json=who, timeout=30).raise_for_status()
    scopes = login.get(f"{url}/rest/api-keys/scopes", timeout=30).json()["data"]
    wanted = {"label": "tests", "scopes": scopes, "expiresAt": None}
    made = login.post(f"{url}/rest/api-keys", json=wanted, timeout=30)
    made.raise_for_status()
    session = requests.Session()
    session.headers["X-N8N-API-KEY"] = made.json()["data"]["rawApiKey"]
    return session


def connect(server, program):
    """Have Odoo open its doors to n8n and make the keys."""
    database = server.database
    with database.workshop.progress.step("Odoo's side of n8n") as step:
        printed = database.shell(
            CONNECT, step, N8N_ENDPOINT=f"{program.url}/webhook/retail-ops"
        )
    return to_json(printed, "N8N-CONNECTED ")


def credentials_of(running):
    keys, mailbox, program = running.keys, running.mailbox, running.program
    endpoint = {"hmacSecret": text_of(keys["endpoint"]["secret"])}
    return {
        "retailOpsEndpointKey": endpoint,
        "retailOpsPreviousKey": {"hmacSecret": PREVIOUS_KEY},
        "retailOpsSourceKey": {"hmacSecret": text_of(keys["source"]["secret"])},
        "retailOpsLinkKey": {"hmacSecret": secrets.token_hex(16)},
        "retailOpsFactsKey": {"token": keys["facts"]},
        "retailOpsNoteKey": {"value": running.note_key},
        "retailOpsPlatformKey": {"value": running.platform_key},
        "retailOpsMailServer": {
            "host": "127.0.0.1",
            "port": mailbox.port,
            "secure": False,
            "disableStartTls": True,
        },
        "retailOpsMailbox": {
            "host": "127.0.0.1",
            "port": running.incidents.port,
            "secure": False,
            "user": imap.USER,
            "password": running.incidents.password,
        },
        "retailOpsOwnApi": {
            "apiKey": running.api.headers["X-N8N-API-KEY"],
            "baseUrl": f"{program.url}/api/v1",
        },
    }


def import_all(program, folder, server, credentials):
    """Import credentials and workflows by n8n's own commands."""
    settings = {
        "odoo_url": server.url,
        "database": server.db,
        "n8n_url": program.url,
        "mail_from": "retail-ops@northline.example",
        "owner_mail": "retailadmin@northline.example",
    }
    write_credentials(folder / "credentials", credentials)
    write_workflows(folder / "workflows", settings)
    for what in ("credentials", "workflow"):
        place = folder / ("credentials" if what == "credentials" else "workflows")
        program.run(f"import:{what}", "--separate", f"--input={place}")
    shutil.rmtree(folder / "credentials")


def activate(orchestrator):
    """Publish every workflow: those that are called before those that call."""
    waiting = set(n8n_module.workflows())
    refused = {}
    while waiting:
        refused = {name: try_to_activate(orchestrator, name) for name in waiting}
        done = {name for name, reason in refused.items() if not reason}
        assert done, refused
        waiting -= done


def try_to_activate(orchestrator, name):
    """Return why n8n refuses to activate a workflow, or None."""
    path = f"{orchestrator.url}/api/v1/workflows/{name}/activate"
    answer = orchestrator.api.post(path, timeout=30)
    return None if answer.ok else answer.text


@pytest.fixture(scope="session")
def n8n(workshop, testbed, server, tmp_path_factory):
    """n8n on an empty database, everything imported, published, connected."""
    n8n_module.ensure(workshop)
    folder = tmp_path_factory.mktemp("n8n")
    with (
        empty_database(testbed.connection, f"n8n_test_{os.getpid()}") as database,
        receiving() as mailbox,
        imap.serving(workshop) as incidents,
    ):
        program = n8n_module.N8n(
            workshop, testbed.connection, database, folder, owner_settings(workshop)
        )
        running = Orchestrator(
            *(program, program.start(), {}, mailbox, incidents),
            note_key=secrets.token_hex(16),
            platform_key=secrets.token_hex(16),
        )
        try:
            set_up(running, server, folder)
            yield running
        finally:
            stop(running.process)
            remove(folder)


@pytest.fixture(autouse=True)
def whole_again(n8n):
    """One test that fails leaves n8n running for the next."""
    yield
    n8n.mend()


def set_up(running, server, folder):
    program = running.program
    running.api = open_api(program.url)
    running.keys = connect(server, program)
    import_all(program, folder, server, credentials_of(running))
    activate(running)
    eventually(lambda: webhook_is_there(program.url), seconds=30)


@pytest.fixture(scope="session")
def people(base_url, db):
    """Who takes part, logged in."""
    logins = ("store", "region", "lossprevention", "auditor", "retailadmin", "hq")
    return {login: WebClient(base_url, db, login) for login in logins}
