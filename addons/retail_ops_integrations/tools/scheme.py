"""The ways in which a sender can prove who it is, by name.

Another way is another module: it registers itself here, and its name becomes a
choice on the source.
"""

from collections.abc import Callable
from typing import NamedTuple

from . import shopify, standard_webhooks, standard_webhooks_asymmetric, stripe


class Scheme(NamedTuple):
    """One way.

    name: key in the database; label: what a person chooses; header: the header
    that carries the proof; verify: function (keys, headers, body, now, tolerance)
    -> proof.Proof; decode: function (secret) -> key bytes, raising ValueError;
    is_issued: whether the secret is made here, not by the sender; read: function
    (parsed, raw, headers) -> envelope.Event where the sender has an envelope of
    its own.
    """

    name: str
    label: str
    header: str
    verify: Callable
    decode: Callable
    is_issued: bool
    read: Callable | None = None


SCHEMES = {}


def register(scheme):
    """Make a scheme available.

    :param scheme: :class:`Scheme`
    :raise ValueError: another one has its name
    """
    if scheme.name in SCHEMES:
        raise ValueError(f"{scheme.name} is registered already")
    SCHEMES[scheme.name] = scheme


def choices():
    """Return the pairs of name and label for a selection field."""
    return [(scheme.name, scheme.label) for scheme in SCHEMES.values()]


def is_signed(headers):
    """Tell whether a request carries a signature of whatever scheme.

    :param headers: mapping with ``get``
    """
    return any(headers.get(scheme.header) is not None for scheme in SCHEMES.values())


register(
    Scheme(
        "standard_webhooks",
        "Standard Webhooks (v1, HMAC-SHA256)",
        "webhook-signature",
        standard_webhooks.verify,
        standard_webhooks.decode_secret,
        True,
    )
)
register(
    Scheme(
        "standard_webhooks_v1a",
        "Standard Webhooks (v1a, Ed25519, public key of the sender)",
        "webhook-signature",
        standard_webhooks_asymmetric.verify,
        standard_webhooks_asymmetric.decode_public_key,
        False,
    )
)
register(
    Scheme(
        "shopify",
        "Shopify (HMAC-SHA256 of the body)",
        shopify.SIGNATURE,
        shopify.verify,
        shopify.decode_secret,
        False,
        shopify.read,
    )
)
register(
    Scheme(
        "stripe",
        "Stripe (Stripe-Signature v1)",
        stripe.SIGNATURE,
        stripe.verify,
        stripe.decode_secret,
        False,
        stripe.read,
    )
)
