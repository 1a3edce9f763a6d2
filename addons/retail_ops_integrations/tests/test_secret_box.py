import os
import stat
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from odoo.tests import BaseCase, tagged

from ..tools import secret_box


@tagged("post_install", "-at_install")
class TestSecretBox(BaseCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "retail_ops" / "secret.key"

    def test_environment_comes_before_option_before_data_folder(self):
        name, option = secret_box.ENVIRONMENT_VARIABLE, secret_box.OPTION
        self.assertEqual(
            secret_box.key_file({option: "/b"}, "/d", {name: "/a"}), Path("/a")
        )
        self.assertEqual(secret_box.key_file({option: "/b"}, "/d", {}), Path("/b"))
        self.assertEqual(
            secret_box.key_file({}, "/d", {}), Path("/d/retail_ops/secret.key")
        )

    def test_makes_a_key_file_that_only_its_owner_reads(self):
        box = secret_box.open_box(self.path)
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)
        sealed = secret_box.seal(box, "whsec_x")
        self.assertNotIn("whsec_x", sealed)
        again = secret_box.open_box(self.path)
        self.assertEqual(secret_box.unseal(again, sealed), "whsec_x")

    def test_refuses_a_key_file_that_others_can_read(self):
        secret_box.open_box(self.path)
        os.chmod(self.path, 0o644)
        with self.assertRaisesRegex(secret_box.SecretBoxError, "chmod 600"):
            secret_box.open_box(self.path)

    def test_refuses_a_file_that_holds_no_key(self):
        self.path.parent.mkdir()
        for content in ("", "not a key"):
            self.path.write_text(content)
            self.path.chmod(0o600)
            with self.assertRaises(secret_box.SecretBoxError):
                secret_box.open_box(self.path)

    def test_another_key_file_opens_nothing(self):
        sealed = secret_box.seal(secret_box.open_box(self.path), "whsec_x")
        self.path.unlink()
        with self.assertRaises(secret_box.SecretBoxError):
            secret_box.unseal(secret_box.open_box(self.path), sealed)

    def test_a_new_key_on_top_still_opens_what_the_old_one_sealed(self):
        sealed = secret_box.seal(secret_box.open_box(self.path), "whsec_x")
        old = self.path.read_text()
        self.path.write_text(Fernet.generate_key().decode() + "\n" + old)
        box = secret_box.open_box(self.path)
        self.assertEqual(secret_box.unseal(box, sealed), "whsec_x")
