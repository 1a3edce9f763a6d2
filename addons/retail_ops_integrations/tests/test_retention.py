from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models import retail_retention_policy
from .common import IntegrationCase
from .receiver import Receiver


@tagged("post_install", "-at_install")
class TestRetention(IntegrationCase):
    def policy(self, data_class):
        return self.env.ref(f"retail_ops_integrations.retention_{data_class}")

    def age(self, records, column, days):
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {records._table} SET {column} = {column} "
            "- make_interval(days => %s) WHERE id = ANY(%s)",
            (days, records.ids),
        )
        self.env.invalidate_all()

    def done_event(self, event_id, days, **changes):
        """Return the job of an event that was done days ago."""
        self.accept(event_id, **changes)
        self.process_inbox()
        job = self.job(event_id)
        self.age(job.payload_id, "received_at", days)
        return job

    def purge(self):
        self.run_cron("cron_retention")

    # === Events === #
    def test_payloads_go_and_the_dedupe_key_stays(self):
        job = self.done_event("evt-1", 91)
        self.purge()
        event = job.payload_id
        self.assertFalse(event.sudo().raw_body)
        self.assertTrue(event.body_sha256)
        self.assertFalse(job.payload_pretty)
        self.assertEqual(self.accept("evt-1")["status"], "duplicate")

    def test_a_payload_stays_until_its_day(self):
        job = self.done_event("evt-1", 89)
        self.purge()
        self.assertTrue(job.payload_id.sudo().raw_body)

    def test_a_type_with_personal_data_goes_earlier(self):
        self.found.payload_days = 7
        job = self.done_event("evt-1", 8)
        self.purge()
        self.assertFalse(job.payload_id.sudo().raw_body)

    def test_payloads_of_skipped_and_superseded_events_go_as_well(self):
        for event_id, state in (("evt-1", "skipped"), ("evt-2", "superseded")):
            job = self.done_event(event_id, 91, store="T042", product=event_id)
            job.sudo().state = state
        self.purge()
        for event_id in ("evt-1", "evt-2"):
            self.assertFalse(self.job(event_id).payload_id.sudo().raw_body, event_id)

    def test_what_waits_for_a_person_stays(self):
        job = self.done_event("evt-1", 999, store="9942")
        self.purge()
        self.assertEqual(job.state, "parked")
        self.assertTrue(job.payload_id.sudo().raw_body)

    def test_corrections_go_with_the_payload(self):
        self.accept("evt-1", store="9942")
        self.process_inbox()
        job = self.job("evt-1")
        data = {**job.sudo().payload_id._data(), "store": "T042"}
        job.with_user(self.integrator)._correct(
            self.body_of("x", data).decode().split('"data": ')[1][:-1], "typo"
        )
        self.process_inbox()
        self.age(job.payload_id, "received_at", 91)
        self.purge()
        self.assertFalse(job.correction_ids)

    def test_events_go_altogether_and_their_exceptions_stay(self):
        job = self.done_event("evt-1", 401)
        exception = job.exception_id
        self.purge()
        self.assertFalse(self.job("evt-1"))
        self.assertTrue(exception.exists())

    def test_keys_cannot_be_kept_for_less_than_35_days(self):
        for data_class in ("event_key", "outbox_key"):
            with self.subTest(data_class), self.assertRaises(ValidationError):
                self.policy(data_class).days = 34

    # === Facts === #
    def test_delivered_facts_lose_their_payload_and_answers(self):
        receiver = Receiver(self, (200, {}, b"thank you"))
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.publish()
        self.deliver()
        delivery = self.deliveries(endpoint)
        self.age(delivery.outbox_id, "published_at", 91)
        self.age(delivery.attempt_ids, "attempted_at", 31)
        self.purge()
        self.assertFalse(delivery.payload_pretty)
        self.assertFalse(delivery.attempt_ids.response)
        self.assertEqual(delivery.attempt_ids.status, 200)

    def test_undelivered_facts_stay(self):
        endpoint, _secret = self.create_endpoint(Receiver(self, 500).url)
        self.publish()
        self.deliver()
        delivery = self.deliveries(endpoint)
        self.age(delivery.outbox_id, "published_at", 999)
        self.purge()
        self.assertTrue(delivery.payload_pretty)

    def test_what_has_no_payload_any_more_is_not_sent_again(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.publish()
        self.deliver()
        delivery = self.deliveries(endpoint)
        self.age(delivery.outbox_id, "published_at", 91)
        self.purge()
        self.assertFalse(delivery.with_user(self.integrator)._resend("lost there"))
        self.assertEqual(delivery.state, "delivered")

    # === How === #
    def test_it_goes_in_batches_and_may_be_stopped_between_them(self):
        self.patch(retail_retention_policy, "BATCH", 2)
        for number in range(5):
            self.done_event(f"evt-{number}", 91, product=f"P{number}")
        policy = self.policy("event_payload").sudo()
        self.assertTrue(policy._purge_batch())
        left = self.env["retail.event"].search([("source_id", "=", self.source.id)])
        self.assertEqual(len(left.sudo().filtered("raw_body")), 3)
        self.purge()
        self.env.invalidate_all()
        self.assertFalse(left.sudo().filtered("raw_body"))
        self.assertGreaterEqual(policy.purged, 5)

    def test_only_an_administrator_changes_how_long(self):
        policy = self.policy("event_payload")
        for user in (self.integrator, self.auditor, self.account):
            with self.subTest(user.login), self.assertRaises(AccessError):
                policy.with_user(user).days = 1
        policy.with_user(self.admin).days = 60
        entry = self.env["retail.audit.entry"].search(
            [("action", "=", "retention.changed")], limit=1
        )
        self.assertEqual(entry.user_id, self.admin.id)
        self.assertEqual(entry.facts, {"class": "event_payload", "days": 60})


@tagged("post_install", "-at_install")
class TestEnvironments(IntegrationCase):
    def test_a_key_carries_its_environment(self):
        self.assertEqual(self.source.key_ids.environment, "production")

    def test_keys_do_not_move_to_the_other_environment(self):
        endpoint, _secret = self.create_endpoint(Receiver(self).url, environment="test")
        self.assertEqual(endpoint.key_ids.environment, "test")
        endpoint.environment = "production"
        self.assertEqual(endpoint.key_ids.state, "revoked")
        self.source.environment = "test"
        self.assertEqual(set(self.source.key_ids.mapped("state")), {"revoked"})

    def test_saving_without_a_move_keeps_the_keys(self):
        self.source.write({"environment": "production", "name": "POS"})
        self.assertEqual(self.source.key_ids.state, "in_force")

    def test_a_neutralized_copy_sends_and_asks_nothing(self):
        receiver = Receiver(self)
        self.create_endpoint(receiver.url)
        self.source.list_url = receiver.url
        self.publish()
        self.env["ir.config_parameter"].set_param("database.is_neutralized", True)
        self.deliver()
        self.run_cron("cron_reconcile")
        self.assertEqual((receiver.requests, receiver.paths), ([], []))
        page = self.env["retail.integration.monitor"].create({})
        self.assertTrue(page.is_neutralized)
