"""Problem details for HTTP APIs (RFC 9457)."""

import json
from http import HTTPStatus

from werkzeug.exceptions import HTTPException

CONTENT_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:retail-ops:problem:"

TITLES = {
    "argument-invalid": "An argument of the address is not what it must be",
    "batch-refused": "No event of the batch was accepted",
    "body-not-json": "The body is not the JSON this door takes",
    "envelope-invalid": "The event's envelope is not complete",
    "event-id-missing": "The request names no id",
    "event-id-reused": "This event id was used for another body",
    "event-not-found": "No such event of this source",
    "internal-error": "The server failed",
    "media-type-unsupported": "This content type is not taken here",
    "method-not-allowed": "This method is not taken here",
    "not-found": "There is nothing at this address",
    "not-system-of-record": "Another system owns what this event changes",
    "payload-too-large": "The body is too large",
    "quota-exceeded": "Too many events in too short a time",
    "schema-violation": "The data does not match the event type's schema",
    "scope-missing": "This key may not do that",
    "temporarily-unavailable": "The server cannot store events right now",
    "timestamp-outside-window": "The timestamp is too old or in the future",
    "type-not-allowed": "This source may not send this event type",
    "unauthenticated": "The message is not proven to come from a known source",
}


class Problem(HTTPException):
    """Raised to answer with a problem; never holds anything secret."""

    def __init__(self, slug, status, detail=None, headers=None, **members):
        """Describe the answer.

        :param slug: key of :data:`TITLES`
        :param status: int, HTTP status
        :param headers: list of pairs that go with the answer
        """
        super().__init__(detail)
        self.code = status
        self.slug = slug
        self.source_id = False
        self.headers = list(headers or ())
        self.document = document(slug, status, detail, **members)


def document(slug, status, detail=None, **members):
    """Return the members of a problem.

    :param slug: key of :data:`TITLES`, the last part of the ``type`` URI
    :param status: int, HTTP status
    :param detail: text for this occurrence, without anything secret
    :param members: extension members, such as ``errors`` with JSON pointers
    :return: dict ready for :func:`dumps`
    """
    problem = {
        "type": TYPE_PREFIX + slug,
        "title": TITLES[slug],
        "status": int(status),
        "detail": detail,
        **members,
    }
    return {name: value for name, value in problem.items() if value is not None}


def dumps(problem):
    """Return a problem as bytes."""
    return json.dumps(problem, ensure_ascii=False, separators=(",", ":")).encode()


def for_status(status):
    """Return the slug that fits an HTTP status which no code of ours chose."""
    return {
        HTTPStatus.NOT_FOUND: "not-found",
        HTTPStatus.METHOD_NOT_ALLOWED: "method-not-allowed",
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "payload-too-large",
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "media-type-unsupported",
        HTTPStatus.UNAUTHORIZED: "unauthenticated",
        HTTPStatus.FORBIDDEN: "unauthenticated",
        HTTPStatus.TOO_MANY_REQUESTS: "quota-exceeded",
        HTTPStatus.SERVICE_UNAVAILABLE: "temporarily-unavailable",
    }.get(status, "internal-error" if status >= 500 else "envelope-invalid")
