"""The doors, described in OpenAPI 3.1 from the event types that are in force."""

from . import envelope, problem, standard_webhooks, strict_json

TITLE = "Retail Ops doors"
VERSION = "1.1.0"
DESCRIPTION = (
    "Send events to Retail Ops, ask what became of them, raise exceptions, and "
    "receive what happens here. Messages are signed as Standard Webhooks 1.0 says; "
    "every answer but a 2xx is a problem document (RFC 9457)."
)

STATES = ("queued", "done", "parked", "dead", "skipped", "superseded")
REFUSALS = {
    400: "Not strict JSON, or the envelope is incomplete",
    401: "Not proven to come from an active source, or the clocks differ too much",
    403: "The source may not send this event type, or its key lacks the scope",
    413: f"Larger than {strict_json.MAX_BYTES} bytes",
    415: "A content type that is not taken",
    422: "The data breaks the schema, or the event id was used for another body",
    429: "Too many events: see Retry-After",
    503: "Nothing was stored: see Retry-After",
}


def build(types):
    """Return the document.

    :param types: list of dicts: name, version, direction (in, out), description,
        schema, sample
    :return: dict, OpenAPI 3.1
    """
    inbound = [kind for kind in types if kind["direction"] == "in"]
    outbound = [kind for kind in types if kind["direction"] == "out"]
    return {
        "openapi": "3.1.0",
        "info": {"title": TITLE, "version": VERSION, "description": DESCRIPTION},
        "security": [{"signature": []}, {"apiKey": []}],
        "paths": {
            "/retail_ops/v1/events": {"post": _receive(inbound)},
            "/retail_ops/v1/events/{id}": {"get": _outcome()},
            "/retail_ops/v1/exceptions": {
                "post": _raise_exception(inbound),
                "get": _own_exceptions(),
            },
            "/retail_ops/v1/exceptions/{id}": {"get": _own_exception()},
            "/retail_ops/v1/metrics": {"get": _metrics()},
            "/retail_ops/v1/health": {"get": _health()},
        },
        "webhooks": {_key(kind): {"post": _sent(kind)} for kind in outbound},
        "components": {
            "schemas": {
                "Problem": _problem(),
                "Receipt": _receipt(),
                "BatchReceipt": _batch_receipt(),
                "Exception": _exception(),
                **{_key(kind): _plain(kind) for kind in types},
            },
            "parameters": _parameters(),
            "securitySchemes": _security(),
        },
    }


def _key(kind):
    return f"{kind['name']}.v{kind['version']}"


def _reference(group, name):
    return {"$ref": f"#/components/{group}/{name}"}


def _plain(kind):
    return {
        "type": "object",
        "description": kind["description"],
        "x-contract": kind.get("contract", {}),
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": kind["name"]},
            "version": {"const": kind["version"]},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": kind["schema"],
        },
    }


def _example(kind):
    return {
        "value": {
            "type": kind["name"],
            "version": kind["version"],
            "timestamp": "2026-05-04T09:30:00Z",
            "data": kind["sample"],
        }
    }


def _receive(inbound):
    return {
        "operationId": "receive",
        "summary": "Send an event",
        "parameters": [
            _reference("parameters", name)
            for name in ("source", "id", "timestamp", "signature", "key", "prefer")
        ],
        "requestBody": {"required": True, "content": _event_bodies(inbound)},
        "responses": {
            "202": _json_response(
                "Durably stored, or known already",
                {
                    "anyOf": [
                        _reference("schemas", "Receipt"),
                        _reference("schemas", "BatchReceipt"),
                    ]
                },
            ),
            **_refusals(),
        },
    }


def _event_bodies(inbound):
    plain = {
        "schema": {
            "anyOf": [_reference("schemas", _key(kind)) for kind in inbound]
            or [{"type": "object"}]
        },
        "examples": {_key(kind): _example(kind) for kind in inbound},
    }
    batch = {
        "type": "array",
        "items": _cloudevent(),
        "minItems": 1,
        "maxItems": envelope.MAX_BATCH,
    }
    return {
        envelope.PLAIN: plain,
        envelope.CLOUDEVENT: {"schema": _cloudevent()},
        envelope.CLOUDEVENT_BATCH: {"schema": batch},
    }


def _raise_exception(inbound):
    stored = _json_response(
        "Durably stored, or known already", _reference("schemas", "Receipt")
    )
    place = {
        "description": "Where the exception stands once it is raised",
        "schema": {"type": "string"},
    }
    return {
        "operationId": "raise_exception",
        "summary": "Report what went wrong in a store",
        "parameters": [
            _reference("parameters", name)
            for name in ("source", "id", "timestamp", "signature", "key")
        ],
        "requestBody": {
            "required": True,
            "content": {envelope.PLAIN: _report(inbound)},
        },
        "responses": {
            "202": {**stored, "headers": {"Location": place}},
            **_refusals(),
        },
    }


def _report(inbound):
    """What the event's own schema leaves open is refused here: nobody sets a state."""
    reported = [kind for kind in inbound if kind["name"] == "store.exception.reported"]
    schema = reported[0]["schema"] if reported else {"type": "object"}
    members = {**schema.get("properties", {}), "occurred_at": _moment()}
    return {
        "schema": {**schema, "properties": members, "additionalProperties": False},
        "examples": {_key(kind): {"value": kind["sample"]} for kind in reported},
    }


def _own_exceptions():
    return {
        "operationId": "own_exceptions",
        "summary": "The exceptions that one's own events led to, newest first",
        "parameters": [
            _query("state", {"enum": ["open", "closed"]}, "Only these"),
            _query(
                "limit",
                {"type": "integer", "minimum": 1, "maximum": 200},
                "How many; 50 without it",
            ),
            _query(
                "next",
                {"type": "integer", "minimum": 1, "maximum": 2147483647},
                "The member next of the page before",
            ),
            *_question("exceptions"),
        ],
        "responses": {
            "200": _json_response(
                "A page",
                {
                    "type": "object",
                    "required": ["exceptions", "next"],
                    "properties": {
                        "exceptions": {
                            "type": "array",
                            "items": _reference("schemas", "Exception"),
                        },
                        "next": {"type": ["integer", "null"]},
                    },
                },
            ),
            "404": _problem_response("Signed for another subject"),
            **_refusals(),
        },
    }


def _own_exception():
    return {
        "operationId": "own_exception",
        "summary": "The exception that an event of one's own led to",
        "parameters": [_id_in_path(), *_question("the id")],
        "responses": {
            "200": _json_response("The exception", _reference("schemas", "Exception")),
            "404": _problem_response("No event of this source, or no exception"),
            **_refusals(),
        },
    }


def _metrics():
    return {
        "operationId": "metrics",
        "summary": "The figures of the doors, for Prometheus",
        "parameters": _question("metrics"),
        "responses": {
            "200": {
                "description": "Text format 0.0.4",
                "content": {"text/plain": {"schema": {"type": "string"}}},
            },
            "404": _problem_response("Signed for another subject"),
            **_refusals(),
        },
    }


def _question(subject):
    """Return the headers of a signed request without a body."""
    described = _header(
        "webhook-id", f"Where the request is signed: {subject}", required=False
    )
    return [
        described,
        *(
            _reference("parameters", name)
            for name in ("source", "timestamp", "signature")
        ),
    ]


def _id_in_path():
    return {
        "name": "id",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": envelope.MAX_ID},
        "description": "Id of the event; a signed request names it as webhook-id",
    }


def _query(name, schema, description):
    return {
        "name": name,
        "in": "query",
        "required": False,
        "schema": schema,
        "description": description,
    }


def _moment():
    return {"type": "string", "format": "date-time"}


def _outcome():
    return {
        "operationId": "outcome",
        "summary": "What became of an event of one's own",
        "parameters": [
            _id_in_path(),
            *_question("the id"),
        ],
        "responses": {
            "200": _json_response("The outcome", _reference("schemas", "Receipt")),
            "404": _problem_response("Not an event of this source"),
            **_refusals(),
        },
    }


def _health():
    return {
        "operationId": "health",
        "security": [],
        "summary": "Whether requests are served",
        "responses": {
            "200": _json_response(
                "Yes",
                {"type": "object", "properties": {"status": {"const": "ok"}}},
            ),
            "405": _problem_response("Any method but GET and HEAD"),
            "503": _problem_response(REFUSALS[503]),
        },
    }


def _sent(kind):
    return {
        "operationId": _key(kind),
        "summary": kind["description"],
        "parameters": [
            _reference("parameters", name) for name in ("id", "timestamp", "signature")
        ],
        "requestBody": {
            "content": {
                envelope.PLAIN: {
                    "schema": _reference("schemas", _key(kind)),
                    "examples": {_key(kind): _example(kind)},
                }
            }
        },
        "responses": {
            "2XX": {"description": "Received; anything else is tried again"},
            "410": {"description": "Send nothing here any more"},
        },
    }


def _refusals():
    return {str(status): _problem_response(text) for status, text in REFUSALS.items()}


def _json_response(description, schema):
    return {
        "description": description,
        "content": {"application/json": {"schema": schema}},
    }


def _problem_response(description):
    return {
        "description": description,
        "content": {problem.CONTENT_TYPE: {"schema": _reference("schemas", "Problem")}},
    }


def _problem():
    return {
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": {"enum": [problem.TYPE_PREFIX + slug for slug in problem.TITLES]},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string"},
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "pointer": {
                            "type": "string",
                            "description": "JSON pointer into the body",
                        },
                        "detail": {"type": "string"},
                    },
                },
            },
        },
        "x-titles": {
            problem.TYPE_PREFIX + slug: title for slug, title in problem.TITLES.items()
        },
    }


def _exception():
    nothing = {"type": ["string", "null"]}
    texts = ("id", "event_state", "reference", "exception_type", "store", "summary")
    return {
        "type": "object",
        "required": ["id", "reference", "state", "is_open"],
        "properties": {
            **{name: {"type": "string"} for name in (*texts, "severity", "state")},
            **{
                name: nothing
                for name in ("reason", "correlation_id", "due_at", "resolved_at")
            },
            "is_open": {"type": "boolean"},
        },
    }


def _batch_receipt():
    refused = {
        "type": "object",
        "required": ["status", "problem"],
        "properties": {
            "status": {"const": "refused"},
            "problem": _reference("schemas", "Problem"),
        },
    }
    return {
        "type": "object",
        "required": ["accepted", "duplicates", "refused", "results"],
        "properties": {
            **{
                name: {"type": "integer"}
                for name in ("accepted", "duplicates", "refused")
            },
            "results": {
                "type": "array",
                "description": "Aligned with the events that were sent",
                "items": {"anyOf": [_reference("schemas", "Receipt"), refused]},
            },
        },
    }


def _receipt():
    return {
        "type": "object",
        "required": ["id", "state"],
        "properties": {
            "id": {"type": "string"},
            "status": {"enum": ["accepted", "duplicate"]},
            "duplicate": {"type": "boolean"},
            "correlation_id": {"type": "string"},
            "state": {"enum": list(STATES)},
            "reason": {"type": ["string", "null"]},
            "exception": {"type": ["string", "null"]},
        },
    }


def _cloudevent():
    return {
        "type": "object",
        "required": ["specversion", "id", "source", "type", "time", "data"],
        "properties": {
            "specversion": {"const": "1.0"},
            "id": {"type": "string", "maxLength": envelope.MAX_ID},
            "source": {"type": "string"},
            "type": {"type": "string"},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": envelope.PLAIN},
            "dataschema": {"type": "string"},
            "correlationid": {"type": "string"},
            "data": {"type": "object"},
        },
    }


def _security():
    return {
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "webhook-signature",
            "description": "Standard Webhooks 1.0, v1 or v1a; sources of Shopify and "
            "Stripe sign as these do",
        },
        "apiKey": {
            "type": "http",
            "scheme": "bearer",
            "description": "For systems that cannot sign, where the source allows it",
        },
    }


def _parameters():
    return {
        "source": _header("Retail-Ops-Source", "Code of the source"),
        "id": _header(
            "webhook-id",
            "Id of the event, the same on every retry; required where it is signed",
            required=False,
        ),
        "timestamp": _header(
            "webhook-timestamp", "Unix seconds of this attempt", required=False
        ),
        "signature": _header(
            "webhook-signature",
            "One or more signatures v1,<base64> with spaces between them; each is "
            "HMAC-SHA256 of id.timestamp.body; see Standard Webhooks. The secret "
            f"begins with {standard_webhooks.PREFIX}",
            required=False,
        ),
        "key": _header(
            "Idempotency-Key",
            "A text in double quotes that names the event where webhook-id does not",
            required=False,
        ),
        "prefer": _header(
            "Prefer",
            "handling=strict stores a batch as a whole or not at all",
            required=False,
        ),
    }


def _header(name, description, required=True):
    return {
        "name": name,
        "in": "header",
        "required": required,
        "description": description,
        "schema": {"type": "string"},
    }
