"""Each sender's scheme against its makers' own published examples."""

import base64
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from ..tools import envelope, scheme, shopify, standard_webhooks, stripe
from ..tools import standard_webhooks_asymmetric as v1a
from ..tools.idempotency import IdempotencyKeyError, idempotency_key
from ..tools.proof import StaleTimestampError, VerificationError

# Published by Svix, test_asymmetric_key_signing of its server.
V1A_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
V1A_AT = 1614265330
V1A_BODY = b'{"test": 2432232314}'
V1A_PRIVATE = (
    "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9"
    "lMicMFs6Kvg=="
)
V1A_PUBLIC = "whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4="
V1A_SIGNATURE = (
    "v1a,hnO3f9T8Ytu9HwrXslvumlUpqtNVqkhqw/enGzPCXe5BdqzCInXqYXFymVJaA7AZdpXwVLPo3mNl8"
    "EM+m7TBAg=="
)
# Published by Stripe: EventUtilityTest and its payload, of the .NET library.
STRIPE_KEY = b"webhook_secret"
STRIPE_AT = 1533204620
STRIPE_BODY = b"""{
  "id": "evt_123",
  "object": "event",
  "account": "acct_123",
  "api_version": "2017-05-25",
  "created": 1533204620,
  "data": {
    "object": {
      "id": "ii_123",
      "object": "invoiceitem",
      "amount": 1000,
      "currency": "usd",
      "customer": "cus_123",
      "date": 1533204620,
      "description": "Test Invoice Item",
      "discountable": false,
      "invoice": "in_123",
      "livemode": false,
      "metadata": {},
      "period": {
        "start": 1533204620,
        "end": 1533204620
      },
      "plan": null,
      "proration": false,
      "quantity": null,
      "subscription": null
    }
  },
  "livemode": false,
  "pending_webhooks": 1,
  "request": {
    "id": "req_123",
    "idempotency_key": "idempotency-key-123"
  },
  "type": "invoiceitem.created"
}
"""
STRIPE_V1 = "f0bdba6d4eacbd8ad8a3bbadd7248e633ec1477f7899c124c51b39405fa36613"
STRIPE_V0 = "63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef"
STRIPE_HEADER = f"t={STRIPE_AT},v1={STRIPE_V1},v0={STRIPE_V0}"
# Published by SQLPage, its test of Shopify's header.
SHOPIFY_KEY = b"test-webhook-secret"
SHOPIFY_BODY = (
    b'{"id":1234567890,"email":"customer@example.com","total_price":"123.45"}'
)
SHOPIFY_SIGNATURE = "QNyObTlKbMx2qDlPF/ZOZcBqg5OgPg+2oky3zldc0Gw="


@tagged("post_install", "-at_install")
class TestAsymmetric(BaseCase):
    def headers(self, signature=V1A_SIGNATURE):
        return {
            "webhook-id": V1A_ID,
            "webhook-timestamp": str(V1A_AT),
            "webhook-signature": signature,
        }

    def verify(self, headers, body=V1A_BODY, now=V1A_AT, keys=None):
        keys = keys or [v1a.decode_public_key(V1A_PUBLIC)]
        return v1a.verify(keys, headers, body, now, 300)

    def test_verifies_and_signs_the_published_vector(self):
        self.assertEqual(self.verify(self.headers()), (V1A_ID, V1A_AT))
        signed = v1a.sign(V1A_PRIVATE, V1A_ID, V1A_AT, V1A_BODY)
        self.assertEqual(signed, V1A_SIGNATURE)

    def test_a_changed_body_a_wrong_key_and_an_old_time_are_refused(self):
        with self.assertRaises(VerificationError):
            self.verify(self.headers(), body=V1A_BODY + b" ")
        other = bytes.fromhex(
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
        )
        with self.assertRaises(VerificationError):
            self.verify(self.headers(), keys=[other])
        with self.assertRaises(StaleTimestampError):
            self.verify(self.headers(), now=V1A_AT + 301)

    def test_malformed_signatures_are_refused_with_one_kind_of_error(self):
        for text in ("", "v1a,", "v1a,%", "v1a,AAAA", "v1a", V1A_SIGNATURE[:-3]):
            with self.subTest(text), self.assertRaises(VerificationError):
                self.verify(self.headers(text))

    def test_an_hmac_made_with_the_public_key_is_no_signature(self):
        """Algorithm confusion: an HMAC with a public key proves nothing."""
        key = v1a.decode_public_key(V1A_PUBLIC)
        hmac_scheme = scheme.SCHEMES["standard_webhooks"]
        forged = standard_webhooks.signature(key, V1A_ID, V1A_AT, V1A_BODY)
        as_v1a = "v1a" + forged.removeprefix("v1")
        for text in (forged, as_v1a):
            with self.assertRaises(VerificationError):
                self.verify(self.headers(text))
        with self.assertRaises(VerificationError):
            hmac_scheme.verify([key], self.headers(), V1A_BODY, V1A_AT, 300)

    def test_only_a_public_key_is_taken(self):
        truncated = "whpk_" + base64.b64encode(b"k" * 31).decode()
        for text in (V1A_PRIVATE, "whsec_" + "A" * 44, "w", "whpk_%", truncated, ""):
            with self.subTest(text[:6]), self.assertRaises(ValueError):
                v1a.decode_public_key(text)


@tagged("post_install", "-at_install")
class TestStripe(BaseCase):
    def verify(self, header, body=STRIPE_BODY, now=STRIPE_AT):
        headers = {} if header is None else {stripe.SIGNATURE: header}
        return stripe.verify([STRIPE_KEY], headers, body, now, 300)

    def test_verifies_and_signs_the_published_vector(self):
        self.assertEqual(self.verify(STRIPE_HEADER).timestamp, STRIPE_AT)
        self.assertEqual(
            stripe.signature(STRIPE_KEY, STRIPE_AT, STRIPE_BODY), STRIPE_V1
        )

    def test_reads_the_published_event(self):
        event = stripe.read(json.loads(STRIPE_BODY), STRIPE_BODY, {})
        self.assertEqual(event.event_id, "evt_123")
        self.assertEqual(event.type, "stripe.invoiceitem.created")
        self.assertEqual(str(event.occurred_at), "2018-08-02 10:10:20")
        self.assertEqual(event.data["object"]["amount"], 1000)

    def test_takes_one_right_signature_among_several(self):
        self.assertTrue(self.verify(f"t={STRIPE_AT},v1=bad,v1={STRIPE_V1}"))

    def test_a_lower_version_counts_for_nothing(self):
        with self.assertRaises(VerificationError):
            self.verify(f"t={STRIPE_AT},v0={STRIPE_V1}")

    def test_everything_else_is_refused(self):
        for header in (
            None,
            "",
            "garbage",
            f"v1={STRIPE_V1}",
            f"t=,v1={STRIPE_V1}",
            f"t={STRIPE_AT}",
            f"t={STRIPE_AT},v1=",
            f"t={STRIPE_AT},t={STRIPE_AT},v1={STRIPE_V1}",
            f"t={STRIPE_AT}.0,v1={STRIPE_V1}",
            f"t=0{STRIPE_AT},v1={STRIPE_V1}",
            f"t={STRIPE_AT + 1},v1={STRIPE_V1}",
            f"t={STRIPE_AT},v1={STRIPE_V1.upper()}",
        ):
            with self.subTest(header), self.assertRaises(VerificationError):
                self.verify(header)
        with self.assertRaises(VerificationError):
            self.verify(STRIPE_HEADER, body=STRIPE_BODY.strip())

    def test_an_old_or_future_message_is_stale(self):
        for now in (STRIPE_AT + 301, STRIPE_AT - 301):
            with self.assertRaises(StaleTimestampError):
                self.verify(STRIPE_HEADER, now=now)

    def test_names_the_member_that_is_missing(self):
        whole = json.loads(STRIPE_BODY)
        for changes, pointer in (
            ({"id": None}, "/id"),
            ({"created": "1533204620"}, "/created"),
            ({"created": True}, "/created"),
            ({"type": ""}, "/type"),
            ({"data": []}, "/data"),
        ):
            with self.assertRaises(envelope.EnvelopeError) as caught:
                stripe.read({**whole, **changes}, b"", {})
            self.assertEqual(caught.exception.pointer, pointer)


@tagged("post_install", "-at_install")
class TestShopify(BaseCase):
    HEADERS = {
        shopify.SIGNATURE: SHOPIFY_SIGNATURE,
        shopify.TOPIC: "orders/create",
        shopify.TRIGGERED_AT: "2026-05-04T09:30:00.877041743Z",
        shopify.ACTION: "98880550-7158-44d4-b7cd-2c97c8a091b5",
    }

    def test_verifies_and_signs_the_published_vector(self):
        self.assertTrue(shopify.verify([SHOPIFY_KEY], self.HEADERS, SHOPIFY_BODY))
        self.assertEqual(
            shopify.signature(SHOPIFY_KEY, SHOPIFY_BODY), SHOPIFY_SIGNATURE
        )

    def test_everything_else_is_refused(self):
        for text in ("", "x", SHOPIFY_SIGNATURE[:-1], SHOPIFY_SIGNATURE.lower(), "é"):
            headers = {**self.HEADERS, shopify.SIGNATURE: text}
            with self.subTest(text), self.assertRaises(VerificationError):
                shopify.verify([SHOPIFY_KEY], headers, SHOPIFY_BODY)
        with self.assertRaises(VerificationError):
            shopify.verify([SHOPIFY_KEY], {}, SHOPIFY_BODY)
        with self.assertRaises(VerificationError):
            shopify.verify([SHOPIFY_KEY], self.HEADERS, SHOPIFY_BODY + b"\n")
        with self.assertRaises(VerificationError):
            shopify.verify([], self.HEADERS, SHOPIFY_BODY)

    def read_with(self, **changes):
        headers = {**self.HEADERS, **changes}
        return shopify.read(json.loads(SHOPIFY_BODY), SHOPIFY_BODY, headers)

    def test_reads_the_topic_as_type_and_the_action_as_correlation(self):
        event = self.read_with()
        self.assertEqual(event.type, "shopify.orders.create")
        self.assertEqual(str(event.occurred_at), "2026-05-04 09:30:00.877041")
        self.assertEqual(event.correlation_id, self.HEADERS[shopify.ACTION])

    def test_another_event_id_in_the_unsigned_header_makes_no_other_event(self):
        first, again = self.read_with(), self.read_with(**{shopify.ACTION: "other"})
        self.assertEqual(first.event_id, again.event_id)
        other = self.read_with(**{shopify.TOPIC: "orders/paid"})
        self.assertNotEqual(first.event_id, other.event_id)

    def test_a_topic_is_required_and_cannot_smuggle(self):
        for topic in (None, "", "orders", "orders/../create", "Orders/Create", "a/b\n"):
            with self.subTest(topic), self.assertRaises(envelope.EnvelopeError):
                self.read_with(**{shopify.TOPIC: topic})


@tagged("post_install", "-at_install")
class TestRegistry(BaseCase):
    def test_another_scheme_can_be_added_and_none_replaced(self):
        shipped = scheme.SCHEMES["stripe"]
        with self.assertRaises(ValueError):
            scheme.register(shipped)
        scheme.register(shipped._replace(name="test_pay", label="Test Pay"))
        self.addCleanup(scheme.SCHEMES.pop, "test_pay")
        self.assertIn(("test_pay", "Test Pay"), scheme.choices())

    @settings(max_examples=300, deadline=None)
    @given(
        st.sampled_from(sorted(scheme.SCHEMES)),
        st.text(max_size=120),
        st.text(max_size=30),
        st.text(max_size=30),
        st.binary(max_size=80),
    )
    def test_no_scheme_fails_in_another_way(self, name, signature, at, msg_id, body):
        chosen = scheme.SCHEMES[name]
        hostile = {
            chosen.header: signature,
            "webhook-id": msg_id or "evt-1",
            "webhook-timestamp": at or "1614265330",
        }
        key = v1a.decode_public_key(V1A_PUBLIC)
        with self.assertRaises(VerificationError):
            chosen.verify([key], hostile, body, 1614265330, 300)


@tagged("post_install", "-at_install")
class TestIdempotencyKey(BaseCase):
    def test_reads_the_drafts_own_example_and_bare_words(self):
        key = "8e03978e-40d5-43dd-bc93-6894a57f9324"
        self.assertEqual(idempotency_key(f'"{key}"'), key)
        self.assertEqual(idempotency_key(key), key)
        self.assertEqual(idempotency_key('"a\\"b"'), 'a"b')
        self.assertIsNone(idempotency_key(None))

    def test_refuses_what_is_no_key(self):
        for text in ("", '""', '"a', 'a"', '"a b"', "a.b", "x" * 129, '"é"', "a\nb"):
            with self.subTest(text), self.assertRaises(IdempotencyKeyError):
                idempotency_key(text)
