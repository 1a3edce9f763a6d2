from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import IntegrationCase
from .receiver import Receiver


@tagged("post_install", "-at_install")
class TestReceipts(IntegrationCase):
    def setUp(self):
        super().setUp()
        self.receipt_type = self.env.ref(
            "retail_ops_integrations.event_type_delivery_receipt"
        )
        self.source.event_type_ids += self.receipt_type
        self.endpoint, _secret = self.create_endpoint(
            Receiver(self).url, receipt_source_id=self.source.id
        )
        self.publish()
        self.deliver()
        self.delivery = self.deliveries(self.endpoint)

    def acknowledge(self, event_id="rcp-1", status="processed", message=None, **data):
        """Have the receiver send a receipt, and work it off."""
        data |= {"message_id": message or self.delivery.message_id, "status": status}
        self.env["retail.event"]._accept(
            self.source._door(),
            self.body_of("delivery.receipt", data),
            "application/json",
            event_id,
        )
        self.process_inbox()
        return self.job(event_id)

    def unacknowledged(self):
        return self.env["retail.delivery"].search(
            [("is_unacknowledged", "=", True), ("endpoint_id", "=", self.endpoint.id)]
        )

    def age(self, minutes):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE retail_delivery SET delivered_at = delivered_at - "
            "make_interval(mins => %s) WHERE id = %s; "
            "UPDATE retail_endpoint SET receipts_since = receipts_since - "
            "interval '1 day' WHERE id = %s",
            (minutes, self.delivery.id, self.endpoint.id),
        )
        self.env.invalidate_all()

    def alerts(self):
        return self.env["retail.integration.alert"].search(
            [("kind", "=", "receipts"), ("endpoint_id", "=", self.endpoint.id)]
        )

    def test_what_was_delivered_and_not_acknowledged_is_listed(self):
        self.assertEqual(self.delivery.receipt_state, "awaited")
        self.assertEqual(self.unacknowledged(), self.delivery)
        self.assertEqual(self.endpoint.unacknowledged_count, 1)

    def test_a_receipt_takes_it_off_the_list(self):
        job = self.acknowledge(detail="run 4711")
        self.assertEqual(job.state, "done")
        self.assertEqual(self.delivery.receipt_state, "processed")
        self.assertEqual(self.delivery.receipt_ids.detail, "run 4711")
        self.assertFalse(self.unacknowledged())

    def test_a_second_receipt_changes_nothing(self):
        self.acknowledge()
        self.acknowledge("rcp-2")
        self.assertEqual(len(self.delivery.receipt_ids), 1)

    def test_what_failed_at_the_receiver_reaches_the_owner(self):
        self.acknowledge(status="failed", detail="unknown store")
        self.assertEqual(self.delivery.receipt_state, "failed")
        self.assertIn("unknown store", self.endpoint.activity_ids.note)

    def test_a_later_success_counts_more_than_the_failure_before(self):
        self.acknowledge(status="failed")
        self.acknowledge("rcp-2")
        self.assertEqual(self.delivery.receipt_state, "processed")

    def test_another_source_cannot_acknowledge_it(self):
        other = self.copy_source("other", name="Other")
        self.endpoint.receipt_source_id = other
        job = self.acknowledge()
        self.assertEqual(job.state, "parked")
        self.assertFalse(self.delivery.receipt_ids)

    def test_a_receipt_for_nothing_is_parked(self):
        self.assertEqual(self.acknowledge(message="msg_none").state, "parked")

    def test_past_the_limit_an_exception_is_raised_once(self):
        self.age(61)
        for _run in range(2):
            self.run_cron("cron_watch")
        exception = self.alerts().exception_id
        self.assertEqual(exception.type_id.code, "integration_failure")
        self.assertEqual(exception.queue_id.code, "integration")
        self.assertIn("runbooks.html#delivered-but-not-acknowledged", exception.reason)
        self.assertEqual(self.alerts().occurrences, 1)

    def test_within_the_limit_nothing_is_raised(self):
        self.age(59)
        self.run_cron("cron_watch")
        self.assertFalse(self.alerts())

    def test_the_alert_ends_with_the_receipt_and_says_so_on_the_case(self):
        self.age(61)
        self.run_cron("cron_watch")
        self.acknowledge()
        self.run_cron("cron_watch")
        self.assertTrue(self.alerts().cleared_at)
        self.assertIn("cause is gone", self.alerts().exception_id.message_ids[0].body)

    def test_the_receipt_is_a_hop_of_the_case(self):
        self.acknowledge()
        hops = self.env["retail.trace"].search([("correlation_id", "=", "c-1")])
        self.assertEqual(set(hops.mapped("kind")), {"published", "attempt", "receipt"})
        receipt = hops.filtered(lambda hop: hop.kind == "receipt")
        self.assertEqual(receipt.place, "partner")

    def test_nobody_writes_receipts_by_hand(self):
        for user in (self.integrator, self.account, self.env.ref("base.user_admin")):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["retail.receipt"].with_user(user).create(
                    {
                        "delivery_id": self.delivery.id,
                        "status": "processed",
                        "acknowledged_at": "2026-05-04 09:30:00",
                    }
                )
