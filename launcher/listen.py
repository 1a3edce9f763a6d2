"""./retail-ops listen: a receiver that verifies each signed delivery and shows it."""

import json
import sys
import urllib.parse
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from . import credentials, webhook
from .errors import SetupError
from .server import check_port

LARGEST_BODY = 1_000_000
DEFAULT = {"url": "http://127.0.0.1:8900/"}


class Receiver(ThreadingHTTPServer):
    """An HTTP server with one secret; `shown` gets (message id, event) each time."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, secret, shown):
        super().__init__(address, Handler)
        self.secret = secret
        self.shown = shown


class Handler(BaseHTTPRequestHandler):
    """Answers 204 to a delivery that is signed with our secret, 401 to any other."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_POST(self):
        body = self._body()
        if body is None:
            return self._answer(413)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            message_id = webhook.verify(self.server.secret, headers, body)
            event = json.loads(body)
        except webhook.SignatureError as error:
            print(f"{now()}  refused: {error}", file=sys.stderr, flush=True)
            return self._answer(401)
        except ValueError:
            return self._answer(400)
        self._answer(204)
        self.server.shown(message_id, event)

    def do_GET(self):
        self._answer(405)

    def log_message(self, *_arguments):
        """Deliveries are printed by `shown`, requests are not."""

    def _body(self):
        """The raw body; None when it is too large or has no honest length."""
        length = self.headers.get("Content-Length", "")
        if not length.isdigit() or int(length) > LARGEST_BODY:
            self.close_connection = True
            return None
        return self.rfile.read(int(length))

    def _answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Length", "0")
        self.end_headers()


def listen(options, workshop):
    """Receive until Ctrl-C, or until the first delivery with --once."""
    endpoint = DEFAULT
    if not options.secret:
        endpoint = (
            credentials.read(workshop.home.credentials).get("endpoint") or DEFAULT
        )
    secret = options.secret or endpoint.get("secret")
    if not secret:
        raise SetupError("There is no secret to verify with: give --secret.")
    parts = urllib.parse.urlsplit(endpoint["url"])
    port = options.listen_port or parts.port or 80
    check_port(port)
    receiver = Receiver(("127.0.0.1", port), secret, show)
    print(
        f"Listening on http://127.0.0.1:{port}/ for signed deliveries; Ctrl-C ends.",
        flush=True,
    )
    with receiver:
        if options.once:
            return wait_for_one(receiver)
        receiver.serve_forever()
    return 0


def wait_for_one(receiver):
    """Serve until one delivery was verified and shown."""
    seen = []
    receiver.shown = lambda *delivery: (show(*delivery), seen.append(delivery))
    receiver.timeout = 0.5
    while not seen:
        receiver.handle_request()
    return 0


def show(message_id, event):
    """Print one delivery for a person."""
    kind = event.get("type", "?") if isinstance(event, dict) else "?"
    print(f"{now()}  {kind}  {message_id}  signature verified")
    data = event.get("data", event) if isinstance(event, dict) else event
    print(json.dumps(data, indent=2, ensure_ascii=False), flush=True)


def now():
    return datetime.now().strftime("%H:%M:%S")
