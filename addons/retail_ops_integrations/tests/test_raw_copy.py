import os
import tempfile

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..tools import secret_box
from .common import DoorCase, IntegrationCase
from .receiver import Receiver

KEYS = "odoo.addons.retail_ops_integrations.models.retail_secret_key"


class RawCopyCase(IntegrationCase):
    """A copy of the database that nobody neutralized, without the key file."""

    def leave_the_key_file_behind(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        elsewhere = {secret_box.ENVIRONMENT_VARIABLE: f"{folder.name}/secret.key"}
        self.patch(os, "environ", {**os.environ, **elsewhere})
        self.addCleanup(self.env.registry.clear_cache)
        self.env.registry.clear_cache()


@tagged("post_install", "-at_install")
class TestDoorOfRawCopy(RawCopyCase, DoorCase):
    def test_what_is_rightly_signed_elsewhere_is_nobodys_here(self):
        self.leave_the_key_file_behind()
        with mute_logger(KEYS):
            self.assert_problem(self.post(), 401, "unauthenticated")
        self.assertFalse(self.job("evt-1"))


@tagged("post_install", "-at_install")
class TestLettersOfRawCopy(RawCopyCase):
    def test_nothing_is_sent_to_anybody(self):
        receiver = Receiver(self)
        endpoint, _secret = self.create_endpoint(receiver.url)
        self.leave_the_key_file_behind()
        self.publish()
        with mute_logger(KEYS):
            self.deliver()
        self.assertEqual(receiver.requests, [])
        delivery = self.deliveries(endpoint)
        self.assertNotEqual(delivery.state, "delivered")
        self.assertEqual(delivery.attempts, 1)
