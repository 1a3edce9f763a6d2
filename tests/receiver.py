"""A partner's receiver that keeps what it gets, byte by byte."""

import contextlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    """Answers 204 and keeps (body, headers)."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.received.append((body, headers))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments):
        """What arrives is asserted, not printed."""


@contextlib.contextmanager
def receiving():
    """Yield a running receiver with `url` and `received`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.received = []
    server.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
