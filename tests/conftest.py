"""Fixtures for whole journeys: a real server on a database of its own."""

import os
import threading
from dataclasses import dataclass

import pytest

from launcher import credentials, pdf
from launcher.listen import Receiver
from launcher.server import free_port
from launcher.settings import resolve
from launcher.testbed import Testbed
from launcher.workshop import Workshop

LINES_OF_LOG = 60


@dataclass
class Server:
    """A running Odoo: where it answers, its database, its demo keys, its log."""

    url: str
    database: object
    keys: dict
    log: object

    @property
    def db(self):
        return self.database.name

    def query(self, sql):
        """Rows of a SQL text as lists of strings, for what no interface shows."""
        return self.database.query(sql)


@pytest.fixture(scope="session")
def workshop():
    """The launcher's workshop, with everything fetched that tests need."""
    workshop = Workshop(resolve({}))
    workshop.prepare("test")
    return workshop


@pytest.fixture(scope="session")
def testbed(workshop):
    """The test PostgreSQL and its templates."""
    with workshop.postgres("pgtest", durable=False) as connection:
        yield Testbed(workshop, connection)


@pytest.fixture(scope="session")
def server(workshop, testbed):
    """A server on a fresh copy of the demo database, for all tests of one session."""
    pdf.ensure(workshop.home, workshop.progress)
    log = workshop.home.log(f"test-server-{os.getpid()}")
    keys_file = testbed.data / f"credentials-{os.getpid()}.json"
    port = free_port()
    with testbed.copy(testbed.demo(), "server") as database:
        with workshop.progress.step("Demo keys") as step:
            keys = credentials.provision(database, keys_file, step)
        with database.instance.serving(port, log=log):
            yield Server(f"http://127.0.0.1:{port}", database, keys, log)
    keys_file.unlink()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item):
    """Show beside a failure what the server wrote last."""
    report = yield
    server = getattr(item, "funcargs", {}).get("server")
    if report.failed and server and server.log.exists():
        lines = server.log.read_text(errors="replace").splitlines()
        report.sections.append(("Odoo's log", "\n".join(lines[-LINES_OF_LOG:])))
    return report


@pytest.fixture(scope="session")
def base_url(server):
    return server.url


@pytest.fixture(scope="session")
def db(server):
    return server.db


@pytest.fixture(scope="session")
def keys(server):
    """{"source": {"code", "secret"}, "endpoint": {"url", "secret"}}."""
    return server.keys


@pytest.fixture
def receiver(server):
    """A receiver that verifies deliveries; its `deliveries` grow as they arrive.

    Point an endpoint at `receiver.url`; its secret is the demo endpoint's.
    """
    deliveries = []
    listening = Receiver(
        ("127.0.0.1", 0),
        server.keys["endpoint"]["secret"],
        lambda message_id, event: deliveries.append((message_id, event)),
    )
    listening.deliveries = deliveries
    listening.url = f"http://127.0.0.1:{listening.server_port}/"
    thread = threading.Thread(target=listening.serve_forever, daemon=True)
    thread.start()
    yield listening
    listening.shutdown()
    listening.server_close()
