from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RetailOpsCase
from .rpc_common import RpcCase

MAIL = """From: somebody@test.example.com
To: nobody@test.example.com
Subject: Done already
Message-Id: <done@test.example.com>

Nothing to do.
"""


@tagged("post_install", "-at_install")
class TestIncomingMail(RetailOpsCase, RpcCase):
    """Odoo makes records of mail as superuser, and whoever brings it names them."""

    def setUp(self):
        super().setUp()
        self.finished = {
            "summary": "Done already",
            "store_id": self.store.id,
            "type_id": self.discrepancy.id,
            "state": "closed",
        }
        self.authenticate(self.member.login, self.member.login)

    @mute_logger("odoo.http")
    def _bring(self, *chosen, through="mail.thread", **more):
        return self._call(through, "message_process", *chosen, **more)

    def test_nobody_names_a_model_and_values_with_a_mail(self):
        about = ("retail.exception", MAIL, self.finished)
        for through in ("mail.thread", "retail.exception", "res.partner"):
            self.assertTrue(self._is_refused(self._bring(*about, through=through)))
        found = self.env["retail.exception"].search_count(
            [("summary", "=", "Done already")]
        )
        self.assertFalse(found)

    def test_nobody_names_values_by_the_context_or_a_record_to_add_to(self):
        for more in (
            {"context": {"default_state": "closed"}},
            {"thread_id": self.store.id},
        ):
            self.assertTrue(self._is_refused(self._bring(False, MAIL, **more)))

    def test_a_mail_alone_goes_where_its_address_says(self):
        answer = self._bring(False, MAIL)
        self.assertIn("No possible route", answer["error"]["data"]["message"])

    def test_an_administrator_names_a_model_as_in_odoo(self):
        thread = self.env["mail.thread"].with_user(self.env.ref("base.user_admin"))
        made = thread.message_process("res.partner", MAIL)
        self.assertEqual(self.env["res.partner"].browse(made).name, "Done already")
