"""Receivers on the loopback interface: one that counts, and eight that misbehave."""

import contextlib
import json
import socket
import struct
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FLOOD_BYTES = 50 * 1024 * 1024
HANG_SECONDS = 60


class Handler(BaseHTTPRequestHandler):
    """Reads a letter and answers as its server's ``manner`` says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.letters[self.headers["webhook-id"]] += 1
        self.server.bodies[self.headers["webhook-id"]] = body
        with contextlib.suppress(OSError):
            self.server.manner(self)

    def do_GET(self):
        self.server.letters["GET"] += 1
        self.server.manner(self)

    def log_message(self, *_arguments):
        """What arrives is counted, not printed."""


def answering(status, **headers):
    """Return a manner: this answer, at once."""

    def manner(handler):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return manner


def hang(handler):
    handler.server.ended.wait(HANG_SECONDS)


def drip(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    for _byte in range(1000):
        if handler.server.ended.wait(0.5):
            return
        handler.wfile.write(b".")
        handler.wfile.flush()


def reset(handler):
    linger = struct.pack("ii", 1, 0)
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    handler.close_connection = True
    socket.close(handler.connection.detach())  # its files would keep it open


def flood(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(FLOOD_BYTES))
    handler.end_headers()
    for _block in range(FLOOD_BYTES // 65536):
        handler.wfile.write(b"x" * 65536)


def flap():
    """Return a manner: good for two seconds, bad for two."""
    good, bad = answering(204), answering(500)

    def manner(handler):
        (good if int(time.monotonic()) % 4 < 2 else bad)(handler)

    return manner


@contextlib.contextmanager
def receiving(manner):
    """Yield a running receiver with ``url``, ``letters`` (Counter) and ``bodies``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.manner, server.letters, server.bodies = manner, Counter(), {}
    server.ended = threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}/"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.ended.set()
        server.shutdown()
        server.server_close()


def references(server):
    """Return how many different letters told of each case."""
    told = Counter()
    for body in server.bodies.values():
        told[json.loads(body)["data"]["reference"]] += 1
    return told
