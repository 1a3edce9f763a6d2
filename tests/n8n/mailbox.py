"""A mail server of this machine that keeps what it is sent, as SMTP has it."""

import contextlib
import email
import socketserver
import threading


class Session(socketserver.StreamRequestHandler):
    """One connection: HELO, MAIL, RCPT, DATA, QUIT of RFC 5321."""

    def handle(self):
        self.say("220 loopback")
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self.say("221 bye")
            if verb == b"RCPT":
                self.server.recipients.append(line.decode().strip())
            if verb == b"MAIL":
                self.server.asked.set()
                self.server.gate.wait(60)
            if verb == b"DATA":
                self.take_letter()
            elif self.server.is_out_of_order and verb == b"MAIL":
                self.server.refused.append(line.decode().strip())
                self.say("550 out of order")
            else:
                self.say("250 ok")
        return None

    def take_letter(self):
        self.say("354 go on")
        lines = iter(self.rfile.readline, b".\r\n")
        self.server.letters.append(email.message_from_bytes(b"".join(lines)))
        self.say("250 taken")

    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")


class Mailbox(socketserver.ThreadingTCPServer):
    """`letters` grow as they arrive.

    While `is_out_of_order`, none is taken and `refused` grows; while the `gate` is
    closed, senders wait; `asked` tells that one has come.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Session)
        self.letters = []
        self.recipients = []
        self.refused = []
        self.is_out_of_order = False
        self.asked = threading.Event()
        self.gate = threading.Event()
        self.gate.set()

    @property
    def port(self):
        return self.server_address[1]

    def about(self, text):
        """Letters whose subject names something."""
        return [one for one in self.letters if text in one["subject"]]


@contextlib.contextmanager
def receiving():
    """Yield a running mailbox."""
    with Mailbox() as mailbox:
        threading.Thread(target=mailbox.serve_forever, daemon=True).start()
        yield mailbox
        mailbox.shutdown()
