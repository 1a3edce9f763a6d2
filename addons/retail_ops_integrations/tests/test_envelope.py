import datetime
import json

from odoo.tests import BaseCase, tagged

from ..tools import envelope

CLOUDEVENT = {
    "specversion": "1.0",
    "id": "A234-1234-1234",
    "source": "/sensors/tn-1234567/alerts",
    "type": "com.example.someevent",
    "time": "2018-04-05T17:31:00Z",
    "datacontenttype": "application/json",
    "data": {"key": "value"},
}
PLAIN = {
    "type": "stock.discrepancy.found",
    "timestamp": "2026-05-04T11:30:00.25+02:00",
    "data": {"store": "0042"},
}


@tagged("post_install", "-at_install")
class TestEnvelope(BaseCase):
    def test_reads_the_plain_body(self):
        event = envelope.read_plain(PLAIN, "evt-1")
        self.assertEqual(event.event_id, "evt-1")
        self.assertEqual(event.version, 1)
        self.assertEqual(
            event.occurred_at, datetime.datetime(2026, 5, 4, 9, 30, 0, 250000)
        )

    def test_reads_a_cloudevent(self):
        event = envelope.read_cloudevent(
            {**CLOUDEVENT, "correlationid": "c-1", "dataschema": "urn:x:thing:3"}
        )
        self.assertEqual(event.event_id, "A234-1234-1234")
        self.assertEqual(event.version, 3)
        self.assertEqual(event.correlation_id, "c-1")

    def test_reads_the_version_off_the_data_schema(self):
        for uri, version in (
            ("https://example.com/order/v2", 2),
            ("https://example.com/order/v12.json", 12),
            ("urn:retail-ops:schema:a.b:4", 4),
            ("https://example.com/order", 1),
            (None, 1),
            (7, 1),
        ):
            event = envelope.read_cloudevent({**CLOUDEVENT, "dataschema": uri})
            self.assertEqual(event.version, version, uri)

    def test_names_the_member_that_is_wrong(self):
        for changes, pointer in (
            ({"type": ""}, "/type"),
            ({"type": "a..b"}, "/type"),
            ({"type": 1}, "/type"),
            ({"timestamp": None}, "/timestamp"),
            ({"timestamp": "2026-05-04"}, "/timestamp"),
            ({"timestamp": "2026-05-04T09:30:00"}, "/timestamp"),
            ({"timestamp": "0001-01-01T00:00:00+14:00"}, "/timestamp"),
            ({"timestamp": 1767225600}, "/timestamp"),
            ({"data": []}, "/data"),
            ({"data": None}, "/data"),
            ({"version": "1"}, "/version"),
            ({"version": True}, "/version"),
            ({"version": 0}, "/version"),
            ({"data": {"correlation_id": "no spaces"}}, "/data/correlation_id"),
        ):
            with self.subTest(changes=changes):
                with self.assertRaises(envelope.EnvelopeError) as caught:
                    envelope.read_plain({**PLAIN, **changes}, "evt-1")
                self.assertEqual(caught.exception.pointer, pointer)

    def test_names_the_cloudevents_attribute_that_is_wrong(self):
        for changes, pointer in (
            ({"specversion": "0.3"}, "/specversion"),
            ({"id": ""}, "/id"),
            ({"id": "a.b"}, "/id"),
            ({"source": None}, "/source"),
            ({"time": "yesterday"}, "/time"),
            ({"datacontenttype": "text/xml"}, "/datacontenttype"),
            ({"data": "<xml/>"}, "/data"),
        ):
            with self.subTest(changes=changes):
                with self.assertRaises(envelope.EnvelopeError) as caught:
                    envelope.read_cloudevent({**CLOUDEVENT, **changes})
                self.assertEqual(caught.exception.pointer, pointer)

    def test_writes_the_same_bytes_every_time_and_reads_them_back(self):
        at = datetime.datetime(2026, 5, 4, 9, 30)
        plain = envelope.write_plain("a.b", 2, at, {"é": 1})
        self.assertEqual(plain, envelope.write_plain("a.b", 2, at, {"é": 1}))
        self.assertEqual(envelope.read_plain(json.loads(plain), "x").version, 2)
        cloud = envelope.write_cloudevent(
            "msg_1", "urn:x", "a.b", 2, at, {"é": 1}, {"partitionkey": None}
        )
        event = envelope.read_cloudevent(json.loads(cloud))
        self.assertEqual((event.version, event.occurred_at), (2, at))
        self.assertNotIn("partitionkey", json.loads(cloud))
