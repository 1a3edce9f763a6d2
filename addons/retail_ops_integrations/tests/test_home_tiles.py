from odoo.addons.retail_ops_core.tests.home_tiles import HomeTiles

from .common import IntegrationCase

MODULE = "retail_ops_integrations"
# Event id: state, class of the error, attempts.
EVENTS = {
    "evt-rule-1": ("dead", "business", 1),
    "evt-rule-2": ("parked", "business", 1),
    "evt-used-up": ("dead", "transient", 8),
    "evt-retried": ("pending", "transient", 2),
    "evt-queued-1": ("pending", False, 0),
    "evt-queued-2": ("received", False, 0),
    "evt-done": ("done", False, 1),
}
DELIVERIES = ("dead", "dead", "pending", "delivered")


class TestHomeTiles(HomeTiles, IntegrationCase):
    """Events, deliveries and refusals in every standing, each tile by number."""

    def setUp(self):
        super().setUp()
        self.env["retail.delivery"].search([]).write({"state": "cancelled"})
        self.events = {event: self._receive(event) for event in EVENTS}

    def _receive(self, event):
        """Return the job of an event that stands as it is written down."""
        self.accept(event)
        state, error, attempts = EVENTS[event]
        job = self.job(event)
        job.write({"state": state, "error_class": error, "attempts": attempts})
        return job

    def _job(self, *events):
        jobs = self.env["retail.event.job"]
        return jobs.union(*(self.events[f"evt-{event}"] for event in events))

    def _send(self):
        """Return the endpoint and its deliveries by state."""
        endpoint, _secret = self.create_endpoint("http://127.0.0.1:9/")
        for number, _state in enumerate(DELIVERIES):
            self.publish(key=f"EXC/{number}")
        found = self.deliveries(endpoint).sorted("id")
        for delivery, state in zip(found, DELIVERIES, strict=True):
            delivery.state = state
        return endpoint, found.grouped("state")

    def test_the_tiles_of_the_monitor(self):
        refusals = self.env["retail.refusal"]
        refusals._write_count(self.env.cr, self.source.id, "schema-violation", 7)
        refused = refusals.search([("source_id", "=", self.source.id)])
        endpoint, sent = self._send()
        rule = self._job("rule-1", "rule-2")
        queued = self._job("retried", "queued-1", "queued-2")
        source = f"retail.event.job_{self.source.id}"
        home = self._home(self.integrator, "integrations")
        self._assert_tiles(
            self.integrator,
            home,
            MODULE,
            {
                ("now", "events_business"): (2, rule),
                ("now", "events_used_up"): (1, self._job("used-up")),
                ("now", "deliveries_dead"): (2, sent["dead"]),
                ("now", "events_retried"): (1, self._job("retried")),
                ("doors_in", "events_queued"): (3, queued),
                ("doors_in", source): (3, rule | self._job("used-up")),
                ("doors_out", "deliveries_queued"): (1, sent["pending"]),
                ("doors_out", f"retail.delivery_{endpoint.id}"): (2, sent["dead"]),
                ("refused", "refused_schema-violation"): (1, refused),
            },
        )
        # Seven refusals are one row of their hour.
        bar = self._figure(home, "refused", "refused_schema-violation")
        self.assertEqual(bar["text"], "7")
