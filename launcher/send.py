"""./retail-ops send: a signed event, as a point of sale would post it."""

import json
import secrets
import urllib.error
import urllib.parse
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path

from . import credentials, webhook
from .errors import SetupError

PATH = "/retail_ops/v1/events"
TYPE = "stock.discrepancy.found"
SECONDS = 30


def send(options, workshop):
    """Post one event, or the same one several times; prints each answer.

    :return: 0 when every answer was a success, else 1
    """
    code, secret = sender_of(options, workshop)
    url = options.url or f"http://127.0.0.1:{workshop.settings.port}{PATH}"
    body = body_of(options)
    message_id = options.id or f"msg_{uuid.uuid4().hex}"
    answers = [
        post(url, code, forged(secret) if options.forge else secret, message_id, body)
        for _attempt in range(options.repeat)
    ]
    for status, text in answers:
        report(status, text, message_id)
    print(
        f"See it under Retail Ops > Integrations and Exceptions at {base_of(url)}/odoo"
    )
    return 0 if all(200 <= status < 300 for status, _text in answers) else 1


def sender_of(options, workshop):
    """(source code, secret): those given, else those of the demo.

    :raises SetupError: neither is there
    """
    if options.source and options.secret:
        return options.source, options.secret
    keys = credentials.read(workshop.home.credentials).get("source") or {}
    if not keys.get("secret"):
        raise SetupError("There is no secret to sign with: give --source and --secret.")
    return keys["code"], keys["secret"]


def body_of(options):
    """The event as bytes: a file's, or one made from the options.

    :raises SetupError: the file cannot be read
    """
    if options.file:
        try:
            return Path(options.file).read_bytes()
        except OSError as error:
            raise SetupError(
                f"{options.file} cannot be read: {error.strerror}."
            ) from None
    data = {
        "store": options.store,
        "product": options.product,
        "expected": options.expected,
        "counted": options.counted,
        "unit_cost": options.unit_cost,
        "reason": options.reason,
    }
    moment = datetime.now(timezone.utc).isoformat(timespec="seconds")
    return json.dumps({"type": TYPE, "timestamp": moment, "data": data}).encode()


def forged(_secret):
    """A secret of the right form that nobody has."""
    return webhook.PREFIX + secrets.token_urlsafe(24).translate({45: 65, 95: 66})


def post(url, code, secret, message_id, body):
    """Sign and post one attempt.

    :return: (status, body text)
    :raises SetupError: nobody answers
    """
    headers = {
        "Content-Type": "application/json",
        "Retail-Ops-Source": code,
        **webhook.headers(secret, message_id, body),
    }
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener = direct if is_local(url) else urllib.request.build_opener()
    try:
        with opener.open(request, timeout=SECONDS) as answer:
            return answer.status, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(errors="replace")
    except (urllib.error.URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise SetupError(
            f"Nobody answers at {url} ({reason}): start './retail-ops run' first, or "
            "name "
            f"the address with --url."
        ) from None


def is_local(url):
    return urllib.parse.urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1")


def base_of(url):
    parts = urllib.parse.urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def report(status, text, message_id):
    """Print one answer: the status, the id, and what the server said."""
    try:
        said = json.loads(text)
    except ValueError:
        said = {}
    fact = said.get("title") or said.get("status") or text[:200].strip()
    detail = f": {said['detail']}" if said.get("detail") else ""
    print(f"{status}  {said.get('id') or message_id}  {fact}{detail}")
