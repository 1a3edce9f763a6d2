"""Signatures agree with the official vectors and with the public library."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from launcher import webhook
from launcher.webhook import SignatureError

# The vector of the official libraries of Standard Webhooks.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
TIMESTAMP = 1614265330
BODY = b'{"test": 2432232314}'
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def received(**changed):
    """The headers of the official vector, some of them changed."""
    return {
        "webhook-id": MESSAGE_ID,
        "webhook-timestamp": str(TIMESTAMP),
        "webhook-signature": SIGNATURE,
        **{name.replace("_", "-"): value for name, value in changed.items()},
    }


def verify(headers, secret=SECRET, body=BODY, now=TIMESTAMP):
    return webhook.verify(secret, headers, body, now)


def test_signature_is_that_of_the_official_vector():
    assert webhook.sign(SECRET, MESSAGE_ID, TIMESTAMP, BODY) == SIGNATURE


def test_official_vector_is_accepted_with_and_without_the_prefix_of_the_secret():
    assert verify(received()) == MESSAGE_ID
    assert verify(received(), secret=SECRET.removeprefix("whsec_")) == MESSAGE_ID


def test_one_fitting_signature_among_others_is_enough():
    several = f"v1,bad  v2,bad {SIGNATURE} v1,bad"
    assert verify(received(webhook_signature=several)) == MESSAGE_ID


@pytest.mark.parametrize(
    "name", ["webhook-id", "webhook-timestamp", "webhook-signature"]
)
def test_a_missing_header_is_refused(name):
    headers = received()
    del headers[name]
    with pytest.raises(SignatureError):
        verify(headers)


@pytest.mark.parametrize(
    "signature",
    [
        "garbage",
        "v1,",
        "v1,a,b",
        "v1,abc",
        "v2" + SIGNATURE[2:],
        SIGNATURE[:-2] + "A=",
        "é",
    ],
)
def test_a_wrong_signature_is_refused_and_never_breaks_the_receiver(signature):
    with pytest.raises(SignatureError):
        verify(received(webhook_signature=signature))


@pytest.mark.parametrize("timestamp", ["", "soon", "1614265330.7", "-1", "1" * 13, "٣"])
def test_a_timestamp_that_is_no_number_is_refused(timestamp):
    with pytest.raises(SignatureError):
        verify(received(webhook_timestamp=timestamp))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_timestamp_five_minutes_off_is_refused(seconds):
    with pytest.raises(SignatureError):
        verify(received(), now=TIMESTAMP + seconds)


def test_a_changed_body_is_refused():
    with pytest.raises(SignatureError):
        verify(received(), body=BODY + b" ")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%", "w", "whsec_c2hvcnQ="])
def test_an_empty_or_broken_secret_signs_nothing(secret):
    with pytest.raises(SignatureError):
        webhook.sign(secret, MESSAGE_ID, TIMESTAMP, BODY)


@settings(deadline=None)
@given(st.dictionaries(st.text(), st.text()))
def test_the_public_library_accepts_what_we_sign(data):
    body = json.dumps(data).encode()
    headers = webhook.headers(SECRET, "msg_1", body)
    assert Webhook(SECRET).verify(body, headers) == data


@settings(deadline=None)
@given(st.binary(max_size=200), st.text(max_size=60), st.text(max_size=20))
def test_no_input_breaks_the_verification(body, signature, timestamp):
    headers = received(webhook_signature=signature, webhook_timestamp=timestamp)
    with pytest.raises(SignatureError):
        verify(headers, body=body, now=time.time())
