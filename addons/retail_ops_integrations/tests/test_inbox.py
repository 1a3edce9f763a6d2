from contextlib import suppress

from psycopg2.errors import SerializationFailure, UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models import retail_event_queue
from ..models.retail_event_job import LANES
from ..models.retail_event_queue import COLLISION_TRIES
from ..tools import backoff
from ..tools.outcome import Done
from .common import IntegrationCase
from .receiver import Receiver

REFUSAL = "The month is closed."
QUEUE = "odoo.addons.retail_ops_integrations.models.retail_event_queue"


@tagged("post_install", "-at_install")
class TestInbox(IntegrationCase):
    def handle_with(self, function):
        """Install a handler, and have discrepancies handled by it."""
        handlers = type(self.env["retail.event.handler"])
        handlers._handle_test = function
        self.found.handler = "test"
        self.addCleanup(delattr, handlers, "_handle_test")

    # === Effects === #
    def test_an_event_becomes_an_exception_with_its_facts(self):
        self.accept("evt-1")
        self.process_inbox()
        job = self.job("evt-1")
        exception = job.exception_id
        self.assertEqual(job.state, "done")
        self.assertEqual(exception.store_id, self.store)
        self.assertEqual(exception.type_id, self.discrepancy)
        self.assertEqual(exception.product_id, self.product)
        self.assertEqual(exception.variance_quantity, -5)
        self.assertEqual(exception.impact_amount, 72.5)
        self.assertEqual(exception.origin, "event")
        self.assertEqual(exception.correlation_id, job.correlation_id)
        self.assertEqual(exception.reason, "Shelf count")
        self.assertEqual(str(exception.occurred_at), "2026-05-04 09:30:00")

    def test_it_is_done_in_the_integration_users_name(self):
        self.accept("evt-1")
        self.process_inbox()
        self.assertEqual(self.job("evt-1").exception_id.create_uid, self.account)

    def test_a_correlation_id_of_the_sender_is_carried(self):
        self.accept("evt-1", correlation_id="case-4711")
        self.process_inbox()
        self.assertEqual(self.job("evt-1").exception_id.correlation_id, "case-4711")

    def test_a_discrepancy_within_tolerance_is_done_without_exception(self):
        self.accept("evt-1", counted=12)
        self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual((job.state, job.exception_id.id), ("done", False))
        self.assertTrue(job.reason)

    def test_any_exception_type_can_be_reported(self):
        self.accept(
            "evt-1",
            "store.exception.reported",
            exception_type="equipment_failure",
            summary="Freezer at -4",
            amount=640,
        )
        self.process_inbox()
        exception = self.job("evt-1").exception_id
        self.assertEqual(exception.type_id.code, "equipment_failure")
        self.assertEqual(exception.summary, "Freezer at -4")
        self.assertEqual(exception.amount, 640)

    def test_an_unknown_product_is_still_an_exception(self):
        self.accept("evt-1", product="NO-SUCH")
        self.process_inbox()
        exception = self.job("evt-1").exception_id
        self.assertEqual(exception.product_code, "NO-SUCH")
        self.assertFalse(exception.product_id)

    # === Parked === #
    def test_an_unknown_store_is_parked_and_its_owner_told_once(self):
        for number in range(3):
            self.accept(f"evt-{number}", store="9942", product=f"P{number}")
        self.process_inbox()
        self.assertEqual(self.states("evt-0", "evt-1", "evt-2"), ["parked"] * 3)
        self.assertIn("9942", self.job("evt-0").reason)
        activity = self.source.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.integrator)

    def test_a_store_of_another_company_is_unknown(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.far_store.region_id.company_id = False
        self.env["retail.store"].create(
            {
                "name": "Elsewhere",
                "code": "X1",
                "company_id": other.id,
                "region_id": self.far_region.id,
            }
        )
        self.accept("evt-1", store="X1")
        self.process_inbox()
        self.assertEqual(self.job("evt-1").state, "parked")

    def test_unknown_currency_and_exception_type_are_parked(self):
        self.accept("evt-1", currency="XQX")
        self.accept(
            "evt-2", "store.exception.reported", exception_type="none", summary="?"
        )
        self.process_inbox()
        self.assertEqual(self.states("evt-1", "evt-2"), ["parked", "parked"])

    def test_one_parked_event_does_not_hold_up_others_of_its_batch(self):
        self.accept("evt-1", store="9942")
        self.accept("evt-2")
        self.process_inbox()
        self.assertEqual(self.states("evt-1", "evt-2"), ["parked", "done"])

    def test_a_parked_event_goes_on_once_its_store_exists(self):
        self.accept("evt-1", store="T777")
        self.process_inbox()
        self._create_store("T777", self.region, self.manager)
        self.job("evt-1").with_user(self.integrator)._replay("store created")
        self.process_inbox()
        self.assertEqual(self.job("evt-1").exception_id.store_id.code, "T777")

    def test_an_unknown_type_goes_on_once_it_is_in_the_catalogue(self):
        self.accept("evt-1", "drawer.opened", store="T042")
        job = self.job("evt-1")
        self.assertEqual((job.state, job.event_type_id.id), ("parked", False))
        job._replay("too early")
        self.assertEqual(self.job("evt-1").state, "parked")
        self.found.copy(
            {"name": "drawer.opened", "schema": '{"type": "object"}', "sample": "{}"}
        )
        job._replay("type added")
        self.process_inbox()
        self.assertEqual(self.job("evt-1").state, "done")

    # === Failures === #
    def test_a_broken_rule_is_dead_at_once_with_its_reason(self):
        def refuse(_self, _events):
            raise UserError(REFUSAL)

        self.accept("evt-1")
        self.handle_with(refuse)
        self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual((job.state, job.error_class), ("dead", "business"))
        self.assertEqual(job.reason, REFUSAL)
        self.assertEqual(job.attempts, 1)
        self.assertTrue(self.source.activity_ids)

    def test_a_broken_rule_is_never_tried_again_however_much_time_passes(self):
        asked = []

        def refuse(_self, events):
            asked.extend(events.mapped("event_id"))
            raise UserError(REFUSAL)

        self.accept("evt-1")
        self.handle_with(refuse)
        self.process_inbox()
        tries = len(asked)
        for _month in range(3):
            self.make_due(self.job("evt-1"))
            self.process_inbox()
            self.run_cron("cron_watch")
        job = self.job("evt-1")
        self.assertEqual((job.state, job.attempts), ("dead", 1))
        self.assertEqual(len(asked), tries)

    def test_one_poisoned_event_does_not_hold_up_others_of_its_batch(self):
        def refuse_one(_self, events):
            if "evt-2" in events.mapped("event_id"):
                raise UserError(REFUSAL)
            return [Done() for _event in events]

        for number in range(4):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.handle_with(refuse_one)
        self.process_inbox()
        self.assertEqual(
            self.states("evt-0", "evt-1", "evt-2", "evt-3"),
            ["done", "done", "dead", "done"],
        )

    def test_a_failing_handler_leaves_nothing_half_done(self):
        def half(handlers, events):
            handlers._raise_exceptions(
                events,
                [{"type_id": self.discrepancy.id, "summary": "half"} for _e in events],
            )
            raise UserError(REFUSAL)

        self.accept("evt-1")
        self.handle_with(half)
        self.process_inbox()
        found = self.env["retail.exception"].search([("summary", "=", "half")])
        self.assertFalse(found)
        facts = self.env["retail.outbox"].search([("data", "like", "half")])
        self.assertFalse(facts)

    def test_an_unexpected_failure_is_tried_again_and_dead_after_the_last(self):
        def fail(_self, _events):
            raise RuntimeError("bug")

        self.accept("evt-1")
        self.handle_with(fail)
        with mute_logger(QUEUE):
            for attempt in range(1, len(backoff.INBOX_SCHEDULE)):
                self.process_inbox()
                job = self.job("evt-1")
                self.assertEqual((job.state, job.attempts), ("pending", attempt))
                self.assertEqual(job.error_class, "transient")
                self.make_due(job)
            self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual((job.state, job.reason), ("dead", "bug"))

    def test_the_pauses_between_attempts_are_those_of_the_sources_profile(self):
        def fail(_self, _events):
            raise RuntimeError("bug")

        self.handle_with(fail)
        for profile, schedule in backoff.INBOX_PROFILES.items():
            self.source.retry_profile = profile
            self.accept(profile, product=profile)
            job = self.job(profile)
            for pause in schedule[1:]:
                with mute_logger(QUEUE):
                    self.process_inbox()
                with self.subTest(profile, pause=pause):
                    self.assertAlmostEqual(
                        self.wait_of(job), pause, delta=pause * backoff.JITTER + 5
                    )
                self.make_due(job)

    def wait_of(self, job):
        """Return the seconds until the next attempt, by the database's clock."""
        self.env.cr.execute(
            "SELECT EXTRACT(EPOCH FROM next_at AT TIME ZONE 'utc' - now()) "
            "FROM retail_event_job WHERE id = %s",
            (job.id,),
        )
        return float(self.env.cr.fetchone()[0])

    def test_a_waiting_retry_is_not_touched_before_its_time(self):
        def fail(_self, _events):
            raise RuntimeError("bug")

        self.accept("evt-1")
        self.handle_with(fail)
        with mute_logger(QUEUE):
            self.process_inbox()
            self.process_inbox()
        self.assertEqual(self.job("evt-1").attempts, 1)

    def test_two_lanes_that_met_on_one_row_cost_no_attempt(self):
        self.accept("evt-1")
        self.handle_with(self._collide(SerializationFailure, times=1))
        self.process_inbox()
        self.assertEqual(self.job("evt-1").state, "done")
        self.assertEqual(self.job("evt-1").attempts, 1)

    def test_two_lanes_that_began_the_same_storm_cost_no_attempt(self):
        self.accept("evt-1")
        self.handle_with(self._collide(UniqueViolation, times=1))
        self.process_inbox()
        self.assertEqual(self.job("evt-1").state, "done")
        self.assertEqual(self.job("evt-1").attempts, 1)

    def test_a_conflict_that_lasts_is_tried_again_later(self):
        self.accept("evt-1")
        self.handle_with(self._collide(SerializationFailure, times=COLLISION_TRIES))
        self.process_inbox()
        self.assertEqual(self.job("evt-1").error_class, "transient")
        self.make_due(self.job("evt-1"))
        self.process_inbox()
        self.assertEqual(self.job("evt-1").state, "done")

    def _collide(self, collision, times):
        """Return a handler that another transaction stands in the way of."""
        calls = []

        def handle(_self, events):
            calls.append(events)
            if len(calls) <= times:
                raise collision("another transaction was here first")
            return [Done() for _event in events]

        return handle

    def test_an_event_that_kills_its_worker_runs_out_of_attempts(self):
        self.accept("evt-1", product="P1")
        job = self.job("evt-1")
        job.sudo().write(
            {
                "state": "leased",
                "attempts": len(backoff.INBOX_SCHEDULE),
                "lease_token": "gone",
                "lease_until": "2020-01-01 00:00:00",
            }
        )
        self.process_inbox()
        self.assertEqual(self.job("evt-1").state, "dead")
        self.assertIn("worker", self.job("evt-1").reason)

    def test_one_that_kills_its_worker_costs_the_others_of_its_batch_nothing(self):
        other = self.copy_source("test-other", name="Other")
        self.env["retail.event"]._accept(
            other._door(), self.body(product="OTHER"), "application/json", "other-1"
        )
        for number in range(4):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.handle_with(self._kill_over("evt-1"))
        for _worker in range(len(backoff.INBOX_SCHEDULE)):
            self._process_until_killed()
        self.process_inbox()
        self.assertEqual(
            self.states("evt-0", "evt-1", "evt-2", "evt-3"),
            ["done", "dead", "done", "done"],
        )
        self.assertLessEqual(self.job("evt-3").attempts, 2)
        beside = self.env["retail.event.job"].search([("event_id", "=", "other-1")])
        self.assertEqual((beside.state, beside.attempts <= 2), ("done", True))

    def test_one_that_kills_its_worker_does_not_hold_up_what_comes_after(self):
        self.accept("evt-1")
        self.handle_with(self._kill_over("evt-1"))
        self._process_until_killed()
        self.accept("evt-2", product="P2")
        self._process_until_killed()
        self.assertEqual(self.states("evt-1", "evt-2"), ["leased", "done"])
        self.assertEqual(self.job("evt-2").attempts, 1)

    def _kill_over(self, event_id):
        """Return a handler that ends its worker when it comes to an event."""

        def handle(_self, events):
            if event_id in events.mapped("event_id"):
                raise SystemExit
            return [Done() for _event in events]

        return handle

    def _process_until_killed(self):
        with suppress(SystemExit):  # assertRaises() would undo what is through
            self.process_inbox()
            self.fail("the worker lives")
        self.env.cr.execute(
            "UPDATE retail_event_job SET lease_until = lease_until - interval '1 hour'"
            " WHERE state = 'leased'"
        )
        self.env.invalidate_all()

    def test_a_lease_that_ran_out_is_taken_over(self):
        self.accept("evt-1")
        self.job("evt-1").sudo().write(
            {
                "state": "leased",
                "attempts": 1,
                "lease_token": "gone",
                "lease_until": "2020-01-01 00:00:00",
            }
        )
        self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual((job.state, job.attempts), ("done", 2))

    def test_who_lost_the_lease_leaves_no_effect(self):
        def steal(handlers, events):
            handlers.env.cr.execute(
                "UPDATE retail_event_job SET lease_token = 'thief' "
                "WHERE payload_id = ANY(%s)",
                (events.ids,),
            )
            return handlers._raise_exceptions(
                events, [{"type_id": self.discrepancy.id, "summary": "stolen"}]
            )

        self.accept("evt-1")
        self.handle_with(steal)
        with mute_logger(QUEUE):
            self.process_inbox()
        found = self.env["retail.exception"].search([("summary", "=", "stolen")])
        self.assertFalse(found)

    # === Order === #
    def test_events_of_one_key_are_processed_one_after_the_other(self):
        seen = []

        def note(_self, events):
            seen.append(events.mapped("event_id"))
            return [Done() for _event in events]

        for number in range(3):
            self.accept(f"same-{number}")
        self.accept("other", product="P2")
        self.handle_with(note)
        self.process_inbox()
        self.assertEqual(seen, [["same-0", "other"], ["same-1"], ["same-2"]])

    def test_only_the_first_of_a_key_is_ever_ready(self):
        def fail(_self, _events):
            raise RuntimeError("bug")

        for number in range(3):
            self.accept(f"evt-{number}")
        self.handle_with(fail)
        with mute_logger(QUEUE):
            self.process_inbox()
        self.assertEqual(
            self.states("evt-0", "evt-1", "evt-2"), ["pending", "waiting", "waiting"]
        )

    def test_a_dead_event_lets_those_behind_it_go_on_by_default(self):
        def refuse_first(_self, events):
            if "evt-0" in events.mapped("event_id"):
                raise UserError(REFUSAL)
            return [Done() for _event in events]

        self.accept("evt-0")
        self.accept("evt-1")
        self.handle_with(refuse_first)
        self.process_inbox()
        self.assertEqual(self.states("evt-0", "evt-1"), ["dead", "done"])

    def test_a_dead_event_holds_its_key_where_the_type_says_so(self):
        def refuse(_self, events):
            if "evt-0" in events.mapped("event_id"):
                raise UserError(REFUSAL)
            return [Done() for _event in events]

        self.found.exhausted_policy = "hold"
        self.accept("evt-0")
        self.accept("evt-1")
        self.handle_with(refuse)
        self.process_inbox()
        self.assertEqual(self.states("evt-0", "evt-1"), ["dead", "waiting"])
        self.job("evt-0")._skip("paid by hand")
        self.process_inbox()
        self.assertEqual(self.states("evt-0", "evt-1"), ["skipped", "done"])

    def test_one_that_kills_its_worker_holds_its_key_as_well(self):
        self.found.exhausted_policy = "hold"
        self.accept("evt-0")
        self.accept("evt-1")
        self.job("evt-0").sudo().write(
            {
                "state": "leased",
                "attempts": len(backoff.INBOX_SCHEDULE),
                "lease_token": "gone",
                "lease_until": "2020-01-01 00:00:00",
            }
        )
        self.process_inbox()
        self.assertEqual(self.states("evt-0", "evt-1"), ["dead", "waiting"])
        self.assertTrue(self.job("evt-0").finished_at)
        self.job("evt-0")._skip("paid by hand")
        self.process_inbox()
        self.assertEqual(self.states("evt-0", "evt-1"), ["skipped", "done"])

    def test_a_flood_of_one_source_leaves_room_for_another(self):
        quiet = self.copy_source("test-quiet", name="Quiet")
        for number in range(30):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.env["retail.event"]._accept(
            quiet._door(), self.body(product="Q"), "application/json", "quiet-1"
        )
        jobs = self.env["retail.event.job"]
        self.patch(retail_event_queue, "BATCH", 20)
        claimed = jobs._claim([], "token")
        self.assertIn(quiet, claimed.source_id)

    # === By hand === #
    def test_a_replay_of_what_was_done_has_no_second_effect(self):
        self.accept("evt-1")
        self.process_inbox()
        first = self.job("evt-1").exception_id
        self.job("evt-1")._replay("to be sure")
        self.process_inbox()
        job = self.job("evt-1")
        self.assertEqual((job.state, job.exception_id), ("done", first))
        known = self.env["retail.exception"].search_count(
            [("intake_key", "=", first.intake_key)]
        )
        self.assertEqual(known, 1)

    def test_an_integrator_replays_with_a_reason_that_stands_in_the_ledger(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        job = self.job("evt-1").with_user(self.integrator)
        action = job.action_replay()
        asked = (
            self.env["retail.reason"]
            .with_user(self.integrator)
            .with_context(**action["context"])
            .create({"reason": "store opened"})
        )
        asked.action_confirm()
        self.assertEqual(self.job("evt-1").state, "received")
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "event.replayed"), ("res_id", "=", job.id)]
        )
        self.assertEqual(entry.user_id, self.integrator.id)
        self.assertEqual(entry.facts["reason"], "store opened")

    def test_an_integrator_skips_through_the_window_that_asks_why(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        job = self.job("evt-1").with_user(self.integrator)
        asked = (
            self.env["retail.reason"]
            .with_user(self.integrator)
            .with_context(**job.action_skip()["context"])
            .create({"reason": "the till was a test"})
        )
        self.assertEqual(asked.action_confirm()["type"], "ir.actions.act_window_close")
        self.assertEqual(self.job("evt-1").state, "skipped")
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "event.skipped"), ("res_id", "=", job.id)]
        )
        self.assertEqual(entry.user_id, self.integrator.id)
        self.assertEqual(entry.facts["reason"], "the till was a test")

    def test_what_is_under_way_is_neither_replayed_nor_skipped(self):
        self.accept("evt-1")
        job = self.job("evt-1")
        self.assertFalse(job._replay("x"))
        job.sudo().state = "leased"
        self.assertFalse(job._skip("x"))

    def test_the_trace_shows_every_hop_of_a_case(self):
        self.accept("evt-1", correlation_id="case-1")
        self.process_inbox()
        self.env.cr.flush()
        hops = self.env["retail.trace"].search([("correlation_id", "=", "case-1")])
        self.assertEqual(
            set(hops.mapped("kind")), {"event", "processed", "exception", "published"}
        )

    def test_who_searches_a_correlation_id_sees_store_headquarters_and_partner(self):
        self.create_endpoint(Receiver(self).url)
        self.accept("evt-1", correlation_id="case-7")
        self.process_inbox()
        self.deliver()
        trace = self.env["retail.trace"].with_user(self.integrator)
        hops = trace.search([("correlation_id", "ilike", "case-7")])
        self.assertEqual(set(hops.mapped("place")), {"store", "hq", "partner"})
        times = hops.mapped("at")
        self.assertTrue(all(times))
        self.assertEqual(times, sorted(times))

    def test_each_screen_between_the_systems_is_searched_by_correlation_id(self):
        for name in ("retail.trace", "retail.event.job", "retail.delivery"):
            model = self.env[name].with_user(self.integrator)
            search = model.get_view(view_type="search")["arch"]
            with self.subTest(name):
                self.assertIn('<field name="correlation_id"', search)

    # === Cost === #
    def test_a_batch_of_a_hundred_costs_few_queries_an_event(self):
        self.switch_off_rules_of_neighbours()
        for number in range(100):
            self.accept(f"evt-{number}", product=f"P{number}")
        jobs = self.env["retail.event.job"]._claim([], "token")
        self.assertEqual(len(jobs), 100)
        before = self.env.cr.sql_log_count
        jobs._complete(jobs._handle(), "token")
        self.assertLess((self.env.cr.sql_log_count - before) / len(jobs), 2)

    def switch_off_rules_of_neighbours(self):
        """Leave what other addons do about an exception out of the account."""
        rules = self.env["base.automation"].search(
            [("model_name", "=", "retail.exception")]
        )
        for rule, xmlid in rules.get_external_id().items():
            if not xmlid.startswith("retail_ops_core."):
                self.env["base.automation"].browse(rule).active = False

    # === Lanes === #
    def test_both_lanes_are_woken_by_one_event(self):
        self.accept("evt-1")
        wakes = self.env.cr.postcommit.data["retail_ops_integrations.wakes"]
        lanes = [self.env.ref(lane).id for lane in LANES]
        self.assertEqual(wakes, set(lanes))

    def test_what_is_left_when_the_time_is_up_goes_on_at_once(self):
        self.accept("evt-1")
        woken = self.wakes_when_out_of_time("cron_process_inbox")
        self.assertEqual(woken, {"cron_process_inbox", "cron_process_inbox_2"})

    def test_what_one_lane_holds_the_other_leaves_and_takes_the_rest(self):
        self.accept("slow")
        jobs = self.env["retail.event.job"]
        held = jobs._claim([], "lane-1")
        self.accept("quick", product="P2")
        self.run_cron("cron_process_inbox_2")
        self.assertEqual(self.states("slow", "quick"), ["leased", "done"])
        self.assertEqual(held, self.job("slow"))

    # === The store that an event names === #
    def test_events_are_found_by_the_store_and_region_that_they_name(self):
        self.accept("evt-near")
        self.accept("evt-far", store=self.far_store.code)
        jobs = self.env["retail.event.job"]
        mine = [("source_id", "=", self.source.id)]
        for path, operator, value in (
            ("store_id", "in", self.store.ids),
            ("store_id", "=", self.store.id),
            ("store_id", "not in", self.far_store.ids),
            ("store_id.region_id", "child_of", self.country.ids),
            ("store_id.code", "=", self.store.code),
        ):
            with self.subTest(path, operator=operator):
                found = jobs.search([*mine, (path, operator, value)])
                self.assertEqual(found, self.job("evt-near"))
        self.assertEqual(self.job("evt-far").store_id, self.far_store)

    def test_a_store_of_another_company_is_not_the_one_that_is_named(self):
        self.accept("evt-1")
        job = self.job("evt-1")
        self.store.code = "T042-OLD"
        other = self.env["res.company"].create({"name": "Other"})
        self.far_region.company_id = False
        namesake = self.env["retail.store"].create(
            {
                "name": "Elsewhere",
                "code": "T042",
                "company_id": other.id,
                "region_id": self.far_region.id,
            }
        )
        job.invalidate_recordset()
        self.assertFalse(job.store_id)
        self.assertNotIn(job, job.search([("store_id", "in", namesake.ids)]))
