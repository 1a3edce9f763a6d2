"""The ignored folder that holds everything the launcher makes."""

import hashlib
import os
from pathlib import Path

from .files import writing_to


class Home:
    """Names of the places below `.retail-ops`."""

    def __init__(self, folder):
        self.folder = Path(folder)

    def make(self):
        """:raises SetupError: the folder cannot be made or written"""
        with writing_to(self.folder):
            for folder in (self.folder, self.logs, self.downloads):
                folder.mkdir(parents=True, exist_ok=True)
            probe = self.folder / f".writable.{os.getpid()}"
            probe.write_text("")
            probe.unlink()

    @property
    def name(self):
        """A short name for this folder, to tell it from others on the machine."""
        return hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:10]

    @property
    def logs(self):
        return self.folder / "logs"

    @property
    def downloads(self):
        return self.folder / "downloads"

    @property
    def odoo(self):
        return self.folder / "odoo"

    @property
    def venv(self):
        return self.folder / "venv"

    @property
    def python(self):
        return self.venv / "bin" / "python"

    @property
    def data(self):
        return self.folder / "data"

    @property
    def secret_key(self):
        return self.data / "retail_ops" / "secret.key"

    @property
    def credentials(self):
        return self.folder / "credentials.json"

    @property
    def browser(self):
        return self.folder / "browser"

    @property
    def pdf(self):
        return self.folder / "pdf"

    @property
    def node(self):
        return self.folder / "node"

    @property
    def n8n(self):
        return self.folder / "n8n"

    def log(self, name):
        return self.logs / f"{name}.log"

    def lock(self, name):
        return self.folder / f"{name}.lock"
