"""The doors, described in OpenAPI 3.1 from the event types that are in force."""

from . import envelope, problem, standard_webhooks, strict_json

TITLE = "Retail Ops doors"
VERSION = "1.0.0"

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
        "info": {"title": TITLE, "version": VERSION},
        "security": [{"signature": []}, {"apiKey": []}],
        "paths": {
            "/retail_ops/v1/events": {"post": _receive(inbound)},
            "/retail_ops/v1/events/{id}": {"get": _outcome()},
            "/retail_ops/v1/health": {"get": _health()},
        },
        "webhooks": {_key(kind): {"post": _sent(kind)} for kind in outbound},
        "components": {
            "schemas": {
                "Problem": _problem(),
                "Receipt": _receipt(),
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
            for name in ("source", "id", "timestamp", "signature")
        ],
        "requestBody": {
            "required": True,
            "content": {
                envelope.PLAIN: {
                    "schema": {
                        "anyOf": [_reference("schemas", _key(kind)) for kind in inbound]
                        or [{"type": "object"}]
                    },
                    "examples": {_key(kind): _example(kind) for kind in inbound},
                },
                envelope.CLOUDEVENT: {"schema": _cloudevent()},
                envelope.CLOUDEVENT_BATCH: {
                    "schema": {
                        "type": "array",
                        "items": _cloudevent(),
                        "minItems": 1,
                        "maxItems": envelope.MAX_BATCH,
                    }
                },
            },
        },
        "responses": {
            "202": _json_response(
                "Durably stored, or known already", _reference("schemas", "Receipt")
            ),
            **_refusals(),
        },
    }


def _outcome():
    return {
        "operationId": "outcome",
        "summary": "What became of an event of one's own",
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": "Equal to the webhook-id header",
            },
            *(
                _reference("parameters", name)
                for name in ("source", "id", "timestamp", "signature")
            ),
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
            "errors": {"type": "array", "items": {"type": "object"}},
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
            "state": {"enum": ["queued", "done", "parked", "dead", "skipped"]},
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
        "id": _header("webhook-id", "Id of the event, the same on every retry"),
        "timestamp": _header("webhook-timestamp", "Unix seconds of this attempt"),
        "signature": _header(
            "webhook-signature",
            "One or more signatures v1,<base64> with spaces between them; each is "
            "HMAC-SHA256 of id.timestamp.body; see Standard Webhooks. The secret "
            f"begins with {standard_webhooks.PREFIX}",
        ),
    }


def _header(name, description):
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string"},
    }
