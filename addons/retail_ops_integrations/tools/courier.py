"""Posts the letters of one endpoint in turn; runs in a thread, knows no database."""

import time
from typing import NamedTuple

from . import egress, envelope, standard_webhooks, transport

CONTENT_TYPES = {"plain": envelope.PLAIN, "cloudevents": envelope.CLOUDEVENT}
DEADLINE = transport.DEADLINE
GIVE_WAY = ("timeout", "connection", "tls")
FAILURES_IN_A_ROW = 10  # enough for the breaker to judge; the others keep theirs
BUNDLE_SECONDS = 30  # a receiver that takes long for each letter yields its thread
NO_KEY = transport.Reply(0, "", None, "no key to sign with", "key", 0.0)


class Letter(NamedTuple):
    """What is to be posted: id of the delivery, webhook-id, body (bytes)."""

    delivery_id: int
    message_id: str
    body: bytes


class Bundle(NamedTuple):
    """Letters for one address.

    url, content_type: texts; keys: list of bytes; allowances: list of
    egress.Allowance; letters: list of :class:`Letter`; patience: seconds after which
    an answer ends the bundle, None for no end.
    """

    url: str
    keys: list
    content_type: str
    allowances: list
    letters: list
    patience: float | None = None


def deliver(bundle):
    """Post each letter once, until the receiver cannot be reached.

    :param bundle: :class:`Bundle`
    :return: list of (delivery id, transport.Reply), aligned with the letters; None
        in place of the reply for those that were not tried
    """
    if not bundle.keys:
        return [(letter.delivery_id, NO_KEY) for letter in bundle.letters]
    started = time.monotonic()
    try:
        target = egress.parse_url(bundle.url)
        session, leash = transport.open_session(target, bundle.allowances)
    except (egress.EgressError, OSError) as error:
        spent = time.monotonic() - started
        return _unreachable(bundle, transport.refused(error, spent))
    try:
        return _post_all(bundle, session, leash, started)
    finally:
        session.close()
        leash.close()


def _unreachable(bundle, reply):
    """Return what an address that cannot be reached means for each letter."""
    if reply.error_class == "blocked":
        return [(letter.delivery_id, reply) for letter in bundle.letters]
    first, *others = bundle.letters
    return [(first.delivery_id, reply)] + [
        (letter.delivery_id, None) for letter in others
    ]


def _post_all(bundle, session, leash, started):
    results, go_on, in_a_row = [], True, 0
    ends_at = started + BUNDLE_SECONDS
    for letter in bundle.letters:
        reply = _post(bundle, letter, session, leash, started) if go_on else None
        started = time.monotonic()
        results.append((letter.delivery_id, reply))
        if reply:
            in_a_row = 0 if is_success(reply) else in_a_row + 1
            go_on = (
                _is_worth_more(reply)
                and reply.duration <= (bundle.patience or BUNDLE_SECONDS)
                and in_a_row < FAILURES_IN_A_ROW
                and time.monotonic() < ends_at
            )
    return results


def is_success(reply):
    """Tell whether the receiver took the letter.

    :param reply: transport.Reply
    """
    return 200 <= reply.status < 300


def asks_to_wait(reply):
    """Tell whether the receiver asks to be left alone, whatever the letter.

    :param reply: transport.Reply
    """
    return reply.status == 429 or (reply.status == 503 and bool(reply.retry_after))


def _is_worth_more(reply):
    return not (
        reply.error_class in GIVE_WAY or reply.status == 410 or asks_to_wait(reply)
    )


def _post(bundle, letter, session, leash, started):
    """Post one; the time that the first took to resolve the name is part of its."""
    deadline = started + DEADLINE - time.monotonic()
    headers = standard_webhooks.sign(
        bundle.keys, letter.message_id, int(time.time()), letter.body
    )
    headers["Content-Type"] = bundle.content_type
    return transport.post(session, leash, bundle.url, headers, letter.body, deadline)
