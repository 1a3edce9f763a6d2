import base64
import datetime
import time

from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from odoo.tests import BaseCase, tagged

from ..tools import standard_webhooks as sw

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
KEY = sw.decode_secret(SECRET)

# What a header of a well-meaning or hostile sender may hold besides a signature.
HOSTILE_SIGNATURES = [
    "",
    "garbage",
    "v1,",
    "v1,a,b",
    "v1,abc",
    "v1 " + SIGNATURE[3:],
    "v2," + SIGNATURE[3:],
    "v1a," + SIGNATURE[3:],
    "V1," + SIGNATURE[3:],
    SIGNATURE[:-1],
    SIGNATURE + "=",
    "v1,\u00e9\u20ac",
    "v1," + "A" * 100_000,
    "none," + SIGNATURE[3:],
]
HOSTILE_TIMESTAMPS = [
    "",
    "abc",
    "1614265330.7",
    "-1614265330",
    "+1614265330",
    " 1614265330",
    "01614265330",
    "1e9",
    "16142653309999999",
    "\u0661\u0666\u0661\u0664\u0662\u0666\u0665\u0663\u0663\u0660",
]
HOSTILE_IDS = ["", "msg.1614265330", "a b", "a\nb", "x" * 129, "caf\u00e9"]


def headers(**changes):
    return {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(TIMESTAMP),
        "webhook-signature": SIGNATURE,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }


def verify(changed, body=BODY, keys=(KEY,), now=TIMESTAMP, tolerance=300):
    return sw.verify(list(keys), changed, body, now, tolerance)


@tagged("post_install", "-at_install")
class TestStandardWebhooks(BaseCase):
    def test_signs_the_official_vector_byte_for_byte(self):
        self.assertEqual(
            sw.signature(KEY, MESSAGE_ID, TIMESTAMP, BODY),
            SIGNATURE,
        )

    def test_verifies_the_official_vector(self):
        self.assertEqual(verify(headers()), (MESSAGE_ID, TIMESTAMP))

    def test_takes_a_secret_without_prefix_and_without_padding(self):
        bare = SECRET.removeprefix("whsec_")
        self.assertEqual(sw.decode_secret(bare), KEY)
        padded = base64.b64encode(b"k" * 25).decode()
        self.assertEqual(sw.decode_secret(padded.rstrip("=")), b"k" * 25)

    def test_refuses_secrets_that_are_empty_short_long_or_no_base64(self):
        refused = ["", "whsec_", "w", "whsec_%", "whsec_wronglength", "hwsec_" + SECRET]
        refused += ["whsec_" + base64.b64encode(b"k" * 65).decode(), "whsec_\u00e9"]
        for secret in refused:
            with self.subTest(secret=secret), self.assertRaises(ValueError):
                sw.decode_secret(secret)

    def test_refuses_every_hostile_signature_with_one_kind_of_error(self):
        for signature in HOSTILE_SIGNATURES:
            with self.subTest(signature=signature[:40]):
                with self.assertRaises(sw.VerificationError):
                    verify(headers(webhook_signature=signature))

    def test_refuses_every_hostile_timestamp(self):
        for timestamp in HOSTILE_TIMESTAMPS:
            with self.subTest(timestamp=timestamp):
                with self.assertRaises(sw.VerificationError):
                    verify(headers(webhook_timestamp=timestamp))

    def test_refuses_every_hostile_id_even_when_signed(self):
        for message_id in HOSTILE_IDS:
            with self.subTest(message_id=message_id):
                with self.assertRaises(sw.VerificationError):
                    verify(headers(webhook_id=message_id))

    def test_refuses_when_any_header_is_missing(self):
        for name in headers():
            incomplete = {key: text for key, text in headers().items() if key != name}
            with self.subTest(missing=name), self.assertRaises(sw.VerificationError):
                verify(incomplete)

    def test_accepts_a_good_signature_among_bad_ones_and_double_spaces(self):
        several = f"v1,bad  v2,bad {SIGNATURE} v1,bad"
        self.assertEqual(
            verify(headers(webhook_signature=several))[0],
            MESSAGE_ID,
        )

    def test_tells_a_stale_timestamp_from_a_wrong_signature(self):
        for now in (TIMESTAMP + 301, TIMESTAMP - 301):
            with self.assertRaises(sw.StaleTimestampError):
                verify(headers(), now=now)
        with self.assertRaises(sw.VerificationError) as caught:
            verify(headers(webhook_signature="v1,bad"), now=TIMESTAMP + 301)
        self.assertNotIsInstance(caught.exception, sw.StaleTimestampError)

    def test_accepts_exactly_the_tolerance(self):
        for now in (TIMESTAMP + 300, TIMESTAMP - 300):
            self.assertTrue(verify(headers(), now=now))

    def test_accepts_any_key_of_a_rotation_and_no_other(self):
        other = sw.decode_secret(sw.new_secret())
        self.assertTrue(verify(headers(), keys=(other, KEY)))
        with self.assertRaises(sw.VerificationError):
            verify(headers(), keys=(other,))
        with self.assertRaises(sw.VerificationError):
            verify(headers(), keys=())

    def test_signs_with_every_key_of_a_rotation(self):
        other = sw.decode_secret(sw.new_secret())
        signed = sw.sign([KEY, other], MESSAGE_ID, TIMESTAMP, BODY)
        self.assertEqual(len(signed["webhook-signature"].split()), 2)
        for key in (KEY, other):
            self.assertTrue(verify(signed, keys=(key,)))

    def test_new_secrets_are_texts_that_n8n_can_use_as_they_are(self):
        secret = sw.new_secret()
        key = sw.decode_secret(secret)
        self.assertTrue(secret.startswith("whsec_"))
        self.assertEqual(len(key), 32)
        self.assertTrue(key.decode("ascii").isalnum())
        self.assertNotEqual(secret, sw.new_secret())

    def test_the_public_library_verifies_what_we_sign(self):
        secret, now = sw.new_secret(), int(time.time())
        body = '{"naïve": "é"}'.encode()
        signed = sw.sign([sw.decode_secret(secret)], "msg_1", now, body)
        self.assertEqual(Webhook(secret).verify(body, signed), {"naïve": "é"})

    def test_we_verify_what_the_public_library_signs(self):
        now = datetime.datetime.now(datetime.timezone.utc)
        signature = Webhook(SECRET).sign("msg_1", now, BODY.decode())
        signed = headers(
            webhook_id="msg_1",
            webhook_timestamp=str(int(now.timestamp())),
            webhook_signature=signature,
        )
        self.assertTrue(verify(signed, now=int(now.timestamp())))

    @settings(max_examples=300, deadline=None)
    @given(st.binary(max_size=200), st.data())
    def test_any_single_flipped_bit_is_noticed(self, body, data):
        signed = sw.sign([KEY], MESSAGE_ID, TIMESTAMP, body)
        part = data.draw(st.sampled_from(["body", *signed]))
        original = body if part == "body" else signed[part].encode()
        if not original:
            return
        position = data.draw(st.integers(0, len(original) * 8 - 1))
        flipped = bytearray(original)
        flipped[position // 8] ^= 1 << position % 8
        changed = bytes(flipped) if part == "body" else body
        if part != "body":
            signed[part] = bytes(flipped).decode("latin-1")
        with self.assertRaises(sw.VerificationError):
            verify(signed, body=changed, tolerance=10**12)

    @settings(max_examples=200, deadline=None)
    @given(st.text(max_size=80), st.text(max_size=30), st.text(max_size=200))
    def test_no_header_makes_it_fail_in_another_way(self, message_id, at, signature):
        hostile = headers(
            webhook_id=message_id, webhook_timestamp=at, webhook_signature=signature
        )
        with self.assertRaises(sw.VerificationError):
            verify(hostile)
