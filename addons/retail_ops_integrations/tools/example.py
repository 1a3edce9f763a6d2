"""A command that an integrator can paste."""

import json

COMMAND = """\
secret='{secret}'
id="try-$(date +%s)"
at=$(date +%s)
body='{body}'
key=$(printf %s "${{secret#whsec_}}" | openssl base64 -d -A)
sig=$(printf %s "$id.$at.$body" | openssl dgst -sha256 -hmac "$key" -binary \\
  | openssl base64 -A)
curl -i '{url}' \\
  -H 'Retail-Ops-Source: {code}' -H 'Content-Type: application/json' \\
  -H "webhook-id: $id" -H "webhook-timestamp: $at" \\
  -H "webhook-signature: v1,$sig" -d "$body"
"""

KEY_COMMAND = """\
curl -i '{url}' \\
  -H 'Retail-Ops-Source: {code}' -H 'Content-Type: application/json' \\
  -H 'Authorization: Bearer {key}' \\
  -H "Idempotency-Key: \\"try-$(date +%s)\\"" -d '{body}'
"""


def curl(url, code, secret, event_type, version, sample):
    """Return a shell command that sends a signed event.

    The key is letters and digits, so openssl takes it as a text.

    :param sample: JSON text of the data
    """
    body = _body(event_type, version, sample)
    return COMMAND.format(url=url, code=code, secret=secret, body=body)


def curl_with_key(url, code, key, event_type, version, sample):
    """Return a shell command that sends an event with an API key.

    :param sample: JSON text of the data
    """
    body = _body(event_type, version, sample)
    return KEY_COMMAND.format(url=url, code=code, key=key, body=body)


def _body(event_type, version, sample):
    """Return a body as it stands between single quotes."""
    body = json.dumps(
        {
            "type": event_type,
            "version": version,
            "timestamp": "2026-05-04T09:30:00Z",
            "data": json.loads(sample),
        }
    )
    return body.replace("'", "'\\''")
