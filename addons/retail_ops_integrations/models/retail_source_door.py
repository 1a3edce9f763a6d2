import functools
import math
import os
import time
from collections.abc import Callable
from typing import NamedTuple

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import api, models

from ..tools import api_key, envelope, standard_webhooks, strict_json
from ..tools import scheme as schemes
from ..tools.bucket import TokenBuckets
from ..tools.idempotency import IdempotencyKeyError, idempotency_key
from ..tools.problem import Problem
from ..tools.proof import Proof, StaleTimestampError, VerificationError
from .retail_source import Door

SOURCE_HEADER = "Retail-Ops-Source"
SOURCE_PARAMETER = "source"
WINDOW_SECONDS = 60
UNAUTHENTICATED = (
    "the source is unknown or not active, or no signature of the raw body matches"
)
# One answer for every source, so that it tells nothing about how one signs.
CHALLENGE = "StandardWebhooks"

BUCKETS = TokenBuckets()
# Verified against when the source is unknown, so that the answer takes as long.
NOBODYS_KEY = os.urandom(32)


class Call(NamedTuple):
    """A request whose sender is proven.

    door: Door; body: bytes; message_id: text, None when nothing names it;
    names_id: whether the signature covers that id; scopes: what the request may
    do; read: function (parsed) -> envelope.Event for a
    sender with an envelope of its own, else None; remaining: events the source may
    send before it has to wait.
    """

    door: Door
    body: bytes
    message_id: str | None
    names_id: bool
    scopes: frozenset
    read: Callable | None
    remaining: int

    def rate_headers(self):
        """Return the RateLimit fields (IETF draft of September 2025)."""
        return _rate_headers(self.door, self.remaining, WINDOW_SECONDS)

    def require(self, scope):
        """Raise unless the request may do something.

        :param scope: one of retail_source_api_key.SCOPES
        :raise Problem: 403
        """
        if scope not in self.scopes:
            raise Problem(
                "scope-missing",
                403,
                f"the key of {self.door.code} lacks the scope {scope}",
            )

    def required_id(self):
        """Return the message's id.

        :raise Problem: 400, nothing names it
        """
        if self.message_id:
            return self.message_id
        raise Problem(
            "event-id-missing",
            400,
            "send webhook-id or Idempotency-Key, the same on every retry",
            errors=[{"header": "Idempotency-Key", "detail": "is required"}],
        )


class RetailSource(models.Model):
    """The first half of the door: size, signature, clock, rate, in this order."""

    _inherit = "retail.source"

    @api.model
    def _authenticate_call(self, httprequest):
        """Prove who sent a request, and brake who sends too much.

        :param httprequest: werkzeug request
        :return: :class:`Call`
        :raise Problem: 413, 401, 400 or 429
        """
        body = self._read_body(httprequest)
        code = httprequest.headers.get(SOURCE_HEADER) or httprequest.args.get(
            SOURCE_PARAMETER
        )
        door, keys = self._keys_for(code)
        headers = httprequest.headers
        proof, scopes, read = self._prove(door, keys, headers, body)
        remaining = self._take(door)
        message_id = self._message_id(door, proof, headers)
        names_id = proof.message_id is not None
        return Call(door, body, message_id, names_id, scopes, read, remaining)

    @api.model
    def _read_body(self, httprequest):
        """Return the raw body; of one too large, not more than its limit is read."""
        # A body in chunks names no length: what is beyond the limit is cut off.
        httprequest.max_content_length = strict_json.MAX_BYTES + 1
        try:
            body = httprequest.get_data(cache=True)
        except RequestEntityTooLarge as error:
            raise self._too_large() from error
        if len(body) > strict_json.MAX_BYTES:
            raise self._too_large()
        return body

    @api.model
    def _too_large(self):
        return Problem(
            "payload-too-large",
            413,
            f"at most {strict_json.MAX_BYTES} bytes are taken",
        )

    @api.model
    def _prove(self, door, keys, headers, body):
        """Check the signature, or the API key of who sends none.

        A request that carries a signature is judged by it alone: nobody gets in
        with a key because the signature is wrong.

        :return: tuple (proof.Proof, scopes, reader of the sender's own envelope)
        """
        key = api_key.presented(headers)
        if key and door and not schemes.is_signed(headers):
            return Proof(None, None), self._scopes_of_key(door, key), None
        proof = self._verify(door, keys, headers, body)
        read = schemes.SCHEMES[door.scheme].read
        own = read and functools.partial(read, raw=body, headers=headers)
        return proof, door.signed_scopes, own

    @api.model
    def _scopes_of_key(self, door, key):
        found = api_key.find(door.api_keys_at(time.time()), key)
        if not found:
            raise self._unauthenticated()
        return found.scopes

    @api.model
    def _verify(self, door, keys, headers, body):
        """Check the signature on the raw bytes, then the clock.

        :return: proof.Proof
        """
        verify = schemes.SCHEMES[door.scheme if door else "standard_webhooks"].verify
        tolerance = door.tolerance if door else standard_webhooks.DEFAULT_TOLERANCE
        now = int(time.time())
        try:
            return verify(keys or [NOBODYS_KEY], headers, body, now, tolerance)
        except StaleTimestampError as error:
            raise self._stale(door, now, tolerance) from error
        except VerificationError as error:
            raise self._unauthenticated() from error

    @api.model
    def _unauthenticated(self):
        """Say no without saying why, in the words of every refused request."""
        return Problem(
            "unauthenticated",
            401,
            UNAUTHENTICATED,
            headers=[("WWW-Authenticate", CHALLENGE)],
        )

    @api.model
    def _stale(self, door, now, tolerance):
        """Tell a proven sender with a wrong clock what time it is here."""
        problem = Problem(
            "timestamp-outside-window",
            401,
            f"the clocks differ by more than {tolerance} seconds",
            headers=[("WWW-Authenticate", CHALLENGE)],
            server_time=now,
        )
        problem.source_id = door.id
        return problem

    @api.model
    def _message_id(self, door, proof, headers):
        """Return what identifies the message, from wherever the sender named it.

        ``Idempotency-Key`` stands in for ``webhook-id`` (IETF draft 07); what a
        signature covers may not be contradicted by what it does not.
        """
        try:
            named = idempotency_key(headers.get("Idempotency-Key"))
        except IdempotencyKeyError as error:
            raise self._wrong_id(door, "Idempotency-Key", str(error)) from error
        message_id = proof.message_id or headers.get("webhook-id") or named
        if named and message_id != named:
            raise self._wrong_id(door, "Idempotency-Key", "differs from webhook-id")
        if message_id and not envelope.is_event_id(message_id):
            raise self._wrong_id(
                door, "webhook-id", "1 to 128 printable characters but dots and spaces"
            )
        return message_id

    @api.model
    def _wrong_id(self, door, header, detail):
        problem = Problem(
            "envelope-invalid",
            400,
            f"{header}: {detail}",
            errors=[{"header": header, "detail": detail}],
        )
        problem.source_id = door.id
        return problem

    @api.model
    def _take(self, door, amount=1):
        """Take from the source's budget of this process.

        :return: int, what is left
        :raise Problem: 429 with the seconds to wait
        """
        remaining, wait = BUCKETS.take(
            (self.env.cr.dbname, door.id), door.rate_per_minute, amount
        )
        if not wait:
            return remaining
        seconds = math.ceil(wait)
        problem = Problem(
            "quota-exceeded",
            429,
            f"at most {door.rate_per_minute} events a minute; wait {seconds} s",
            headers=[("Retry-After", str(seconds))]
            + _rate_headers(door, remaining, seconds),
        )
        problem.source_id = door.id
        raise problem


def _rate_headers(door, remaining, seconds):
    if not door.rate_per_minute:
        return []
    return [
        ("RateLimit-Policy", f'"default";q={door.rate_per_minute};w={WINDOW_SECONDS}'),
        ("RateLimit", f'"default";r={remaining};t={seconds}'),
    ]
