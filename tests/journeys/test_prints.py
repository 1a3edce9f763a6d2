"""Reports come out as PDF for whoever has to hand them on."""

import pytest

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
