"""Exceptions, figures and descriptions over the doors, and what stays closed there."""

import json
import time
from html.parser import HTMLParser

from odoo.http import Controller, request, route
from odoo.tests import tagged

from ..tools import api_page, openapi, prometheus, standard_webhooks
from .common import DoorCase

REPORT = {
    "store": "T042",
    "exception_type": "equipment_failure",
    "summary": "Freezer 3 at -4",
    "amount": 640,
}


class QuestionCase(DoorCase):
    def report(self, event_id="rep-1", **changes):
        body = {name: v for name, v in {**REPORT, **changes}.items() if v is not None}
        return self.signed("exceptions", event_id, json.dumps(body).encode())

    def ask(self, path, subject=None, **signing):
        subject = subject or path.rpartition("/")[2].partition("?")[0]
        return self.signed(path, subject, b"", method="GET", **signing)

    def signed(self, path, message_id, body, method="POST", secret=None, code=None):
        key = standard_webhooks.decode_secret(secret or self.secret)
        headers = {
            "Retail-Ops-Source": code or self.source.code,
            "Content-Type": "application/json",
            **standard_webhooks.sign([key], message_id, int(time.time()), body),
        }
        return self.url_open(
            f"/retail_ops/v1/{path}", data=body, headers=headers, method=method
        )

    def other_source(self):
        other = self.copy_source("test-other", name="Other")
        secret = self.env["retail.source.key"]._issue({"source_id": other.id})
        other.action_activate()
        return {"code": "test-other", "secret": secret}


@tagged("post_install", "-at_install")
class TestExceptions(QuestionCase):
    def test_another_system_raises_an_exception_and_reads_it(self):
        response = self.report(occurred_at="2026-05-04T11:30:00+02:00")
        self.assertEqual(response.status_code, 202, response.text)
        self.assertEqual(response.json()["status"], "accepted")
        place = response.headers["Location"].removeprefix("/retail_ops/v1/")
        self.assert_problem(self.ask(place), 404, "event-not-found")
        self.process_inbox()
        answer = self.ask(place)
        self.assertEqual(answer.status_code, 200, answer.text)
        raised = self.job("rep-1").exception_id
        self.assertEqual(answer.json()["reference"], raised.name)
        self.assertEqual(answer.json()["state"], raised.state)
        self.assertEqual(raised.summary, REPORT["summary"])
        self.assertEqual(str(raised.occurred_at), "2026-05-04 09:30:00")

    def test_the_same_report_again_is_one_exception(self):
        self.report()
        self.assertEqual(self.report().json()["status"], "duplicate")
        self.process_inbox()
        self.assertEqual(len(self.ask("exceptions").json()["exceptions"]), 1)
        problem = self.assert_problem(
            self.report(summary="Another"), 422, "event-id-reused"
        )
        self.assertEqual(problem["event_id"], "rep-1")

    def test_nobody_sets_a_state_an_owner_or_an_approval_from_outside(self):
        for member in ("state", "severity", "user_id", "approval_state", "id"):
            response = self.report(**{member: "approved"})
            problem = self.assert_problem(response, 422, "schema-violation")
            self.assertEqual(problem["errors"][0]["pointer"], f"/{member}")
        self.assertFalse(self.job("rep-1"))

    def test_no_method_changes_an_exception(self):
        self.report()
        self.process_inbox()
        before = self.job("rep-1").exception_id.state
        for method in ("PUT", "PATCH", "DELETE", "POST"):
            response = self.signed("exceptions/rep-1", "rep-1", b"{}", method=method)
            self.assert_problem(response, 405, "method-not-allowed")
            self.assertEqual(response.headers["Allow"], "GET")
        self.assertEqual(self.job("rep-1").exception_id.state, before)

    def test_mistakes_are_answered_with_a_pointer_into_the_report(self):
        for changes, pointer in (
            ({"store": None}, "/store"),
            ({"amount": "much"}, "/amount"),
            ({"occurred_at": "yesterday"}, "/occurred_at"),
            ({"correlation_id": "no spaces"}, "/correlation_id"),
        ):
            response = self.report(**changes)
            self.assertIn(response.status_code, (400, 422), response.text)
            self.assertEqual(response.json()["errors"][0]["pointer"], pointer)
        for body in (b"[]", b"7", b'"x"'):
            response = self.signed("exceptions", "rep-1", body)
            self.assert_problem(response, 400, "envelope-invalid")

    def test_a_source_needs_the_type_to_raise_exceptions(self):
        self.source.event_type_ids = self.found
        self.assert_problem(self.report(), 403, "type-not-allowed")

    def test_a_source_reads_its_own_exceptions_only(self):
        self.report()
        self.process_inbox()
        other = self.other_source()
        response = self.ask("exceptions", **other)
        self.assertEqual(response.json(), {"exceptions": [], "next": None})
        response = self.ask("exceptions/rep-1", **other)
        self.assert_problem(response, 404, "event-not-found")

    def test_a_signature_for_one_question_does_not_answer_another(self):
        self.report()
        response = self.ask("exceptions", subject="rep-1")
        self.assert_problem(response, 404, "event-not-found")
        response = self.ask("exceptions/rep-1", subject="exceptions")
        self.assert_problem(response, 404, "event-not-found")

    def test_unsigned_questions_are_not_answered(self):
        for path in ("exceptions", "exceptions/rep-1", "metrics", "events/rep-1"):
            response = self.url_open(f"/retail_ops/v1/{path}")
            self.assert_problem(response, 401, "unauthenticated")

    def test_pages_and_filters(self):
        for number in range(3):
            self.report(f"rep-{number}", summary=f"Freezer {number}")
        self.process_inbox()
        page = self.ask("exceptions?limit=2").json()
        self.assertEqual([row["id"] for row in page["exceptions"]], ["rep-2", "rep-1"])
        rest = self.ask(f"exceptions?limit=2&next={page['next']}").json()
        self.assertEqual([row["id"] for row in rest["exceptions"]], ["rep-0"])
        self.assertIsNone(rest["next"])
        self.assertEqual(len(self.ask("exceptions?state=open").json()["exceptions"]), 3)
        self.assertFalse(self.ask("exceptions?state=closed").json()["exceptions"])
        for wrong in ("limit=0", "limit=-1", "limit=x", "next=1e3", "state=new"):
            response = self.ask(f"exceptions?{wrong}")
            problem = self.assert_problem(response, 400, "argument-invalid")
            self.assertEqual(problem["errors"][0]["parameter"], wrong.split("=")[0])


@tagged("post_install", "-at_install")
class TestMetrics(QuestionCase):
    def test_the_figures_are_read_by_who_may(self):
        self.assert_problem(self.ask("metrics"), 403, "scope-missing")
        self.source.allows_metrics = True
        self.accept("evt-1")
        self.accept("evt-2", store="9942", product="P2")
        self.process_inbox()
        self.accept("evt-3")
        response = self.ask("metrics")
        self.assertEqual(response.status_code, 200, response.text)
        self.assertEqual(response.headers["Content-Type"], prometheus.CONTENT_TYPE)
        for line in (
            'retail_ops_inbox_events{source="test-pos",state="received"} 1',
            'retail_ops_inbox_events{source="test-pos",state="parked"} 1',
            'retail_ops_inbox_received_1h{source="test-pos"} 3',
            'retail_ops_inbox_business_failures_1h{source="test-pos"} 1',
        ):
            self.assertIn(line, response.text.splitlines())
        self.assertIn('quantile="0.95"', response.text)

    def test_an_api_key_of_a_scraper_reads_figures_and_nothing_else(self):
        self.source.allows_api_keys = True
        key = self.env["retail.source.api.key"]._issue(
            self.source, "Prometheus", ["may_read_metrics"], 90
        )
        for path, status in (("metrics", 200), ("exceptions", 403)):
            response = self.url_open(
                f"/retail_ops/v1/{path}?source={self.source.code}",
                headers={"Authorization": f"Bearer {key}"},
            )
            self.assertEqual(response.status_code, status, path)

    def test_figures_of_another_company_are_not_among_them(self):
        self.source.allows_metrics = True
        self.accept("evt-1")
        other = self.env["res.company"].create({"name": "Other"})
        families = self.env["retail.door.metrics"]._families(other.id)
        self.assertNotIn("test-pos", prometheus.write(families))

    def test_every_line_can_be_parsed(self):
        text = prometheus.write(
            [("a", "b\nc", "gauge", [({"x": 'q"\\\n'}, 1.5), ({}, 2)])]
        )
        self.assertEqual(
            text, '# HELP a b\\nc\n# TYPE a gauge\na{x="q\\"\\\\\\n"} 1.5\na 2\n'
        )


class Links(HTMLParser):
    """Collects what a page would load or run."""

    def __init__(self):
        super().__init__()
        self.tags, self.targets = [], []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.targets += [text for name, text in attrs if name in ("href", "src")]


@tagged("post_install", "-at_install")
class TestPage(QuestionCase):
    def test_the_page_shows_every_address_and_event_and_loads_nothing(self):
        response = self.url_open("/retail_ops/v1")
        self.assertEqual(response.status_code, 200)
        self.assertIn("default-src 'none'", response.headers["Content-Security-Policy"])
        for text in ("/retail_ops/v1/exceptions", "stock.discrepancy.found.v1"):
            self.assertIn(text, response.text)
        page = Links()
        page.feed(response.text)
        self.assertFalse({"script", "img", "link", "iframe"} & {*page.tags})
        self.assertTrue(all(to.startswith(("#", "/")) for to in page.targets))

    def test_what_stands_in_the_catalogue_cannot_become_markup(self):
        kind = {
            "name": "a.b",
            "version": 1,
            "direction": "in",
            "description": "<script>alert(1)</script>",
            "schema": {"type": "object", "properties": {"<b>": {"type": "string"}}},
            "sample": {"<i>": "'\"><img src=x>"},
        }
        page = Links()
        page.feed(api_page.build(openapi.build([kind])))
        self.assertFalse({"script", "img", "b", "i"} & {*page.tags})

    def test_other_methods_on_the_page_get_a_problem(self):
        response = self.url_open("/retail_ops/v1", method="DELETE")
        self.assert_problem(response, 405, "method-not-allowed")


class SecondVersion(Controller):
    """A second version, as an addon would add it beside the first."""

    @route(
        "/retail_ops/v2/events",
        type="retail_ops",
        auth="retail_ops",
        methods=["POST"],
        csrf=False,
        save_session=False,
        readonly=False,
    )
    def receive(self):
        call = request.retail_ops_call
        receipt = request.env["retail.event"]._accept(
            call.door, call.body, "application/json", call.message_id
        )
        return request.make_response(
            json.dumps({"v2": receipt["id"]}),
            headers=[("Content-Type", "application/json")],
        )


@tagged("post_install", "-at_install")
class TestSecondVersion(QuestionCase):
    def test_a_second_version_stands_beside_the_first(self):
        second = self.signed("../v2/events", "evt-2", self.body(product="P2"))
        self.assertEqual(second.json(), {"v2": "evt-2"}, second.text)
        first = self.post(event_id="evt-1")
        self.assertEqual(first.json()["id"], "evt-1")
        self.assertEqual(self.states("evt-1", "evt-2"), ["received"] * 2)

    def test_the_second_version_is_as_closed_as_the_first(self):
        response = self.url_open("/retail_ops/v2/events", data=self.body())
        self.assert_problem(response, 401, "unauthenticated")
