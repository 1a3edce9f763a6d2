import base64
import json
import time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..tools import batch_file, standard_webhooks
from ..tools.problem import Problem
from .common import DISCREPANCY, IntegrationCase
from .receiver import Receiver

AT = "2026-05-04T09:30:00Z"
TYPE = "stock.discrepancy.found"


def line(event_id, **changes):
    """Return an event as a line of a file."""
    data = {**DISCREPANCY, **changes}
    return json.dumps({"id": event_id, "type": TYPE, "timestamp": AT, "data": data})


@tagged("post_install", "-at_install")
class TestReconciliation(IntegrationCase):
    def run_of(self, *lines, user=None, **values):
        """Return a reconciliation of a file with these lines, not begun."""
        content = "\n".join(lines).encode()
        return (
            self.env["retail.reconciliation.run"]
            .with_user(user or self.integrator)
            .create(
                {
                    "source_id": self.source.id,
                    "period_from": "2026-05-04 00:00:00",
                    "period_to": "2026-05-05 00:00:00",
                    "content": base64.b64encode(content),
                    "filename": "store-42.jsonl",
                    **values,
                }
            )
        )

    def reconcile(self, run):
        run.action_start()
        self.run_cron("cron_reconcile")
        self.process_inbox()
        return run

    def outcomes(self, run):
        return {one.event_id: one.outcome for one in run.line_ids}

    def figures(self, run):
        return (run.matched, run.missing, run.repaired, run.conflicting, run.refused)

    # === Files === #
    def test_what_a_store_kept_while_offline_is_taken_in_and_has_its_effect(self):
        self.accept("evt-1")
        run = self.run_of(line("evt-1"), line("evt-2", product="P2"))
        self.reconcile(run)
        self.assertEqual(run.state, "done")
        self.assertEqual(self.figures(run), (1, 1, 1, 0, 0))
        self.assertEqual(self.job("evt-2").state, "done")
        self.assertTrue(self.job("evt-2").exception_id)
        self.assertEqual(self.outcomes(run), {"evt-2": "repaired"})
        self.assertEqual(run.completeness, 50)

    def test_the_same_file_again_has_no_second_effect(self):
        self.reconcile(self.run_of(line("evt-1")))
        raised = self.env["retail.exception"].search_count([])
        run = self.reconcile(self.run_of(line("evt-1")))
        self.assertEqual(self.figures(run), (1, 0, 0, 0, 0))
        self.assertEqual(self.env["retail.exception"].search_count([]), raised)

    def test_a_webhook_that_comes_after_its_line_is_the_same_event(self):
        self.reconcile(self.run_of(line("evt-1")))
        raised = self.env["retail.exception"].search_count([])
        receipt = self.accept("evt-1")
        self.assertEqual((receipt["status"], receipt["state"]), ("duplicate", "done"))
        self.process_inbox()
        self.assertEqual(self.env["retail.exception"].search_count([]), raised)

    def test_a_late_cloudevent_is_known_by_what_it_says(self):
        self.reconcile(self.run_of(line("evt-1")))
        body = {"specversion": "1.0", "id": "evt-1", "source": "/till", "type": TYPE}
        body |= {"time": AT, "data": DISCREPANCY}
        receipt = self.env["retail.event"]._accept(
            self.source._door(),
            json.dumps(body).encode(),
            "application/cloudevents+json",
            None,
        )
        self.assertTrue(receipt["duplicate"])

    def test_a_webhook_that_says_something_else_than_its_line_is_refused(self):
        self.reconcile(self.run_of(line("evt-1")))
        with self.assertRaises(Problem) as caught:
            self.accept("evt-1", counted=3)
        self.assertEqual(caught.exception.slug, "event-id-reused")

    def test_what_cannot_be_compared_any_more_is_no_duplicate(self):
        self.reconcile(self.run_of(line("evt-1")))
        self.job("evt-1").payload_id.sudo().raw_body = False  # its time is over
        with self.assertRaises(Problem):
            self.accept("evt-1", counted=3)

    def test_another_spelling_of_what_no_list_brought_is_refused(self):
        self.accept("evt-1")
        spelt = json.dumps(json.loads(self.body()), indent=1).encode()
        with self.assertRaises(Problem):
            self.env["retail.event"]._accept(
                self.source._door(), spelt, "application/json", "evt-1"
            )

    def test_what_a_file_brought_before_it_failed_stays_known_as_taken_in(self):
        run = self.reconcile(self.run_of(line("evt-1")))
        run.sudo().state = "failed"
        self.reconcile(run)
        self.assertEqual(self.figures(run), (1, 0, 0, 0, 0))
        self.assertEqual((run.repaired_before, run.completeness), (1, 0))
        self.assertEqual(self.outcomes(run), {"evt-1": "repaired"})
        self.assertTrue(self.accept("evt-1")["duplicate"])

    def test_a_conflict_is_listed_and_changes_nothing(self):
        self.accept("evt-1")
        run = self.reconcile(self.run_of(line("evt-1", counted=3)))
        self.assertEqual(self.figures(run), (0, 0, 0, 1, 0))
        self.assertEqual(run.line_ids.detail, "counted")
        self.assertEqual(run.line_ids.event_job_id, self.job("evt-1"))
        self.assertEqual(self.job("evt-1").exception_id.counted_quantity, 7)

    def test_two_bodies_under_one_id_in_a_file_are_a_conflict(self):
        run = self.reconcile(self.run_of(line("evt-1"), line("evt-1", counted=3)))
        self.assertEqual(self.figures(run), (0, 1, 1, 1, 0))

    def test_lines_that_are_no_event_are_refused_and_say_why(self):
        run = self.reconcile(
            self.run_of(
                "{not json",
                "[1]",
                line("e 1"),
                line("evt-9", counted="many"),
                json.dumps({"id": "evt-8", "type": TYPE, "data": DISCREPANCY}),
                json.dumps({"id": "x", "type": "ping", "timestamp": AT, "data": 1}),
                line("evt-2"),
            )
        )
        self.assertEqual(self.figures(run), (0, 1, 1, 0, 6))
        self.assertTrue(
            all(one.detail for one in run.line_ids if one.outcome == "refused")
        )

    def test_events_of_a_key_are_processed_in_the_files_order(self):
        run = self.run_of(*(line(f"evt-{n}", store="9942") for n in range(3)))
        self.reconcile(run)
        jobs = [self.job(f"evt-{n}") for n in range(3)]
        self.assertEqual(jobs, sorted(jobs, key=lambda job: job.id))

    def test_a_csv_is_read_with_its_numbers(self):
        header = "id,type,timestamp,store,product,expected,counted,unit_cost"
        row = f"evt-1,{TYPE},{AT},T042,T-OIL,12,7,14.5"
        run = self.reconcile(self.run_of(header, row, file_format="csv"))
        self.assertEqual(self.figures(run), (0, 1, 1, 0, 0))
        self.assertEqual(self.job("evt-1").exception_id.variance_quantity, -5)

    def test_a_csv_row_with_too_few_columns_is_refused(self):
        header = "id,type,timestamp,store"
        run = self.reconcile(self.run_of(header, "evt-1,x", file_format="csv"))
        self.assertEqual(run.refused, 1)

    def test_counts_and_totals_are_checked_against_what_is_declared(self):
        lines = [line("evt-1", unit_cost=10), line("evt-2", product="P", unit_cost=5)]
        declared = {"total_pointer": "/unit_cost", "declared_total": 15}
        good = self.reconcile(self.run_of(*lines, declared_count=2, **declared))
        self.assertTrue(good.is_balanced)
        self.assertEqual(good.counted_total, 15)
        short = self.reconcile(self.run_of(*lines, declared_count=3, **declared))
        self.assertFalse(short.is_balanced)

    def test_a_long_file_is_taken_in_steps(self):
        lines = [line(f"evt-{n}", product=f"P{n}") for n in range(501)]
        run = self.run_of(*lines)
        run.action_start()
        items = run.sudo()._items()
        self.assertTrue(run.sudo()._step(items))
        self.assertEqual((run.position, run.state), (500, "running"))
        self.assertFalse(run.sudo()._step(items))
        self.assertEqual((run.missing, run.state), (501, "done"))

    def test_a_file_of_one_store_moves_no_watermark(self):
        self.reconcile(self.run_of(line("evt-1"), period_to="9999-12-31 00:00:00"))
        self.assertFalse(self.source.reconciled_until)

    def test_files_that_nobody_can_read_are_refused_at_once(self):
        for content, file_format in ((b"\xff\xfe", "jsonl"), (b"a,b\n1,2", "csv")):
            run = self.run_of(file_format=file_format)
            run.content = base64.b64encode(content)
            with self.subTest(file_format), self.assertRaises(UserError):
                run.action_start()
        with self.assertRaises(UserError):
            self.run_of(content=False).action_start()

    def test_a_file_of_more_lines_than_one_can_take_is_refused_at_once(self):
        run = self.run_of("\n".join(["{}"] * (batch_file.MAX_LINES + 2)))
        with self.assertRaisesRegex(UserError, "more than"):
            run.action_start()

    def test_a_csv_that_its_reader_gives_up_on_is_refused_at_once(self):
        header = "id,type,timestamp,store"
        for row in ('evt-1,"never closed', 'evt-1,"closed"twice'):
            with self.subTest(row[:8]), self.assertRaises(UserError):
                self.run_of(header, row, file_format="csv").action_start()

    def test_whatever_a_line_holds_it_alone_is_refused(self):
        strange = [{}, [1], {"a": 1}, 7, True, None, "e\x01", "\u00e9", "x" * 300]
        lines = [
            json.dumps({"id": each, "type": TYPE, "timestamp": AT, "data": data})
            for each in strange
            for data in ({}, [], "text", None)
        ]
        lines += ['{"id": "a\\u0000b"}', '{"id": [1]}', '{"data": 1}', "7", '"x"']
        lines += ['{"id": "x", "version": 1e99, "data": {"unit_cost": 1}}']
        run = self.reconcile(
            self.run_of(*lines, line("evt-1"), total_pointer="/unit_cost")
        )
        self.assertEqual((run.state, run.repaired), ("done", 1))
        self.assertEqual(run.counted, len(lines) + 1)

    def test_an_amount_that_no_number_holds_is_not_added_up(self):
        data = {**DISCREPANCY, "store": "T042"}
        lines = [
            json.dumps(
                {"id": f"e-{place}", "type": TYPE, "timestamp": AT}
                | {"data": {**data, "amount": amount}}
            )
            for place, amount in enumerate(("nan", "inf", 10**400, [1], {}, True, 2))
        ]
        run = self.reconcile(self.run_of(*lines, total_pointer="/amount"))
        self.assertEqual((run.state, run.counted_total), ("done", 2))

    def test_numbers_of_a_csv_are_those_of_json(self):
        header = "id,type,timestamp,version,store,product,expected,counted,unit_cost"
        rows = [
            f"evt-{place},{TYPE},{AT},{version},T042,T-OIL,12,7,{cost}"
            for place, (version, cost) in enumerate(
                (
                    (1, "NaN"),
                    (1, "1e999"),
                    (1, "1_0"),
                    (1, "\u0663"),
                    ("9" * 5000, "1"),
                    ("\u0661", "1"),
                    (1, "a\0b"),
                    (1, "x" * 300_000),
                )
            )
        ]
        rows.append(f"evt-9\0,{TYPE},{AT},1,T042,T-OIL,12,7,1")
        run = self.reconcile(self.run_of(header, *rows, file_format="csv"))
        self.assertEqual((run.state, run.refused), ("done", len(rows)))

    def test_a_period_that_ends_before_it_begins_is_refused(self):
        with self.assertRaises(ValidationError):
            self.run_of(period_to="2026-05-03 00:00:00")

    def test_types_that_the_source_may_not_send_are_refused(self):
        self.source.event_type_ids -= self.found
        run = self.reconcile(self.run_of(line("evt-1")))
        self.assertEqual(run.refused, 1)
        self.assertFalse(self.job("evt-1"))

    # === The source's own list === #
    def list_at(self, *lines):
        """Give the source a list of its own at a receiver."""
        receiver = Receiver(self, (200, {}, "\n".join(lines).encode()))
        self.env["retail.egress.rule"].create(
            {"destination": "127.0.0.1", "plain_http": True, "reason": "Test"}
        )
        self.source.list_url = receiver.url
        return receiver

    def compare(self):
        self.source.action_compare_now()
        self.run_cron("cron_reconcile")
        self.process_inbox()
        return self.source.run_ids[:1]

    def test_a_dropped_webhook_is_found_and_repaired(self):
        self.accept("evt-1")
        self.list_at(line("evt-1"), line("evt-dropped", product="P2"))
        run = self.compare()
        self.assertEqual((run.origin, run.state), ("list", "done"))
        self.assertEqual(self.outcomes(run), {"evt-dropped": "repaired"})
        self.assertEqual(self.job("evt-dropped").state, "done")
        self.assertEqual(self.source.completeness, 50)

    def test_what_a_comparison_took_in_never_counts_as_arrived_by_itself(self):
        self.accept("evt-1")
        self.list_at(line("evt-1"), line("evt-dropped", product="P2"))
        self.compare()
        run = self.compare()  # its period overlaps with the first one's
        self.assertEqual(self.figures(run), (2, 0, 0, 0, 0))
        self.assertEqual((run.repaired_before, run.completeness), (1, 50))
        self.assertEqual(self.source.completeness, 50)

    def test_the_question_is_signed_and_names_the_period(self):
        receiver = self.list_at()
        self.compare()
        [(headers, _body)] = receiver.requests
        self.assertTrue(
            standard_webhooks.verify(
                [standard_webhooks.decode_secret(self.secret)],
                headers,
                b"",
                int(time.time()),
            )
        )

    def test_the_next_question_begins_at_the_watermark(self):
        self.list_at(line("evt-1"))
        first = self.compare()
        second = self.compare()
        self.assertLess(second.period_from, first.period_to)
        self.assertGreaterEqual(second.period_to, first.period_to)

    def test_what_the_list_only_names_is_missing_and_raises_an_exception(self):
        self.list_at(json.dumps({"id": "evt-7"}))
        run = self.compare()
        self.assertEqual(self.outcomes(run), {"evt-7": "missing"})
        self.run_cron("cron_watch")
        self.assertTrue(
            self.source.alert_ids.filtered(lambda alert: alert.kind == "gap")
        )

    def gaps(self):
        self.run_cron("cron_watch")
        return self.source.alert_ids.filtered(
            lambda alert: alert.kind == "gap" and not alert.cleared_at
        )

    def test_the_watermark_moves_only_when_nothing_is_left_open(self):
        for left_open in ("{", json.dumps({"id": "evt-7"})):
            self.list_at(left_open)
            self.compare()
            self.assertFalse(self.source.reconciled_until)
        self.list_at(line("evt-1"))
        run = self.compare()
        self.assertEqual(self.source.reconciled_until, run.period_to)

    def test_a_gap_stays_until_the_event_is_here_whatever_files_say(self):
        self.list_at(json.dumps({"id": "evt-7"}))
        self.compare()
        self.reconcile(self.run_of(line("evt-1")))
        self.assertTrue(self.gaps())
        self.accept("evt-7")
        self.compare()
        self.assertFalse(self.gaps())

    def test_a_file_that_left_something_open_is_settled_by_the_file_put_right(self):
        self.reconcile(self.run_of("{"))
        self.reconcile(self.run_of(line("evt-1"), filename="store-43.jsonl"))
        self.assertTrue(self.gaps())
        self.reconcile(self.run_of(line("evt-1")))
        self.assertFalse(self.gaps())

    def test_a_watermark_ahead_of_the_clock_does_not_stop_the_questions(self):
        self.list_at(line("evt-1"))
        self.source.reconciled_until = "9999-12-31 00:00:00"
        run = self.compare()
        self.assertEqual(run.state, "done")
        self.assertEqual(self.source.reconciled_until, run.period_to)

    def test_a_list_that_cannot_be_had_is_said(self):
        for answer in (500, (302, {"Location": "http://169.254.169.254/"}, b"")):
            receiver = self.list_at()
            receiver.answers = [answer]
            run = self.compare()
            with self.subTest(answer):
                self.assertEqual(run.state, "failed")
                self.assertIn("answered", run.error)

    def test_a_list_that_nobody_can_read_is_said_and_the_next_one_is_asked(self):
        receiver = self.list_at()
        receiver.answers = [(200, {}, b"\xff\xfe")]
        other = self.copy_source("test-other", name="Other")
        self.env["retail.source.key"]._issue({"source_id": other.id})
        other.action_activate()
        other.list_url = f"{receiver.url}?of=other"
        run = self.compare()
        self.assertEqual(run.state, "failed")
        self.assertIn("UTF-8", run.error)
        self.assertTrue(other.run_ids)

    def test_a_list_is_asked_as_it_is_never_compressed(self):
        receiver = self.list_at(line("evt-1"))
        self.compare()
        [(headers, _body)] = receiver.requests
        self.assertEqual(headers["Accept-Encoding"], "identity")

    def test_lists_that_take_long_leave_the_rest_to_the_next_run(self):
        self.list_at(line("evt-1"))
        self.source.action_compare_now()
        self.assertEqual(
            self.wakes_when_out_of_time("cron_reconcile"), {"cron_reconcile"}
        )

    def test_an_address_that_is_not_public_is_refused(self):
        self.env["retail.egress.rule"].search([]).active = False
        for url in ("http://example.com/", "https://10.0.0.1/", "https://[::1]/"):
            with self.subTest(url), self.assertRaises(ValidationError):
                self.source.list_url = url

    # === Access === #
    def test_only_an_integrator_takes_files_in(self):
        for user in (self.account, self.auditor, self.outsider, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.run_of(line("evt-1"), user=user)

    def test_figures_cannot_be_forged(self):
        run = self.run_of(line("evt-1"))
        for values in ({"state": "done"}, {"matched": 9}, {"position": 1}):
            with self.subTest(values), self.assertRaises(AccessError):
                run.write(values)
