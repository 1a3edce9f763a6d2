"""Reports come out as PDF for whoever has to hand them on."""

import contextlib
import html
import re
import signal

import pytest

from launcher.commands import start, stop
from launcher.server import free_port, wait_until_healthy
from tests.prints import check_printed
from tests.webclient import WebClient

FINISHED = [("maintenance_id", "!=", False), ("state", "in", ("resolved", "closed"))]
PRINTS = {
    "an evidence pack": (
        *("auditor", "retail.exception", FINISHED),
        "retail_ops_maintenance.report_evidence_pack",
    ),
    "an approval policy": (
        *("auditor", "retail.approval.policy", [("state", "=", "published")]),
        "retail_ops_approvals.report_policy",
    ),
    "a weekly letter": (
        *("region", "retail.letter", []),
        "retail_ops_core.report_letter",
    ),
}


@pytest.mark.parametrize("what", PRINTS)
def test_it_comes_out_as_a_pdf(base_url, db, workshop, what):
    login, model, domain, report = PRINTS[what]
    reader = WebClient(base_url, db, login)
    document = reader.find(model, domain, ["display_name"])[0]
    path = f"{base_url}/report/pdf/{report}/{document['id']}"
    answer = reader.session.get(path, timeout=120)
    assert answer.headers["Content-Type"] == "application/pdf"
    pictures = workshop.home.folder / "screenshots"
    pictures.mkdir(exist_ok=True)
    (pictures / f"{report}.pdf").write_bytes(answer.content)
    check_printed(answer.content)


def test_who_may_not_read_it_prints_nothing(base_url, db):
    auditor = WebClient(base_url, db, "auditor")
    [pack, *_more] = auditor.find("retail.exception", FINISHED, ["store_id"])
    other = WebClient(base_url, db, "store0301")
    assert not other.find("retail.exception", [("id", "=", pack["id"])], ["id"])
    report = "retail_ops_maintenance.report_evidence_pack"
    answer = other.session.get(f"{base_url}/report/pdf/{report}/{pack['id']}")
    assert answer.status_code >= 400
    assert b"%PDF" not in answer.content


@contextlib.contextmanager
def without_converter(server, workshop, folder):
    """Run another server on the same database that finds no program to print with."""
    instance, port = server.database.instance, free_port()
    log = workshop.home.log("test-prints")
    place = (f"--http-port={port}", "--http-interface=127.0.0.1")
    process = start(
        instance.command(*place, "--max-cron-threads=0"),
        log,
        env={**instance.environment, "PATH": str(folder)},
    )
    try:
        wait_until_healthy(process, port, "127.0.0.1", log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(process, signal.SIGINT)


def test_without_a_converter_it_says_what_to_do(server, workshop, tmp_path):
    login, model, domain, report = PRINTS["an evidence pack"]
    with without_converter(server, workshop, tmp_path) as url:
        reader = WebClient(url, server.db, login)
        found = reader.session.post(
            f"{url}/report/check_wkhtmltopdf", json={"params": {}}, timeout=60
        )
        assert found.json()["result"] == "install"
        case = reader.find(model, domain, ["name"])[0]
        answer = reader.session.get(f"{url}/report/pdf/{report}/{case['id']}")
        said = html.unescape(answer.text)
        assert answer.status_code == 422
        [path] = re.findall(rf"/report/html/{report}/\d+", said)[:1]
        page = reader.session.get(url + path, timeout=60)
        assert page.ok
        assert case["name"] in page.text
