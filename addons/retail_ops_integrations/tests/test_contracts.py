"""What a source's contract lets through, in whose words, and in which order."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, tagged

from ..tools import backoff, compat
from .common import DoorCase, IntegrationCase


class ContractCase(IntegrationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.changed = cls.env.ref(
            "retail_ops_integrations.event_type_object_status_changed"
        )
        cls.priced = cls.env.ref("retail_ops_integrations.event_type_price_changed")
        cls.shipment = cls.env.ref("retail_ops_integrations.object_shipment")
        cls.delivered = cls.env.ref("retail_ops_integrations.status_shipment_delivered")
        cls.moving = cls.env.ref("retail_ops_integrations.status_shipment_in_transit")
        owners = cls.env["retail.object.owner"]
        owners.search([("company_id", "=", cls.company.id)]).unlink()
        cls.owner = owners.create(
            {
                "object_id": cls.shipment.id,
                "company_id": cls.company.id,
                "source_ids": [(6, 0, cls.source.ids)],
            }
        )
        cls.source.event_type_ids += cls.changed
        cls.other = cls.copy_source(
            "test-other", name="Other", company_id=cls.company.id
        )

    @classmethod
    def give(cls, source, code):
        """Make a source the system of record of an object."""
        return cls.env["retail.object.owner"].create(
            {
                "object_id": cls.env.ref(f"retail_ops_integrations.object_{code}").id,
                "company_id": cls.company.id,
                "source_ids": [(6, 0, source.ids)],
            }
        )

    def tell(
        self,
        event_id,
        status,
        hour=9,
        source=None,
        day="2026-05-04",
        second="00",
        **changes,
    ):
        """Receive a status of shipment S-1 that happened at an hour of a day."""
        data = {"object": "shipment", "reference": "S-1", "status": status, **changes}
        body = {
            "type": "object.status.changed",
            "timestamp": f"{day}T{hour:02}:00:{second}Z",
            "data": data,
        }
        return self.env["retail.event"]._accept(
            (source or self.source)._door(),
            json.dumps(body).encode(),
            "application/json",
            event_id,
        )

    def means(self, word, status, source=None):
        return self.env["retail.status.word"].create(
            {
                "source_id": (source or self.source).id,
                "object_id": status.object_id.id,
                "word": word,
                "status_id": status.id,
            }
        )

    def tracked(self, reference="S-1"):
        self.env.invalidate_all()
        return self.env["retail.tracked.object"].search([("reference", "=", reference)])


@tagged("post_install", "-at_install")
class TestStatuses(ContractCase):
    def test_two_channels_words_mean_one_status(self):
        self.owner.source_ids += self.other
        self.means("Zugestellt", self.delivered)
        self.means("POD", self.delivered, self.other)
        self.tell("evt-1", " zugestellt ")
        self.tell("evt-2", "pod", source=self.other, reference="S-2")
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.delivered)
        self.assertEqual(self.tracked("S-2").status_id, self.delivered)

    def test_an_unknown_word_is_parked_and_raises_an_exception(self):
        self.tell("evt-1", "HLD7", store="T042")
        self.tell("evt-2", "HLD7", store="T042", reference="S-2")
        self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual(job.state, "parked", job.reason)
        self.assertEqual(job.exception_id.type_id.code, "data_quality")
        self.assertIn("hld7", job.exception_id.summary)
        self.assertEqual(self.job("evt-2").exception_id, job.exception_id)
        self.assertFalse(self.tracked())

    def test_an_unknown_word_goes_on_once_it_has_a_meaning(self):
        self.tell("evt-1", "HLD7")
        self.process_inbox()
        word = self.env["retail.status.word"].search(
            [("source_id", "=", self.source.id), ("word", "=", "hld7")]
        )
        self.assertFalse(word.status_id)
        word.with_user(self.admin).status_id = self.moving
        self.job("evt-1").with_user(self.integrator)._replay("given a meaning")
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.moving)

    def test_an_unknown_object_is_parked(self):
        self.tell("evt-1", "x", object="rocket")
        self.process_inbox()
        self.assertIn("rocket", self.job("evt-1").reason)

    def test_only_an_administrator_gives_words_a_meaning(self):
        word = self.means("pod", self.delivered)
        for user in (self.integrator, self.auditor, self.account):
            with self.assertRaises(AccessError):
                word.with_user(user).status_id = self.moving
        self.tell("evt-1", "pod")
        self.process_inbox()
        for user in (self.admin, self.integrator, self.account):
            with self.assertRaises(AccessError):
                self.tracked().with_user(user).status_id = self.moving


@tagged("post_install", "-at_install")
class TestLateEvents(ContractCase):
    def setUp(self):
        super().setUp()
        self.means("moving", self.moving)
        self.means("pod", self.delivered)

    def test_an_older_event_after_a_newer_one_does_not_overwrite_it(self):
        self.tell("evt-new", "pod", hour=12)
        self.process_inbox()
        self.tell("evt-old", "moving", hour=9)
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.delivered)
        job = self.job("evt-old")
        self.assertEqual(job.state, "superseded")
        self.assertTrue(job.reason)

    def test_within_one_second_an_older_event_does_not_overwrite_a_newer_one(self):
        self.tell("evt-new", "pod", second="00.9")
        self.process_inbox()
        self.tell("evt-old", "moving", second="00.1")
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.delivered)
        self.assertEqual(self.states("evt-new", "evt-old"), ["done", "superseded"])

    def test_of_one_moment_the_one_received_last_counts_and_a_replay_does_not(self):
        self.tell("evt-1", "moving")
        self.process_inbox()
        self.tell("evt-2", "pod")
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.delivered)
        self.job("evt-1")._replay("to be sure")
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.delivered)
        self.assertEqual(self.states("evt-1", "evt-2"), ["superseded", "done"])

    def test_a_fact_from_the_future_does_not_outlast_those_that_come_after_it(self):
        self.tell("evt-future", "moving", day="9999-12-31")
        self.process_inbox()
        self.assertEqual(self.tracked().status_id, self.moving)
        tomorrow = fields.Date.to_string(fields.Date.today() + timedelta(days=1))
        self.tell("evt-ahead", "pod", hour=23, day=tomorrow)
        self.process_inbox()
        self.assertEqual(self.states("evt-future", "evt-ahead"), ["done", "done"])
        self.assertEqual(self.tracked().status_id, self.delivered)

    def test_what_the_future_was_said_to_be_stands_in_the_body_alone(self):
        self.tell("evt-future", "moving", day="9999-12-31")
        event = self.job("evt-future").payload_id
        self.assertLessEqual(event.occurred_at, event.received_at)
        self.assertIn("9999-12-31", event._body()["timestamp"])

    def test_a_clock_within_the_tolerance_keeps_its_own_order(self):
        self.source.clock_tolerance = 600
        body = {
            "type": "object.status.changed",
            "timestamp": (self.env.cr.now() + timedelta(seconds=500)).isoformat() + "Z",
            "data": {"object": "shipment", "reference": "S-1", "status": "pod"},
        }
        self.env["retail.event"]._accept(
            self.source._door(), json.dumps(body).encode(), "application/json", "evt-1"
        )
        event = self.job("evt-1").payload_id
        self.assertGreater(event.occurred_at, event.received_at)

    def test_of_two_that_wait_together_the_newer_wins_in_any_order(self):
        for first, second in (("a", "b"), ("c", "d")):
            hours = (9, 12) if first == "a" else (12, 9)
            self.tell(f"evt-{first}", "moving", hour=hours[0], reference=first)
            self.tell(f"evt-{second}", "pod", hour=hours[1], reference=first)
        self.process_inbox()
        self.assertEqual(self.tracked("a").status_id, self.delivered)
        self.assertEqual(self.tracked("c").status_id, self.moving)

    def test_another_object_is_not_late(self):
        self.tell("evt-1", "pod", hour=12)
        self.tell("evt-2", "moving", hour=9, reference="S-2")
        self.process_inbox()
        self.assertEqual(self.states("evt-1", "evt-2"), ["done", "done"])

    def test_a_replay_of_the_newest_still_counts_and_of_an_old_one_does_not(self):
        self.tell("evt-old", "moving", hour=9)
        self.tell("evt-new", "pod", hour=12)
        self.process_inbox()
        (self.job("evt-old") + self.job("evt-new"))._replay("to be sure")
        self.process_inbox()
        self.assertEqual(self.states("evt-old", "evt-new"), ["superseded", "done"])
        self.assertEqual(self.tracked().status_id, self.delivered)

    def test_what_failed_did_not_count_as_the_newest(self):
        def refuse_new(handlers, events):
            if "evt-new" in events.mapped("event_id"):
                raise UserError(handlers.env._("no"))
            return handlers._handle_object_status_changed(events)

        handlers = type(self.env["retail.event.handler"])
        handlers._handle_test_refuse = refuse_new
        self.addCleanup(delattr, handlers, "_handle_test_refuse")
        self.changed.handler = "test_refuse"
        self.tell("evt-new", "pod", hour=12)
        self.process_inbox()
        self.tell("evt-old", "moving", hour=9)
        self.process_inbox()
        self.assertEqual(self.states("evt-new", "evt-old"), ["dead", "done"])
        self.assertEqual(self.tracked().status_id, self.moving)

    def test_facts_that_each_count_are_processed_however_late(self):
        self.assertEqual(self.found.late_policy, "process")
        self.accept("evt-1")
        self.process_inbox()
        self.accept("evt-2", counted=6)
        self.process_inbox()
        self.assertEqual(self.states("evt-1", "evt-2"), ["done", "done"])


@tagged("post_install", "-at_install")
class TestOwnership(ContractCase, DoorCase):
    def setUp(self):
        super().setUp()
        self.give(self.other, "order")

    def send_other(self, **changes):
        self.other.event_type_ids = self.changed
        secret = self.env["retail.source.key"]._issue({"source_id": self.other.id})
        self.other.action_activate()
        body = json.dumps(
            {
                "type": "object.status.changed",
                "timestamp": "2026-05-04T09:00:00Z",
                "data": {
                    "object": "shipment",
                    "reference": "S-1",
                    "status": "pod",
                    **changes,
                },
            }
        ).encode()
        return self.post(body, secret=secret, Retail_Ops_Source="test-other")

    def test_an_update_by_a_system_that_does_not_own_the_object_is_refused(self):
        problem = self.assert_problem(self.send_other(), 403, "not-system-of-record")
        self.assertIn("system of record", problem["detail"])
        self.assertFalse(self.job("evt-1"))

    def test_an_object_that_is_no_word_is_no_failure_of_this_server(self):
        kind = self.env["retail.event.type"].search(
            [("name", "=", "object.status.changed")]
        )
        described = json.loads(kind.schema)
        described["properties"]["object"] = {}
        kind.schema = json.dumps(described)
        for number, strange in enumerate((["shipment"], {"a": 1}, 7, None)):
            response = self.send_other(object=strange, reference=f"S-{number}")
            self.assertLess(response.status_code, 500, response.text)

    def test_or_parked_where_the_contract_says_so(self):
        self.owner.otherwise = "park"
        response = self.send_other()
        self.assertEqual(response.json()["state"], "parked", response.text)
        job = self.env["retail.event.job"].search([("source_id", "=", self.other.id)])
        self.assertIn("system of record", job.reason)

    def test_the_system_of_record_itself_may(self):
        self.means("pod", self.delivered, self.other)
        self.owner.source_ids += self.other
        self.assertEqual(self.send_other().json()["state"], "queued")

    def test_what_odoo_owns_is_updated_by_nobody(self):
        self.source.action_suspend()
        self.owner.source_ids = False
        self.assert_problem(self.send_other(), 403, "not-system-of-record")

    def test_fields_that_only_this_source_must_send_are_required(self):
        self.source.required_pointers = "/currency"
        problem = self.assert_problem(self.post(), 422, "schema-violation")
        self.assertEqual(problem["errors"][0]["pointer"], "/data/currency")
        response = self.post(self.body(currency="USD"))
        self.assertEqual(response.status_code, 202, response.text)

    def test_an_incomplete_contract_opens_no_door(self):
        self.source.action_suspend()
        self.source.event_type_ids += self.priced
        for name, label in (
            ("queue_id", "Exception path"),
            ("business_owner_id", "Business Owner"),
        ):
            kept = self.source[name]
            self.source[name] = False
            with self.assertRaisesRegex(UserError, label):
                self.source.action_activate()
            self.source[name] = kept
        with self.assertRaisesRegex(UserError, "system of record of “Price”"):
            self.source.action_activate()
        self.give(self.source, "price")
        self.source.action_activate()
        self.assertEqual(self.source.state, "active")

    def test_what_nobody_owns_waits_for_a_person_instead_of_being_changed(self):
        received = self.env.ref("retail_ops_integrations.status_return_received")
        self.means("back", received)
        receipt = self.tell("evt-1", "back", object="return", reference="R-1")
        self.assertEqual(receipt["state"], "parked")
        self.process_inbox()
        self.assertIn("system of record of 'return'", self.job("evt-1").reason)
        self.assertFalse(self.tracked("R-1"))

    def test_what_nobody_owns_goes_on_once_it_has_an_owner(self):
        self.means(
            "back", self.env.ref("retail_ops_integrations.status_return_received")
        )
        self.tell("evt-1", "back", object="return", reference="R-1")
        self.give(self.source, "return")
        self.job("evt-1").with_user(self.integrator)._replay("owned now")
        self.process_inbox()
        self.assertTrue(self.tracked("R-1"))

    def test_a_source_that_owns_nothing_may_not_name_what_it_changes(self):
        self.source.action_suspend()
        self.owner.source_ids = False
        with self.assertRaisesRegex(ValidationError, "object.status.changed"):
            self.source.action_activate()

    def test_an_active_source_keeps_its_contract_complete(self):
        for values in (
            {"event_type_ids": [(4, self.priced.id)]},
            {"business_owner_id": False},
            {"queue_id": False},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.source.with_user(self.admin).write(values)

    def test_an_owner_that_an_active_source_needs_stays(self):
        priced = self.give(self.source, "price")
        self.source.event_type_ids += self.priced
        stock = self.env.ref("retail_ops_integrations.object_stock").id
        row = priced.with_user(self.admin)
        for refused in (row.unlink, lambda: row.write({"object_id": stock})):
            with self.assertRaisesRegex(ValidationError, "would lack"):
                refused()
        self.source.action_suspend()
        row.unlink()
        self.assertFalse(row.exists())

    def test_the_last_object_of_a_source_that_names_what_it_changes_stays_its_own(self):
        owner = self.owner.with_user(self.admin)
        for refused in (owner.unlink, lambda: owner.write({"source_ids": [(5,)]})):
            with self.assertRaisesRegex(ValidationError, "would lack"):
                refused()
        self.give(self.source, "return")
        owner.unlink()
        self.assertFalse(owner.exists())

    def test_pointers_are_written_as_pointers(self):
        with self.assertRaises(ValidationError):
            self.source.required_pointers = "currency"

    def test_the_contract_shows_the_retries_and_the_log_follows_them(self):
        self.assertIn("6 attempts", self.source.retry_rule)
        self.source.retry_profile = "patient"
        self.assertIn("8 attempts", self.source.retry_rule)
        self.accept("evt-1")
        job = self.job("evt-1")
        job.sudo().write(
            {
                "state": "leased",
                "attempts": len(backoff.INBOX_SCHEDULE),
                "lease_token": "gone",
                "lease_until": fields.Datetime.now() - timedelta(hours=1),
            }
        )
        self.env.flush_all()
        self.env["retail.event.job"]._recover()
        self.assertEqual(self.job("evt-1").state, "pending")


@tagged("post_install", "-at_install")
class TestVersions(ContractCase):
    def change_schema(self, change):
        schema = json.loads(self.found.schema)
        change(schema)
        self.found.schema = json.dumps(schema)

    def test_a_compatible_change_is_a_revision_that_each_event_keeps(self):
        self.accept("evt-1")
        before = self.found.revision
        self.change_schema(
            lambda schema: schema["properties"].update(shelf={"type": "string"})
        )
        self.assertEqual(self.found.revision, before + 1)
        self.accept("evt-2")
        revisions = (self.job("evt-1") + self.job("evt-2")).mapped("revision")
        self.assertEqual(revisions, [before, before + 1])

    def test_a_breaking_change_of_a_type_in_use_asks_for_a_new_version(self):
        self.accept("evt-1")
        for change in (
            lambda schema: schema["required"].append("reason"),
            lambda schema: schema["properties"]["store"].update(maxLength=4),
            lambda schema: schema["properties"]["counted"].update(type="integer"),
            lambda schema: schema.update(additionalProperties=False),
        ):
            with self.assertRaisesRegex(ValidationError, "Make version 2"):
                self.change_schema(change)
        self.found.copy({"version": 2, "schema": '{"type": "object"}'})
        self.accept("evt-2")
        self.assertEqual(self.job("evt-2").version, 1)

    def test_a_type_that_nobody_uses_yet_is_changed_freely(self):
        self.change_schema(
            lambda schema: schema["properties"]["store"].update(maxLength=5)
        )
        self.assertTrue(self.found.schema)

    def test_an_outbound_fact_may_not_lose_what_receivers_rely_on(self):
        fact = self.env.ref("retail_ops_integrations.event_type_exception_resolved")
        self.publish()
        schema = json.loads(fact.schema)
        schema["required"] = schema.get("required", [])[1:]
        with self.assertRaises(ValidationError):
            fact.schema = json.dumps(schema)


@tagged("post_install", "-at_install")
class TestCompat(BaseCase):
    BASE = {
        "type": "object",
        "required": ["a"],
        "properties": {
            "a": {"type": "string", "maxLength": 5},
            "b": {"enum": ["x", "y"]},
            "c": {"type": "array", "items": {"type": "integer"}},
        },
    }

    def changed(self, path, **rules):
        copy = json.loads(json.dumps(self.BASE))
        place = copy
        for part in path.split("/"):
            place = place[part] if part else place
        place.update(rules)
        return copy

    def test_what_only_widens_is_compatible_for_senders(self):
        for new in (
            self.BASE,
            self.changed("", required=[]),
            self.changed("", title="New"),
            self.changed("properties/a", maxLength=9),
            self.changed("properties/b", enum=["x", "y", "z"]),
            self.changed("properties/c", items={"type": "number"}),
            self.changed("properties", d={"type": "string"}),
        ):
            self.assertEqual(compat.breaking_changes(self.BASE, new, "in"), [])

    def test_what_narrows_is_named_with_its_place(self):
        for new, place in (
            (self.changed("", required=["a", "b"]), "/b"),
            (self.changed("properties/a", maxLength=4), "/a"),
            (self.changed("properties/a", minLength=1), "/a"),
            (self.changed("properties/a", type="integer"), "/a"),
            (self.changed("properties/a", pattern="^x"), "/a"),
            (self.changed("properties/b", enum=["x"]), "/b"),
            (self.changed("properties/c", items={"type": "string"}), "/c/*"),
            (self.changed("properties/c", uniqueItems=True), "/c"),
            (self.changed("", additionalProperties=False), "/"),
            (self.changed("", oneOf=[{}]), "/"),
        ):
            broken = compat.breaking_changes(self.BASE, new, "in")
            self.assertTrue(broken and broken[0].startswith(place + ":"), broken)

    def test_receivers_are_looked_at_from_the_other_side(self):
        wider = self.changed("properties/b", enum=["x", "y", "z"])
        self.assertTrue(compat.breaking_changes(self.BASE, wider, "out"))
        self.assertFalse(compat.breaking_changes(wider, self.BASE, "out"))
