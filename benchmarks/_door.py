"""What the benchmarks of the door share: an Odoo of their own, and signed messages."""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import requests

ADDONS = Path(__file__).resolve().parent.parent / "addons"
START = Path(__file__).with_name("_odoo.py")
DATABASE = "retail_ops_bench_accept"
SECONDS_TO_START = 60
BATCH = 200
PLAIN = "application/json"
BATCHES = "application/cloudevents-batch+json"
SOURCE = """
account = env["res.users"].create({
    "name": "Bench", "login": "bench",
    "group_ids": [(6, 0, env.ref("retail_ops_integrations.group_integration").ids)],
})
source = env["retail.source"].create({
    "name": "Bench", "code": "bench", "user_id": account.id,
    "owner_id": env.ref("base.user_admin").id, "rate_per_minute": 0,
    "event_type_ids": env["retail.event.type"].search([
        ("name", "in", TYPES), ("direction", "=", "in")]).ids,
})
secret = env["retail.source.key"]._issue({"source_id": source.id})
MORE
source.action_activate()
env.cr.commit()
print("SECRET " + secret)
"""


def prepare(types, more=""):
    """Return the script that opens a source and prints its secret.

    :param types: list of the event types that it may send
    :param more: what else to do, with ``env`` and ``source`` at hand
    """
    return SOURCE.replace("TYPES", repr(types)).replace("MORE", more)


def facts(number):
    return {
        "store": "0042",
        "product": f"SKU-{number}",
        "expected": 12,
        "counted": 7,
        "unit_cost": 14.5,
        "currency": "USD",
        "reason": "Evening count, shelf and back room",
    }


def plain(number):
    return json.dumps(
        {
            "type": "stock.discrepancy.found",
            "timestamp": "2026-05-04T09:30:00Z",
            "data": facts(number),
        }
    ).encode()


def batch():
    return json.dumps(
        [
            {
                "specversion": "1.0",
                "id": uuid.uuid4().hex,
                "source": "/bench",
                "type": "stock.discrepancy.found",
                "time": "2026-05-04T09:30:00Z",
                "data": facts(number),
            }
            for number in range(BATCH)
        ]
    ).encode()


def signed(secret, message_id, body):
    """Return the headers of a signed message (Standard Webhooks, v1)."""
    at = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    content = b".".join([message_id.encode(), at.encode(), body])
    digest = hmac.new(key, content, hashlib.sha256).digest()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": at,
        "webhook-signature": "v1," + base64.b64encode(digest).decode(),
    }


class Bench:
    """An Odoo of this run on a database of its own."""

    def __init__(self, folder, beside=(), libraries=None):
        """Choose what it runs with.

        :param folder: temporary folder, which takes data and log
        :param beside: folders of addons other than ours
        :param libraries: folder of Python libraries that those need
        """
        self.folder = Path(folder)
        self.beside = [str(path) for path in beside]
        self.environment = dict(os.environ)
        if libraries:
            self.environment["PYTHONPATH"] = str(libraries)

    def command(self, *arguments, sub=()):
        """Return the command line of Odoo."""
        import odoo  # found beside this Python

        standard = [str(Path(path) / "addons") for path in odoo.__path__]
        folders = [standard[0], str(ADDONS), *self.beside]
        place = {
            "--db_host": os.environ.get("RETAIL_OPS_DB_HOST"),
            "--db_port": os.environ.get("RETAIL_OPS_DB_PORT"),
            "--db_user": os.environ.get("RETAIL_OPS_DB_USER"),
            "--database": DATABASE,
            "--addons-path": ",".join(folders),
            "--data-dir": str(self.folder / "data"),
            "--log-level": "warn",
        }
        options = [f"{name}={text}" for name, text in place.items() if text]
        return [sys.executable, str(START), *sub, *options, *arguments]

    def install(self, modules, script):
        """Install addons on a new database, then run a script in Odoo's shell.

        :param modules: names with commas between them
        :param script: prints ``SECRET`` and the secret of its source
        :return: text, that secret
        """
        options = (f"--init={modules}", "--stop-after-init", "--no-http")
        self._run(self.command(*options))
        output = self._run(self.command("--no-http", sub=("shell",)), script)
        return output.split("SECRET ")[1].split()[0]

    def _run(self, command, script=None):
        ran = subprocess.run(
            command, input=script, text=True, capture_output=True, env=self.environment
        )
        if ran.returncode:
            sys.exit(ran.stderr)
        return ran.stdout

    @contextlib.contextmanager
    def serving(self, cron_threads=0):
        """Serve with two workers; yields the process and the port."""
        port = free_port()
        command = self.command(
            "--workers=2",
            f"--max-cron-threads={cron_threads}",
            "--http-interface=127.0.0.1",
            f"--http-port={port}",
            f"--gevent-port={free_port()}",
        )
        with open(self.folder / "odoo.log", "wb") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.environment
            )
        try:
            wait_for(process, port)
            yield process, port
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait()


def free_port():
    """Return a TCP port that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for(process, port):
    """Wait until Odoo answers; end when it does not."""
    ends_at = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < ends_at and process.poll() is None:
        try:
            requests.get(f"http://127.0.0.1:{port}/web/health", timeout=5)
            return
        except (requests.ConnectionError, requests.Timeout):  # it loads still
            time.sleep(0.2)
    sys.exit("Odoo does not answer.")
