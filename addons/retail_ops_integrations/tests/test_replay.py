from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools.outcome import Done
from ..wizards import retail_reason
from .common import IntegrationCase
from .receiver import Receiver


@tagged("post_install", "-at_install")
class TestReplay(IntegrationCase):
    def replay(self, **values):
        """Return a replay that an integrator asked for, not begun."""
        return (
            self.env["retail.replay"]
            .with_user(self.integrator)
            .create(
                {
                    "since": fields.Datetime.now() - timedelta(hours=1),
                    "reason": "The store was missing",
                    "source_id": self.source.id,
                    **values,
                }
            )
        )

    def fail_events(self, count):
        for number in range(count):
            self.accept(f"evt-{number}", store="9942", product=f"P{number}")
        self.process_inbox()

    def open_the_store(self):
        self._create_store("9942", self.region, self.manager)

    def run_replay(self):
        self.run_cron("cron_replay")
        self.process_inbox()

    def minute_passes(self, replay):
        replay.sudo().last_step_at -= timedelta(minutes=1)

    # === Everything failed since === #
    def test_everything_that_failed_since_is_processed_again(self):
        self.fail_events(5)
        self.open_the_store()
        replay = self.replay()
        self.assertEqual(replay.matching_count, 5)
        replay.action_start()
        self.run_replay()
        self.assertEqual(self.states(*(f"evt-{n}" for n in range(5))), ["done"] * 5)
        self.assertEqual((replay.replayed, replay.progress), (5, 100))

    def test_what_failed_of_a_key_is_processed_again_in_the_order_it_came(self):
        names = [f"evt-{number}" for number in range(4)]
        for name in names:
            self.accept(name, store="9942")
        self.process_inbox()
        self.assertEqual(self.states(*names), ["parked"] * 4)
        handlers = type(self.env["retail.event.handler"])
        taken = []

        def note(_handler, events):
            taken.extend(events.mapped("event_id"))
            return [Done() for _event in events]

        self.patch(handlers, "_handle_stock_discrepancy_found", note)
        self.replay().action_start()
        self.run_replay()
        self.assertEqual(self.states(*names), ["done"] * 4)
        self.assertEqual(taken, names)

    def test_it_ends_by_itself_and_stands_in_the_ledger(self):
        self.fail_events(2)
        replay = self.replay()
        replay.action_start()
        self.run_replay()
        self.assertEqual(replay.state, "done")
        entries = self.env["retail.audit.entry"].search(
            [("model", "=", "retail.replay"), ("res_id", "=", replay.id)]
        )
        self.assertEqual(
            set(entries.mapped("action")), {"replay.running", "replay.done"}
        )
        self.assertEqual(entries[:1].facts["reason"], "The store was missing")

    def test_what_fails_again_is_not_replayed_for_ever(self):
        self.fail_events(3)
        replay = self.replay()
        replay.action_start()
        for _run in range(3):
            self.run_replay()
        self.assertEqual((replay.replayed, replay.state), (3, "done"))

    def test_its_rate_is_kept(self):
        self.fail_events(5)
        replay = self.replay(rate_per_minute=2)
        replay.action_start()
        self.run_replay()
        self.assertEqual((replay.replayed, replay.progress), (2, 40))
        self.run_replay()
        self.assertEqual(replay.replayed, 2)
        self.minute_passes(replay)
        self.run_replay()
        self.assertEqual((replay.replayed, replay.state), (4, "running"))

    def test_a_pause_holds_and_it_goes_on_where_it_was(self):
        self.fail_events(3)
        replay = self.replay(rate_per_minute=1)
        replay.action_start()
        self.run_replay()
        replay.action_pause()
        self.minute_passes(replay)
        self.run_replay()
        self.assertEqual(replay.replayed, 1)
        replay.action_start()
        self.run_replay()
        self.assertEqual(replay.replayed, 2)

    def test_a_cancelled_one_ends(self):
        self.fail_events(3)
        replay = self.replay(rate_per_minute=1)
        replay.action_start()
        replay.action_cancel()
        self.run_replay()
        self.assertEqual((replay.replayed, replay.state), (0, "cancelled"))

    def test_other_sources_and_earlier_events_are_left_alone(self):
        self.fail_events(2)
        first = self.job("evt-0").payload_id
        self.env.cr.execute(
            "UPDATE retail_event SET received_at = received_at - interval '2 hours' "
            "WHERE id = %s",
            (first.id,),
        )
        self.env.invalidate_all()
        self.assertEqual(self.replay().matching_count, 1)
        self.assertEqual(self.replay(event_type="other.type").matching_count, 0)

    def test_nothing_to_replay_is_said(self):
        with self.assertRaises(UserError):
            self.replay(event_type="other.type").action_start()

    # === No second effect === #
    def test_a_window_replayed_in_full_has_no_second_effect(self):
        for number in range(5):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.process_inbox()
        raised = self.env["retail.exception"].search_count([])
        for _time in range(2):
            replay = self.replay(scope="ended")
            replay.action_start()
            self.run_replay()
            self.assertEqual(replay.replayed, 5)
        self.assertEqual(self.env["retail.exception"].search_count([]), raised)
        self.assertEqual(self.states(*(f"evt-{n}" for n in range(5))), ["done"] * 5)

    def test_a_source_keeps_the_code_that_its_cases_are_known_by(self):
        self.source.code = "not-sent-yet"
        self.accept("evt-1")
        with self.assertRaises(UserError):
            self.source.code = "renamed"
        self.source.write({"code": "not-sent-yet", "name": "Renamed"})
        self.assertEqual(self.source.name, "Renamed")

    def test_deliveries_go_out_again_under_the_same_ids(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        for _fact in range(3):
            self.publish()
        self.deliver()
        replay = self.replay(
            kind="deliveries", scope="ended", endpoint_id=endpoint.id, source_id=False
        )
        replay.action_start()
        self.run_cron("cron_replay")
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        ids = [headers["webhook-id"] for headers, _body in receiver.requests]
        self.assertEqual(sorted(ids[:3]), sorted(ids[3:]))

    # === A selection === #
    def test_a_large_selection_is_taken_in_steps(self):
        self.accept("evt-1")
        self.process_inbox()
        job = self.job("evt-1").with_user(self.integrator)
        replay = (
            self.env["retail.replay"]
            .with_user(self.integrator)
            ._of_selection(job, "Asked by the shop")
        )
        self.assertEqual((replay.state, replay.total), ("running", 1))
        self.run_replay()
        self.assertEqual(replay.replayed, 1)
        self.assertEqual(self.job("evt-1").state, "done")

    def take_from_two_companies(self):
        """Return two failed events, the second of another company."""
        self.fail_events(2)
        other = self.env["res.company"].create({"name": "Other"})
        self.integrator.company_ids += other
        second = self.job("evt-1")
        self.env.cr.execute(
            "UPDATE retail_event SET company_id = %s WHERE id = %s",
            (other.id, second.payload_id.id),
        )
        return (self.job("evt-0") + second), other

    def test_a_selection_over_two_companies_is_replayed_in_both(self):
        selected, other = self.take_from_two_companies()
        replays = self.env["retail.replay"]._of_selection(selected, "Both stores open")
        self.assertEqual(replays.company_id, self.company + other)
        self.assertEqual(replays.mapped("state"), ["running", "running"])
        self.run_cron("cron_replay")
        self.assertEqual(replays.mapped("replayed"), [1, 1])

    def test_of_two_companies_the_one_where_nothing_ended_is_left_out(self):
        selected, _other = self.take_from_two_companies()
        selected[1]._replay("already asked for")
        replays = self.env["retail.replay"]._of_selection(selected, "Once more")
        self.assertEqual((len(replays), replays.record_ids), (1, selected[0].ids))

    def test_the_reason_window_shows_the_replay_of_each_company(self):
        selected, _other = self.take_from_two_companies()
        self.patch(retail_reason, "LARGE", 1)
        companies = self.integrator.company_ids.ids
        asked = (
            self.env["retail.reason"]
            .with_user(self.integrator)
            .with_context(allowed_company_ids=companies)
            .create(
                {"step": "event_replay", "record_ids": selected.ids, "reason": "Open"}
            )
        )
        shown = asked.action_confirm()
        self.assertEqual(shown["view_mode"], "list,form")
        self.assertEqual(
            self.env["retail.replay"].search_count(shown["domain"]), 2, shown
        )

    # === Access === #
    def test_only_an_integrator_begins_one(self):
        for user in (self.account, self.auditor, self.outsider, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["retail.replay"].with_user(user).create(
                    {"since": fields.Datetime.now(), "reason": "x"}
                )

    def test_its_progress_cannot_be_forged(self):
        replay = self.replay()
        for values in ({"state": "running"}, {"cursor_id": 9}, {"record_ids": [1]}):
            with self.subTest(values), self.assertRaises(AccessError):
                replay.write(values)

    def test_a_rate_out_of_bounds_is_refused(self):
        for rate in (0, -5, 10**6):
            with self.subTest(rate), self.assertRaises(ValidationError):
                self.replay(rate_per_minute=rate)
