"""A note becomes a structured case that a person triages."""

import contextlib
import uuid
from email.message import EmailMessage

import requests

from tests.waiting import eventually


def send(n8n, key=None, **note):
    return requests.post(
        f"{n8n.url}/webhook/retail-ops-incident",
        json={"id": uuid.uuid4().hex, **note},
        headers={"X-Retail-Ops-Key": key or n8n.note_key},
        timeout=60,
    )


def letter(name, subject, text):
    """An e-mail as somebody of a store writes it."""
    made = EmailMessage()
    made["From"] = "Portland Pearl <pearl@northline.example>"
    made["To"] = "incidents@northline.example"
    made["Message-ID"] = f"<{name}@northline.example>"
    made["Subject"] = subject
    made.set_content(text)
    return made


def case_of(people, note, channel="note"):
    found = people["auditor"].find(
        "retail.exception",
        [("intake_key", "=like", f"n8n:{channel}-{note}%")],
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


SAID = {
    "I am still waiting for my refund": ("Customer complaint", 0),
    "A crude answer, and he was rude": ("Customer complaint", 0),
    "USD 1,640.50 of fish spoiled": ("Damaged goods", 1640.5),
    "USD 25,50 of broken glass": ("Damaged goods", 25.5),
    "The till is dead, USD 640 lost": ("Equipment failure", 640),
    "We wait till noon for the truck": ("Delivery delay", 0),
}


def test_whole_words_say_the_type_and_amounts_are_read_to_their_end(people, n8n):
    notes = {uuid.uuid4().hex: text for text in SAID}
    for note, text in notes.items():
        assert send(n8n, id=note, subject=f"Store 0047: {text}").status_code == 202
    for note, text in notes.items():
        case = eventually(lambda about=note: case_of(people, about), 30)
        assert (case["type_id"][1], case["amount"]) == SAID[text], text


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


def arrive(n8n, written, found):
    """Deliver a letter until something is found, as mail servers do at need.

    Ours tells of a letter only to who listens already, and n8n begins to listen a
    quarter of a minute after it connected.
    """
    for _again in range(8):
        n8n.incidents.deliver(written)
        with contextlib.suppress(AssertionError):
            return eventually(found, 8)
    return found()


def test_an_email_becomes_one_case_however_often_it_arrives(people, n8n):
    name = uuid.uuid4().hex
    text = "Store 0047, since 9:30. USD 250 of milk."
    written = letter(name, "The fridge is broken", text)
    case = arrive(n8n, written, lambda: case_of(people, name, "mail"))
    assert case["type_id"][1] == "Equipment failure"
    assert "0047" in case["store_id"][1]
    assert case["amount"] == 250
    assert "an e-mail by n8n incident 1.0.0" in case["reason"]
    assert case["state"] in ("new", "triaged")
    n8n.incidents.deliver(written)
    eventually(lambda: n8n.incidents.unread() == 0, 30)
    eventually(lambda: not n8n.running("retailOpsIncidentMail"), 30)
    ours = [("intake_key", "=like", f"n8n:mail-{name}%")]
    assert len(people["auditor"].find("retail.exception", ours, ["id"])) == 1


def test_an_email_without_a_known_store_waits_for_a_person(people, n8n):
    name = uuid.uuid4().hex

    def parked():
        return people["retailadmin"].find(
            "retail.event.job",
            [("event_id", "=like", f"mail-{name}%"), ("state", "=", "parked")],
            ["reason"],
        )

    written = letter(name, "The till is broken", "Please come.")
    [job] = arrive(n8n, written, parked)
    assert "unknown" in job["reason"]
