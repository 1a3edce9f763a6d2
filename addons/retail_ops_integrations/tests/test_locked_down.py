from odoo.tests import new_test_user, tagged

from .common import GROUP, IntegrationCase

WAYS_IN_AND_OUT = ("retail.source", "retail.endpoint", "retail.egress.rule")


@tagged("post_install", "-at_install")
class TestLockedDown(IntegrationCase):
    """As installed no door is open: nobody may send, nothing is sent anywhere."""

    def test_no_source_endpoint_or_egress_rule_is_shipped(self):
        shipped = self.env["ir.model.data"].search(
            [
                ("module", "=like", "retail\\_ops\\_%"),
                ("model", "in", WAYS_IN_AND_OUT),
            ]
        )
        self.assertFalse(shipped.mapped("complete_name"))

    def test_a_new_source_is_a_draft_that_may_send_nothing(self):
        account = new_test_user(self.env, "t_new", GROUP + "integration")
        facts = {"name": "New", "code": "t-new", "user_id": account.id}
        source = self.env["retail.source"].create(facts)
        self.assertEqual(source.state, "draft")
        self.assertFalse(source.event_type_ids)

    def test_a_new_endpoint_is_sent_nothing(self):
        endpoint = self.env["retail.endpoint"].create(
            {"name": "New", "url": "https://example.com/hook"}
        )
        self.assertNotEqual(endpoint.state, "active")
