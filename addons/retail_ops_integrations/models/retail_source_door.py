import math
import os
import time
from typing import NamedTuple

from werkzeug.exceptions import RequestEntityTooLarge

from odoo import api, models

from ..tools import standard_webhooks, strict_json
from ..tools.bucket import TokenBuckets
from ..tools.problem import Problem
from .retail_source import Door

SOURCE_HEADER = "Retail-Ops-Source"
SOURCE_PARAMETER = "source"
WINDOW_SECONDS = 60
UNAUTHENTICATED = (
    "the source is unknown or not active, or no signature of the raw body matches"
)

BUCKETS = TokenBuckets()
# Verified against when the source is unknown, so that the answer takes as long.
NOBODYS_KEY = os.urandom(32)
SCHEMES = {"standard_webhooks": standard_webhooks.verify}


class Call(NamedTuple):
    """A request whose sender is proven.

    door: Door; body: bytes; message_id: text; remaining: events the source may
    send before it has to wait.
    """

    door: Door
    body: bytes
    message_id: str
    remaining: int

    def rate_headers(self):
        """Return the RateLimit fields (IETF draft of September 2025)."""
        return _rate_headers(self.door, self.remaining, WINDOW_SECONDS)


class RetailSource(models.Model):
    """The first half of the door: size, signature, clock, rate, in this order."""

    _inherit = "retail.source"

    @api.model
    def _authenticate_call(self, httprequest):
        """Prove who sent a request, and brake who sends too much.

        :param httprequest: werkzeug request
        :return: :class:`Call`
        :raise Problem: 413, 401 or 429
        """
        body = self._read_body(httprequest)
        code = httprequest.headers.get(SOURCE_HEADER) or httprequest.args.get(
            SOURCE_PARAMETER
        )
        door, keys = self._keys_for(code)
        message_id = self._verify(door, keys, httprequest.headers, body)
        return Call(door, body, message_id, self._take(door))

    @api.model
    def _read_body(self, httprequest):
        httprequest.max_content_length = strict_json.MAX_BYTES
        try:
            return httprequest.get_data(cache=True)
        except RequestEntityTooLarge as error:
            raise Problem(
                "payload-too-large",
                413,
                f"at most {strict_json.MAX_BYTES} bytes are taken",
            ) from error

    @api.model
    def _verify(self, door, keys, headers, body):
        """Check the signature on the raw bytes, then the clock.

        :return: text, the message's id
        """
        verify = SCHEMES[door.scheme] if door else standard_webhooks.verify
        tolerance = door.tolerance if door else standard_webhooks.DEFAULT_TOLERANCE
        now = int(time.time())
        try:
            message_id, _at = verify(
                keys or [NOBODYS_KEY], headers, body, now, tolerance
            )
        except standard_webhooks.StaleTimestampError as error:
            raise self._stale(door, now, tolerance) from error
        except standard_webhooks.VerificationError as error:
            raise Problem(
                "unauthenticated",
                401,
                UNAUTHENTICATED,
                headers=[("WWW-Authenticate", "StandardWebhooks")],
            ) from error
        return message_id

    @api.model
    def _stale(self, door, now, tolerance):
        """Tell a proven sender with a wrong clock what time it is here."""
        problem = Problem(
            "timestamp-outside-window",
            401,
            f"the clocks differ by more than {tolerance} seconds",
            headers=[("WWW-Authenticate", "StandardWebhooks")],
            server_time=now,
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
