from .common import IntegrationCase


class TestGettingStarted(IntegrationCase):
    """Integrations add a first source, event and endpoint, and a tour."""

    def _rows(self, user, section):
        home = self.env["retail.home"].with_user(user).get_home("started")
        [found] = [each for each in home["sections"] if each["key"] == section]
        return {row["key"]: row for row in found["rows"]}

    def _done(self, key):
        return self._rows(self.admin, "setup")[key]["is_done"]

    def test_the_first_event_is_to_do_until_one_is_through(self):
        self.assertTrue(self._done("source"))
        self.env["retail.event.job"].search([]).sudo().write({"state": "dead"})
        self.assertFalse(self._done("event"))
        self.accept("evt-started")
        self.process_inbox()
        self.assertTrue(self._done("event"))

    def test_an_endpoint_that_rests_is_to_do(self):
        self.env["retail.endpoint"].search([]).sudo().write({"state": "disabled"})
        self.assertFalse(self._done("endpoint"))

    def test_the_integrator_is_offered_a_first_sent_event(self):
        tour = "retail_ops_integrations.tour_integrator"
        self.assertIn(tour, self._rows(self.integrator, "tours"))
        self.assertNotIn(tour, self._rows(self.manager, "tours"))
