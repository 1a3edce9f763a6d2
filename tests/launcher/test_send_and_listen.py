"""What ./retail-ops send posts, ./retail-ops listen verifies."""

import json
import os
import select
import signal
import subprocess
import sys

import pytest

from launcher.server import free_port

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def keys(home):
    """Demo keys whose endpoint is a port of this test."""
    home.mkdir()
    port = free_port()
    keys = {
        "source": {"code": "pos-us", "secret": SECRET},
        "endpoint": {"url": f"http://127.0.0.1:{port}/", "secret": SECRET},
    }
    (home / "credentials.json").write_text(json.dumps(keys))
    return keys


@pytest.fixture
def listener(keys, home):
    """./retail-ops listen, ready; its output ends when the process does."""
    command = [sys.executable, "retail-ops", "listen"]
    process = subprocess.Popen(
        command,
        env={**os.environ, "RETAIL_OPS_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    ready, _, _ = select.select([process.stdout], [], [], 30)
    assert ready
    assert "Listening" in process.stdout.readline()
    yield process
    if process.poll() is None:
        process.kill()
    process.wait()


def end(listener):
    listener.send_signal(signal.SIGINT)
    return listener.communicate(timeout=30)[0]


def test_a_signed_event_arrives_verified(retail_ops, keys, listener):
    done = retail_ops("send", "--url", keys["endpoint"]["url"], "--id", "msg_1")
    assert done.returncode == 0
    assert done.stdout.startswith("204  msg_1")
    output = end(listener)
    assert "stock.discrepancy.found  msg_1  signature verified" in output
    assert '"store": "0042"' in output


def test_a_forged_event_is_refused(retail_ops, keys, listener):
    done = retail_ops("send", "--url", keys["endpoint"]["url"], "--forge")
    assert done.returncode == 1
    assert done.stdout.startswith("401")
    assert "refused: webhook-signature does not fit" in end(listener)


def test_ctrl_c_ends_the_listener_without_noise(listener):
    assert "Traceback" not in end(listener)


def test_listening_once_ends_with_the_first_delivery(retail_ops, keys, home):
    command = [sys.executable, "retail-ops", "listen", "--once"]
    with subprocess.Popen(
        command,
        env={**os.environ, "RETAIL_OPS_HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.readline()
        retail_ops("send", "--url", keys["endpoint"]["url"])
        assert process.wait(timeout=30) == 0
