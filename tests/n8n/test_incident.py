"""A note becomes a structured case that a person triages."""

import uuid

import requests

from tests.waiting import eventually


def send(n8n, key=None, **note):
    return requests.post(
        f"{n8n.url}/webhook/retail-ops-incident",
        json={"id": uuid.uuid4().hex, **note},
        headers={"X-Retail-Ops-Key": key or n8n.note_key},
        timeout=60,
    )


def case_of(people, note):
    found = people["auditor"].find(
        "retail.exception",
        [("intake_key", "=", f"n8n:note-{note}")],
        ["summary", "reason", "type_id", "store_id", "state", "amount"],
    )
    return found[0] if found else None


def test_a_note_becomes_one_case_however_often_it_is_sent(people, n8n):
    note = uuid.uuid4().hex
    text = "Store 0046, since 9:30. USD 640 of ice cream."
    for _again in range(2):
        answer = send(n8n, id=note, subject="Freezer 3 is out of order", text=text)
        assert answer.status_code == 202, answer.text
    case = eventually(lambda: case_of(people, note), 30)
    assert case["type_id"][1] == "Equipment failure"
    assert "0046" in case["store_id"][1]
    assert case["amount"] == 640
    assert "by n8n incident 1.0.0" in case["reason"]
    assert case["state"] in ("new", "triaged")


def test_a_note_without_a_known_store_waits_for_a_person(people, n8n):
    note = uuid.uuid4().hex
    assert send(n8n, id=note, subject="The till is broken").status_code == 202

    def parked():
        return people["retailadmin"].find(
            "retail.event.job",
            [("event_id", "=", f"note-{note}"), ("state", "=", "parked")],
            ["reason"],
        )

    [job] = eventually(parked, 30)
    assert "unknown" in job["reason"]


def test_who_does_not_show_the_key_is_refused(n8n):
    assert send(n8n, key="wrong", subject="x").status_code == 403
