"""A real IMAP server of this machine, into which tests put letters."""

import contextlib
import imaplib
import secrets
import time

from launcher.commands import clean_environment, start, stop
from launcher.server import free_port
from tests.waiting import eventually

USER = "incidents"


class Incidents:
    """A mailbox on a running server.

    :param port: where the server listens
    :param password: of its only user
    """

    def __init__(self, port, password):
        self.port = port
        self.password = password

    @contextlib.contextmanager
    def open(self):
        """Yield a client that has the inbox selected."""
        with imaplib.IMAP4("127.0.0.1", self.port) as client:
            client.login(USER, self.password)
            client.select("INBOX")
            yield client

    def is_there(self):
        """Tell whether the server takes somebody in."""
        try:
            with self.open():
                return True
        except OSError:
            return False

    def deliver(self, letter):
        """Put a letter into the inbox, as a mail server does.

        :param letter: email.message.EmailMessage
        """
        with self.open() as client:
            now = imaplib.Time2Internaldate(time.time())
            answer, _data = client.append("INBOX", None, now, letter.as_bytes())
            assert answer == "OK"

    def unread(self):
        """Return how many letters nobody has read yet."""
        with self.open() as client:
            _answer, [numbers] = client.search(None, "UNSEEN")
            return len(numbers.split())


@contextlib.contextmanager
def serving(workshop):
    """Yield the mailbox of a running server."""
    workshop.environment.ensure("mail")
    mailbox = Incidents(free_port(), secrets.token_hex(16))
    command = [
        *(workshop.environment.scripts / "pymap", "--host", "127.0.0.1"),
        *("--port", str(mailbox.port), "--no-tls", "dict"),
        *("--demo-user", USER, "--demo-password", mailbox.password),
    ]
    process = start(command, workshop.home.log("imap"), env=clean_environment())
    try:
        eventually(mailbox.is_there, seconds=30)
        yield mailbox
    finally:
        stop(process)
