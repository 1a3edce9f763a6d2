import json
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from odoo.tests import BaseCase, tagged

from ..tools import schema

ORDER = {
    "type": "object",
    "required": ["store", "lines"],
    "properties": {
        "store": {"type": "string"},
        "at": {"type": "string", "format": "date-time"},
        "lines": {"type": "array", "items": {"type": "integer"}},
    },
}


@tagged("post_install", "-at_install")
class TestSchema(BaseCase):
    def test_takes_what_matches(self):
        self.assertEqual(
            schema.errors(json.dumps(ORDER), {"store": "1", "lines": [1]}), []
        )

    def test_points_at_every_failing_field(self):
        found = schema.errors(
            json.dumps(ORDER), {"store": 1, "at": "soon", "lines": [1, "x"]}
        )
        self.assertEqual(
            {error["pointer"] for error in found}, {"/store", "/at", "/lines/1"}
        )

    def test_never_quotes_the_values(self):
        found = schema.errors(json.dumps(ORDER), {"store": 4242, "lines": ["Jane Doe"]})
        self.assertNotIn("4242", str(found))
        self.assertNotIn("Jane", str(found))

    def test_refuses_what_is_no_schema(self):
        for text in ("", "[]", "{", '{"type": 12}', '{"$schema": "http://x/y"}'):
            with self.subTest(text), self.assertRaises(schema.SchemaError):
                schema.compile_schema(text)

    def test_never_fetches_a_reference(self):
        asked = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(404)
                self.end_headers()

        server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        reference = f"http://127.0.0.1:{server.server_port}/schema.json"
        with self.assertRaises(schema.SchemaError):
            schema.compile_schema(json.dumps({"$ref": reference}))
        self.assertEqual(asked, [])

    def test_a_hostile_text_does_not_keep_a_worker_busy(self):
        text = json.dumps({"type": "string", "pattern": "^(a+)+$"})
        started = time.monotonic()
        self.assertTrue(schema.errors(text, "a" * 50_000 + "!"))
        self.assertLess(time.monotonic() - started, 1)

    def test_writes_and_follows_json_pointers(self):
        self.assertEqual(schema.pointer(["a/b", 0, "c~d"]), "/a~1b/0/c~0d")
        instance = {"a/b": [{"c~d": 5}]}
        self.assertEqual(schema.resolve(instance, "/a~1b/0/c~0d"), 5)
        self.assertIsNone(schema.resolve(instance, "/a~1b/7"))
        self.assertIsNone(schema.resolve(instance, "/nowhere/at/all"))
