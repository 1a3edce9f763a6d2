import os
import socket
import ssl
import subprocess
import tempfile
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

from odoo.tests import BaseCase, tagged
from odoo.tests.common import _super_send

from ..tools import egress, transport
from .receiver import Receiver
from .test_egress import allow, answers

LOOPBACK = [allow("127.0.0.1", plain_http=True)]


@tagged("post_install", "-at_install")
class TestTransport(BaseCase):
    def post(self, url, deadline=5, rules=None, body=b"{}", **options):
        target = egress.parse_url(url)
        session, leash = transport.open_session(target, rules or LOOPBACK, **options)
        self.addCleanup(session.close)
        self.addCleanup(leash.close)
        return transport.post(session, leash, url, {}, body, deadline)

    def test_posts_the_bytes_and_returns_the_answer(self):
        receiver = Receiver(self, (201, {"Retry-After": "7"}, b"thanks"))
        reply = self.post(receiver.url, body=b'{"a": 1}')
        self.assertEqual((reply.status, reply.body, reply.error), (201, "thanks", None))
        self.assertEqual(reply.retry_after, "7")
        sent_headers, sent_body = receiver.requests[0]
        self.assertEqual(sent_body, b'{"a": 1}')
        self.assertEqual(sent_headers["User-Agent"], transport.HEADERS["User-Agent"])

    def test_nothing_in_an_address_becomes_a_header(self):
        receiver = Receiver(self)
        for end in (
            "\r\nX-Evil: 1",
            "\nX-Evil: 1",
            "?a=\r\nX-Evil: 1",
            "%0d%0aX-Evil: 1",
        ):
            self.post(receiver.url + end)
        sent = [headers for headers, _body in receiver.requests]
        self.assertFalse([headers for headers in sent if "X-Evil" in headers])

    def test_never_follows_a_redirect(self):
        elsewhere = Receiver(self)
        for status in (301, 302, 303, 307, 308):
            receiver = Receiver(self, (status, {"Location": elsewhere.url}, b""))
            self.assertEqual(self.post(receiver.url).status, status)
        self.assertEqual(elsewhere.requests, [])

    def test_never_uses_a_proxy_of_the_environment(self):
        receiver, proxy = Receiver(self), Receiver(self)
        self.addCleanup(os.environ.update, dict(os.environ))
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
            self.addCleanup(os.environ.pop, name)
            os.environ[name] = proxy.url
        self.assertEqual(self.post(receiver.url).status, 204)
        self.assertEqual((len(receiver.requests), proxy.requests), (1, []))

    def test_reads_at_most_sixteen_kibibytes(self):
        def flood(handler):
            handler.send_response(200)
            handler.send_header("content-length", str(130_000_000))
            handler.end_headers()
            try:
                for _chunk in range(2_000):
                    handler.wfile.write(b"x" * 65_000)
            except OSError:
                return

        reply = self.post(Receiver(self, flood).url)
        self.assertEqual((reply.status, len(reply.body)), (200, 16 * 1024))

    def test_keeps_no_cookies_between_posts(self):
        receiver = Receiver(self, (200, {"Set-Cookie": "sid=1; Path=/"}, b""))
        target = egress.parse_url(receiver.url)
        session, leash = transport.open_session(target, LOOPBACK)
        for _post in range(2):
            transport.post(session, leash, receiver.url, {}, b"")
        self.assertNotIn("Cookie", receiver.requests[1][0])

    def assert_ends_in_time(self, url):
        started = time.monotonic()
        reply = self.post(url, deadline=0.6)
        self.assertLess(time.monotonic() - started, 2)
        self.assertEqual((reply.status, reply.error_class), (0, "timeout"))

    def test_a_receiver_that_hangs_ends_at_the_deadline(self):
        receiver = Receiver(self, lambda handler: receiver.ended.wait(10))
        self.assert_ends_in_time(receiver.url)

    def test_a_receiver_that_drips_headers_ends_at_the_deadline(self):
        def drip(handler):
            try:
                handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not receiver.ended.wait(0.1):
                    handler.wfile.write(b"X: y\r\n")
            except OSError:
                return

        receiver = Receiver(self, drip)
        self.assert_ends_in_time(receiver.url)

    def test_a_receiver_that_drips_its_body_ends_at_the_deadline(self):
        def drip(handler):
            handler.send_response(200)
            handler.send_header("content-length", "10000")
            handler.end_headers()
            try:
                while not receiver.ended.wait(0.1):
                    handler.wfile.write(b"x")
            except OSError:
                return

        receiver = Receiver(self, drip)
        self.assert_ends_in_time(receiver.url)

    def test_a_port_where_nobody_listens_is_no_connection(self):
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        reply = self.post(f"http://127.0.0.1:{port}/")
        self.assertEqual(reply.error_class, "connection")
        self.assertIn("refused", reply.error)

    def test_a_receiver_that_talks_nonsense_is_no_connection(self):
        receiver = Receiver(self, lambda handler: handler.wfile.write(b"SSH-2.0\r\n"))
        self.assertEqual(self.post(receiver.url).error_class, "connection")

    def test_connects_to_the_checked_address_whatever_the_name_says_next(self):
        receiver = Receiver(self)
        port = receiver.server.server_port
        asked = []

        def lookup(host, port, **options):
            asked.append(host)
            return answers("127.0.0.1" if len(asked) == 1 else "10.9.9.9")(
                host, port, **options
            )

        reply = self.post(
            f"http://localhost:{port}/hook",
            rules=[allow("localhost", plain_http=True)],
            lookup=lookup,
        )
        self.assertEqual((reply.status, asked), (204, ["localhost"]))

    def test_tls_is_verified_against_the_name(self):
        certificate, port = self._serve_tls("receiver.example")
        for name, expected in (("receiver.example", None), ("wrong.example", "tls")):
            target = egress.Target("https", name, port)
            session, leash = transport.open_session(
                target,
                [allow("127.0.0.1")],
                verify=str(certificate),
                lookup=answers("127.0.0.1"),
            )
            reply = self._post_tls(session, leash, f"https://{name}:{port}/")
            self.assertEqual(reply.error_class, expected, reply)

    def _post_tls(self, session, leash, url):
        # Odoo's test framework lets no name but localhost through.
        self.patch(type(session), "send", _super_send)
        return transport.post(session, leash, url, {}, b"{}", 5)

    def _serve_tls(self, name):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        certificate = Path(folder.name) / "certificate.pem"
        key = Path(folder.name) / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
            + ["-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
            + ["-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
        )

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args):
                return

        server = HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return certificate, server.server_port
