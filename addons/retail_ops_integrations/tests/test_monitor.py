from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import IntegrationCase
from .receiver import Receiver

IDLE_STATEMENTS = 25


@tagged("post_install", "-at_install")
class TestMonitor(IntegrationCase):
    def monitor(self, user=None):
        user = user or self.integrator
        return self.env["retail.integration.monitor"].with_user(user).create({})

    def flow(self, record):
        link = "source_id" if record._name == "retail.source" else "endpoint_id"
        self.env.invalidate_all()
        return self.env["retail.integration.flow"].search([(link, "=", record.id)])

    def test_a_page_that_stays_open_is_looked_at_anew(self):
        for user in (self.integrator, self.auditor):
            page = self.monitor(user)
            page.looked_at -= timedelta(hours=1)
            page.action_refresh()
            since = fields.Datetime.now() - page.looked_at
            self.assertLess(since, timedelta(minutes=1))

    # === Sources === #
    def test_a_source_shows_throughput_success_and_time_taken(self):
        self.accept("evt-1")
        self.accept("evt-2", product="P2")
        self.process_inbox()
        flow = self.flow(self.source)
        self.assertEqual((flow.handled, flow.succeeded, flow.backlog), (2, 2, 0))
        self.assertEqual(flow.success_rate, 100)
        self.assertGreaterEqual(flow.p95, flow.p50)

    def test_rule_failures_are_told_from_transient_ones(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        flow = self.flow(self.source)
        self.assertEqual((flow.business_failures, flow.transient_failures), (1, 0))
        self.assertEqual((flow.dead_letters, flow.success_rate), (1, 0))

    def test_what_only_waits_or_was_superseded_is_no_failure(self):
        self.accept("evt-1")
        self.accept("evt-2", product="P2")
        self.process_inbox()
        self.job("evt-2").sudo().state = "superseded"
        self.accept("evt-3", product="P3")
        flow = self.flow(self.source)
        self.assertEqual((flow.handled, flow.succeeded, flow.backlog), (3, 1, 1))
        self.assertEqual(flow.success_rate, 100)

    def test_what_waits_is_backlog_with_an_age(self):
        self.accept("evt-1")
        event = self.job("evt-1").payload_id
        self.env.cr.execute(
            "UPDATE retail_event SET received_at = received_at - interval '2 hours' "
            "WHERE id = %s",
            (event.id,),
        )
        flow = self.flow(self.source)
        self.assertEqual((flow.backlog, flow.oldest_age), (1, "2 h"))
        self.assertTrue(flow.is_late)

    # === Endpoints === #
    def test_an_endpoint_shows_attempts_retries_and_what_is_paused(self):
        endpoint, _secret = self.create_endpoint(Receiver(self, 500, 204).url)
        self.publish()
        self.deliver()
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        endpoint.action_disable()
        self.publish()
        flow = self.flow(endpoint)
        self.assertEqual((flow.handled, flow.succeeded, flow.retries), (2, 1, 1))
        self.assertEqual((flow.success_rate, flow.backlog), (50, 1))
        self.assertTrue(flow.oldest_at)

    # === Event types === #
    def test_each_event_type_shows_its_lag_against_its_class(self):
        self.accept("evt-1")
        self.process_inbox()
        row = self.env["retail.integration.workflow"].search(
            [("type", "=", "stock.discrepancy.found"), ("handled", ">", 0)], limit=1
        )
        self.assertEqual((row.latency_class, row.limit_seconds), ("real_time", 60))
        self.assertTrue(row.is_late)  # it happened in May

    def test_each_event_type_shows_p50_p95_and_failure_rate(self):
        for number in range(3):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.accept("evt-3", store="9942")
        self.process_inbox()
        for number, seconds in enumerate((1, 2, 9)):
            self._took(self.job(f"evt-{number}"), seconds)
        row = self.env["retail.integration.workflow"].search(
            [("type", "=", "stock.discrepancy.found"), ("handled", ">", 0)], limit=1
        )
        self.assertEqual((row.handled, row.business_failures), (4, 1))
        self.assertEqual((row.p50, row.failure_rate), (2, 25))
        self.assertAlmostEqual(row.p95, 8.3, 1)

    def _took(self, job, seconds):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_event_job AS job SET finished_at = event.received_at"
            " + %s * interval '1 second' FROM retail_event AS event"
            " WHERE event.id = job.payload_id AND job.id = %s",
            (seconds, job.id),
        )
        self.env.invalidate_all()

    # === The page === #
    def test_the_page_answers_what_runs_and_what_stands_still(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        page = self.monitor()
        self.assertTrue(page.flow_ids)
        self.assertGreaterEqual(page.dead_letters, 1)
        self.assertGreaterEqual(page.business_failures, 1)
        names = page.job_ids.mapped("name")
        self.assertIn("Integrations: process inbox", names)

    def test_an_auditor_may_look_and_others_may_not(self):
        self.assertTrue(self.monitor(self.auditor).looked_at)
        for user in (self.account, self.outsider, self.manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.monitor(user)

    def test_figures_of_another_company_are_not_shown(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.integrator.write(
            {"company_ids": [(6, 0, other.ids)], "company_id": other.id}
        )
        page = self.monitor()
        self.assertNotIn(self.source, page.flow_ids.source_id)

    def test_metrics_have_a_sample_for_each_source_and_job(self):
        self.accept("evt-1")
        self.process_inbox()
        families = self.env["retail.door.metrics"]._families(self.company.id)
        samples = {name: rows for name, _help, _kind, rows in families}
        handled = samples["retail_ops_integration_handled_24h"]
        self.assertIn(1, [n for labels, n in handled if labels["name"] == "test-pos"])
        self.assertTrue(samples["retail_ops_job_age_seconds"])

    def samples(self, record_name):
        """Return the metrics of one source or endpoint: name -> value."""
        self.env.invalidate_all()
        families = self.env["retail.door.metrics"]._families(self.company.id)
        return {
            name: value
            for name, _help, _kind, rows in families
            for labels, value in rows
            if labels.get("name") == record_name
        }

    def test_metrics_tell_throughput_failures_age_and_lag_of_a_source(self):
        for number in range(2):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.accept("evt-2", store="9942")
        self.process_inbox()
        for number in range(2):
            self._took(self.job(f"evt-{number}"), 9)
        self.accept("evt-3", product="P3")
        self.env.cr.execute(
            "UPDATE retail_event SET received_at = received_at "
            "- interval '2 hours 2 seconds' WHERE id = %s",
            (self.job("evt-3").payload_id.id,),
        )
        told = self.samples("test-pos")
        self.assertEqual(told["retail_ops_integration_handled_24h"], 4)
        self.assertEqual(told["retail_ops_integration_business_failures_24h"], 1)
        self.assertEqual(told["retail_ops_integration_backlog"], 1)
        self.assertGreaterEqual(told["retail_ops_integration_oldest_seconds"], 7200)
        self.assertEqual(told["retail_ops_integration_p95_seconds"], 9)

    def test_metrics_tell_retries_of_an_endpoint(self):
        endpoint, _secret = self.create_endpoint(Receiver(self, 500, 204).url)
        self.publish()
        self.deliver()
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        told = self.samples(endpoint.name)
        self.assertEqual(told["retail_ops_integration_retries_24h"], 1)
        self.assertEqual(told["retail_ops_integration_transient_failures_24h"], 1)
        self.assertEqual(told["retail_ops_integration_succeeded_24h"], 1)

    def test_endpoints_of_one_name_are_samples_apart(self):
        for _twin in range(2):
            self.create_endpoint(Receiver(self).url)
            self.publish()
        for name, _help, _kind, rows in self.env["retail.door.metrics"]._families(
            self.company.id
        ):
            labels = [tuple(sorted(labels.items())) for labels, _value in rows]
            self.assertEqual(len(labels), len(set(labels)), name)

    def test_completeness_is_shown_for_what_was_compared(self):
        self.accept("evt-1")
        self.assertFalse(self.flow(self.source).is_compared)
        now = fields.Datetime.now()
        period = {"period_from": now - timedelta(hours=1), "period_to": now}
        run = self.env["retail.reconciliation.run"].create(
            {"source_id": self.source.id, **period}
        )
        run.sudo().write({"state": "done", "counted": 4, "matched": 3})
        flow = self.flow(self.source)
        self.assertEqual((flow.is_compared, flow.completeness), (True, 75))

    # === By the hour === #
    def test_an_hour_is_kept_once(self):
        self.accept("evt-1")
        self.env.cr.execute(
            "UPDATE retail_event SET received_at = date_trunc('hour', now() AT TIME "
            "ZONE 'utc') - interval '10 minutes' WHERE id = %s",
            (self.job("evt-1").payload_id.id,),
        )
        figures = self.env["retail.integration.figure"]
        figures.search([]).sudo().unlink()
        for _time in range(2):
            figures._take_snapshot()
        kept = figures.search([("source_id", "=", self.source.id)])
        self.assertEqual((len(kept), kept.handled), (1, 1))

    def test_an_hour_keeps_failures_retries_backlog_and_time_taken(self):
        endpoint, _secret = self.create_endpoint(Receiver(self, 500).url)
        self.publish()
        self.deliver()
        self.make_due(self.deliveries(endpoint))
        self.deliver()
        self.accept("evt-1", store="9942")
        self.process_inbox()
        for table, column in (
            ("retail_event", "received_at"),
            ("retail_delivery_attempt", "attempted_at"),
        ):
            self.env.cr.execute(
                f"UPDATE {table} SET {column} = date_trunc('hour', now() AT TIME "
                "ZONE 'utc') - interval '10 minutes'"
            )
        figures = self.env["retail.integration.figure"]
        figures.search([]).sudo().unlink()
        figures._take_snapshot()
        out = figures.search([("endpoint_id", "=", endpoint.id)])
        self.assertEqual((out.handled, out.transient_failures, out.retries), (2, 2, 1))
        self.assertEqual(out.backlog, 1)
        self.assertGreater(out.p95, 0)
        into = figures.search([("source_id", "=", self.source.id)])
        self.assertEqual((into.business_failures, into.dead_letters), (1, 1))
        self.assertEqual((out.success_rate, into.success_rate), (0, 0))

    def an_hour_ago(self):
        """Have everything received in the hour that is kept next, and keep it."""
        self.env.cr.execute(
            "UPDATE retail_event SET received_at = date_trunc('hour', now() AT TIME "
            "ZONE 'utc') - interval '10 minutes'"
        )
        figures = self.env["retail.integration.figure"]
        figures.search([]).sudo().unlink()
        figures._take_snapshot()
        return figures.search([("source_id", "=", self.source.id)])

    def charted(self, figure):
        """Return the success rate that a chart shows of an hour."""
        [row] = figure.with_user(self.integrator).formatted_read_group(
            [("id", "=", figure.id)], ["hour:day"], ["success_rate:avg"]
        )
        return row["success_rate:avg"]

    def test_an_hours_success_rate_is_of_what_ended_and_can_be_charted(self):
        for number in range(3):
            self.accept(f"evt-{number}", product=f"P{number}")
        self.accept("evt-wrong", store="9942")
        self.process_inbox()
        for number in range(6):
            self.accept(f"evt-late-{number}", product=f"L{number}")
        kept = self.an_hour_ago()
        self.assertEqual((kept.handled, kept.succeeded), (10, 3))
        self.assertEqual((kept.success_rate, self.charted(kept)), (75, 75))

    def test_an_hour_in_which_nothing_ended_has_no_success_rate(self):
        self.accept("evt-1")
        kept = self.an_hour_ago()
        self.assertEqual((kept.handled, kept.succeeded), (1, 0))
        self.assertFalse(self.charted(kept))
        self.env.cr.execute(
            "SELECT success_rate FROM retail_integration_figure WHERE id = %s",
            (kept.id,),
        )
        self.assertEqual(self.env.cr.fetchone(), (None,))

    # === Idle === #
    def test_an_idle_run_costs_a_bounded_number_of_statements(self):
        for name in (
            "cron_process_inbox",
            "cron_process_inbox_2",
            "cron_deliver_outbox",
            "cron_deliver_slowly",
            "cron_replay",
        ):
            for _run in range(2):
                self.run_cron(name)
            cron = self.env.ref(f"retail_ops_integrations.{name}")
            pulse = self.env["retail.job.pulse"].search([("cron_id", "=", cron.id)])
            with self.subTest(name):
                self.assertGreater(pulse.idle_statements, 0)
                self.assertLessEqual(pulse.idle_statements, IDLE_STATEMENTS)
                self.assertEqual(pulse.idle_per_hour, pulse.idle_statements * 60)

    def test_what_an_idle_run_cost_weeks_ago_does_not_hide_what_it_costs_now(self):
        cron = self.env.ref("retail_ops_integrations.cron_replay")
        pulses = self.env["retail.job.pulse"]
        pulses.search([("cron_id", "=", cron.id)]).unlink()
        for statements, shown in ((9, 9), (5, 5), (7, 5)):
            pulses._beat(cron, statements, 0.1)
            pulses.invalidate_model()
            pulse = pulses.search([("cron_id", "=", cron.id)])
            self.assertEqual(pulse.idle_statements, shown)
        pulse.idle_at -= timedelta(days=8)
        pulse.flush_recordset()
        pulses._beat(cron, 7, 0.1)
        pulses.invalidate_model()
        self.assertEqual(pulse.idle_statements, 7)
