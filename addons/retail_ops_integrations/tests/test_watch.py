from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..tools import latency
from .common import IntegrationCase
from .receiver import Receiver


@tagged("post_install", "-at_install")
class TestWatch(IntegrationCase):
    def watch(self):
        self.run_cron("cron_watch")

    def alert(self, kind, **names):
        domain = [(name, "=", value.id) for name, value in names.items()]
        return self.env["retail.integration.alert"].search(
            [("kind", "=", kind), *domain]
        )

    def beat(self, event_id, minutes_ago=0, **data):
        """Have n8n say that it is alive, as of some minutes ago."""
        self.source.event_type_ids += self.env.ref(
            "retail_ops_integrations.event_type_system_heartbeat"
        )
        self.env.cr.execute(
            "SELECT to_char(now() AT TIME ZONE 'utc' - make_interval(mins => %s), "
            "'YYYY-MM-DD\"T\"HH24:MI:SSZ')",
            (minutes_ago,),
        )
        body = self.body_of(
            "system.heartbeat", {"system": "n8n", **data}, self.env.cr.fetchone()[0]
        )
        self.env["retail.event"]._accept(
            self.source._door(), body, "application/json", event_id
        )
        self.process_inbox()

    def age(self, table, column, record_id, minutes):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {table} SET {column} = {column} - make_interval(secs => 60 * %s) "
            "WHERE id = %s",
            (minutes, record_id),
        )
        self.env.invalidate_all()

    # === Runbooks === #
    def test_an_alert_links_to_the_runbook_of_its_source_else_to_the_suites(self):
        own = "https://wiki.example.com/pos-is-out"
        self.source.latency_class = "real_time"
        self.accept("evt-1")
        self.age("retail_event", "received_at", self.job("evt-1").payload_id.id, 5)
        self.source.runbook_url = own
        self.watch()
        alert = self.alert("inbox", source_id=self.source)
        self.assertIn(own, alert.exception_id.reason)
        opened = alert.with_user(self.integrator).action_open_runbook()
        self.assertEqual(opened["url"], own)
        self.source.runbook_url = False
        self.assertIn("runbooks.html#", alert.runbook_url)

    def test_a_database_with_the_first_address_of_the_runbooks_gets_todays(self):
        parameters = self.env["ir.config_parameter"].sudo()
        today = "/retail_ops_core/static/runbooks.html"
        first = (
            "https://github.com/retail-ops/retail-ops-odoo/blob/main/docs/runbooks.md"
        )
        own = "https://wiki.example.com/runbooks"
        for address, page in ((today, today), (first, today), (own, own)):
            parameters.set_param("retail_ops_integrations.runbooks_url", address)
            alert = self.env["retail.integration.alert"].new({"kind": "silence"})
            with self.subTest(address):
                self.assertEqual(alert.runbook_url, f"{page}#a-system-is-silent")

    def test_an_alert_links_to_the_runbook_in_the_readers_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        alert = self.env["retail.integration.alert"].new({"kind": "silence"})
        self.assertEqual(
            alert.with_context(lang="fr_FR").runbook_url,
            "/retail_ops_core/static/runbooks.fr.html#a-system-is-silent",
        )

    def test_a_runbook_is_the_address_of_a_page(self):
        for text in ("javascript:alert(1)", "file:///etc/passwd", "wiki"):
            with self.subTest(text), self.assertRaises(ValidationError):
                self.source.runbook_url = text

    def test_the_runbook_of_an_endpoint_is_the_address_of_a_page_too(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        for text in ("javascript:alert(1)", "wiki"):
            with self.subTest(text), self.assertRaises(ValidationError):
                endpoint.runbook_url = text

    # === A worker that was killed === #
    def test_what_a_killed_worker_left_is_a_case_within_six_minutes(self):
        self.source.latency_class = "real_time"
        self.accept("evt-1")
        leased = self.env["retail.event.job"]._claim([], "killed")
        self.assertIn(self.job("evt-1"), leased)
        self.age("retail_event", "received_at", self.job("evt-1").payload_id.id, 1.02)
        self.watch()
        alert = self.alert("inbox", source_id=self.source)
        self.assertEqual(alert.exception_id.state, "triaged")
        rhythm = self.env.ref("retail_ops_integrations.cron_watch")
        self.assertEqual((rhythm.interval_number, rhythm.interval_type), (5, "minutes"))
        self.assertEqual(latency.LIMITS["real_time"] + 5 * 60, 6 * 60)

    # === Deliveries === #
    def test_a_paused_endpoint_is_late_all_the_same(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        endpoint.action_disable()
        self.publish()
        fact = self.deliveries(endpoint).outbox_id
        self.age("retail_outbox", "published_at", fact.id, 61)
        self.watch()
        alert = self.alert("backlog", endpoint_id=endpoint)
        self.assertIn("not active", alert.detail)
        self.assertEqual(alert.exception_id.state, "triaged")

    def test_an_endpoint_whose_rate_is_used_up_is_late_all_the_same(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url, rate_per_minute=1)
        self.publish()
        self.publish()
        self.deliver()
        waiting = self.deliveries(endpoint).filtered(lambda one: one.state == "pending")
        self.age("retail_outbox", "published_at", waiting.outbox_id.id, 61)
        self.watch()
        self.assertIn("rate", self.alert("backlog", endpoint_id=endpoint).detail)

    def test_what_begins_again_while_its_case_is_open_goes_there(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url)
        endpoint.action_disable()
        self.publish()
        self.age(
            "retail_outbox", "published_at", self.deliveries(endpoint).outbox_id.id, 61
        )
        self.watch()
        case = self.alert("backlog", endpoint_id=endpoint).exception_id
        self.env["retail.integration.alert"].sudo()._settle("backlog", [])
        self.watch()
        alert = self.alert("backlog", endpoint_id=endpoint)
        self.assertEqual((alert.exception_id, alert.occurrences), (case, 2))
        self.assertFalse(alert.cleared_at)

    # === Events === #
    def test_an_event_that_waits_longer_than_its_class_allows_is_late(self):
        self.source.latency_class = "real_time"
        self.accept("evt-1")
        self.age("retail_event", "received_at", self.job("evt-1").payload_id.id, 2)
        self.watch()
        self.assertTrue(self.alert("inbox", source_id=self.source).exception_id)

    def test_dead_letters_that_nobody_looks_at_raise_an_exception(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        self.watch()
        self.assertFalse(self.alert("dead", source_id=self.source))
        self.age("retail_event_job", "finished_at", self.job("evt-1").id, 61)
        self.watch()
        self.assertTrue(self.alert("dead", source_id=self.source).exception_id)

    def test_what_fails_lands_in_the_queue_that_its_source_names(self):
        queue = self.source.queue_id.copy({"code": "test_path", "name": "Test path"})
        self.source.queue_id = queue
        self.accept("evt-1", store="9942")
        self.process_inbox()
        self.age("retail_event_job", "finished_at", self.job("evt-1").id, 61)
        self.watch()
        case = self.alert("dead", source_id=self.source).exception_id
        self.assertEqual(case.queue_id, queue)
        self.assertTrue(case.user_id)
        self.assertIn(self.source.owner_id.name, case.reason)
        self.assertIn("#failed-integration", case.reason)

    def test_a_flood_of_failures_is_one_case(self):
        for number in range(30):
            self.accept(f"evt-{number}", store="9942")
        self.process_inbox()
        for number in range(30):
            self.age(
                "retail_event_job", "finished_at", self.job(f"evt-{number}").id, 61
            )
        self.watch()
        self.watch()
        cases = self.env["retail.exception"].sudo()
        about = [("failing_source_id", "=", self.source.id)]
        self.assertEqual(cases.search_count(about), 1)
        self.assertIn("30", self.alert("dead", source_id=self.source).detail)

    # === Heartbeats === #
    def test_a_heartbeat_is_kept_with_what_it_says(self):
        self.beat("hb-1", runs=42, failed_runs=1)
        beat = self.source.heartbeat_ids
        self.assertEqual((beat.system, beat.runs, beat.failed_runs), ("n8n", 42, 1))

    def test_a_late_heartbeat_does_not_overwrite_a_newer_one(self):
        self.beat("hb-2", 0, runs=7)
        self.beat("hb-1", 5, runs=3)
        self.assertEqual(self.source.heartbeat_ids.runs, 7)

    def test_a_heartbeat_from_the_future_does_not_hide_the_silence_after_it(self):
        self.beat("hb-future", minutes_ago=-60 * 24 * 365)
        beat = self.source.heartbeat_ids
        self.assertLessEqual(beat.beat_at, self.env.cr.now())

    def test_a_silent_system_raises_an_exception_and_a_heartbeat_ends_it(self):
        self.source.silent_after_minutes = 10
        self.beat("hb-1")
        self.age("retail_heartbeat", "beat_at", self.source.heartbeat_ids.id, 11)
        event = self.job("hb-1").payload_id
        self.age("retail_event", "received_at", event.id, 11)
        self.age("retail_source", "watched_since", self.source.id, 11)
        self.watch()
        alert = self.alert("silence", source_id=self.source)
        self.assertTrue(alert.exception_id)
        self.beat("hb-2")
        self.watch()
        self.assertTrue(alert.cleared_at)

    def test_a_system_that_nobody_watches_may_be_silent(self):
        self.beat("hb-1")
        self.age("retail_source", "watched_since", self.source.id, 9999)
        self.watch()
        self.assertFalse(self.alert("silence", source_id=self.source))

    # === Jobs === #
    def test_a_scheduled_action_that_does_not_run_raises_an_exception(self):
        cron = self.env.ref("retail_ops_integrations.cron_deliver_outbox")
        self.age("ir_cron", "nextcall", cron.id, 60)
        self.watch()
        self.assertTrue(self.alert("job", cron_id=cron).exception_id)

    def test_a_scheduled_action_that_was_switched_off_raises_an_exception(self):
        cron = self.env.ref("retail_ops_integrations.cron_deliver_outbox")
        self.deliver()
        cron.active = False
        self.watch()
        self.assertIn("switched off", self.alert("job", cron_id=cron).detail)
        cron.active = True
        self.watch()
        self.assertTrue(self.alert("job", cron_id=cron).cleared_at)

    def test_a_scheduled_action_that_only_fails_raises_an_exception(self):
        cron = self.env.ref("retail_ops_core.cron_seal")
        self.env.cr.execute(
            "UPDATE ir_cron SET failure_count = 3 WHERE id = %s", (cron.id,)
        )
        self.watch()
        self.assertIn("3 times", self.alert("job", cron_id=cron).detail)

    def test_nobody_writes_alerts(self):
        for user in (self.integrator, self.account, self.env.ref("base.user_admin")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["retail.integration.alert"].with_user(user).create(
                    {"kind": "dead", "key": "x", "summary": "x"}
                )
