"""Which addresses an outgoing request may reach.

Every address that a name resolves to must be public, or allowed by a rule. The
table is the one that Svix tests, with the translation prefixes and cloud metadata
addresses added; what stands for another IPv4 address is judged as that address or
refused.
"""

import ipaddress
import re
import socket
import threading
from typing import NamedTuple
from urllib.parse import urlsplit

DEFAULT_PORTS = {"http": 80, "https": 443}
OPEN_PORTS = frozenset({443, 8443})
RESOLVE_TIMEOUT = 5

DENIED = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "2002::/16",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
        "ff00::/8",
    )
)
NEVER = tuple(
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16",
        "168.63.129.16/32",
        "100.100.100.200/32",
        "192.0.0.192/32",
        "fe80::/10",
        "fd00:42::42/128",
        "fd00:c1::/32",
        "fd00:ec2::/32",
        "fd20:ce::/32",
    )
)
# Their last 32 bits are an IPv4 address that a gateway may translate to.
TRANSLATED = tuple(
    ipaddress.ip_network(network)
    for network in ("::/96", "64:ff9b::/96", "64:ff9b:1::/48")
)
_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_NUMERIC_LABEL = re.compile(r"\d+|0x[0-9a-f]*", re.ASCII)  # inet_aton reads these


class EgressError(Exception):
    """The request may not leave; the text says why and what would allow it."""


class Target(NamedTuple):
    """Where a request goes: scheme, ASCII host, port."""

    scheme: str
    host: str
    port: int


class Allowance(NamedTuple):
    """One exception to the table.

    network: ip_network or None; host: lower-case name or None; port: int, 0 for
    any; plain_http: whether unencrypted http may be used.
    """

    network: object
    host: str | None
    port: int
    plain_http: bool

    def covers(self, target, address):
        """Tell whether this rule allows ``target`` at ``address``."""
        if self.port and self.port != target.port:
            return False
        if self.host is not None:
            return self.host == target.host
        return address.version == self.network.version and address in self.network


def parse_url(url):
    """Return the target of a URL.

    :raise EgressError: not http(s), with a user name or a fragment, or no host
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise EgressError("the address is not a URL") from error
    if parts.scheme not in DEFAULT_PORTS:
        raise EgressError("the address must begin with https://")
    if parts.username is not None or parts.password is not None:
        raise EgressError("the address must not hold a user name or password")
    if parts.fragment:
        raise EgressError("the address must not hold a #fragment")
    return Target(
        parts.scheme, ascii_host(parts.hostname), port or DEFAULT_PORTS[parts.scheme]
    )


def literal(host):
    """Return the IP address that a host is written as, None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def is_public(address):
    """Tell whether an address is one of the open internet.

    :param address: ipaddress.IPv4Address or IPv6Address
    """
    address = _unwrapped(address)
    if any(_within(address, network) for network in DENIED):
        return False
    return address.is_global and not address.is_multicast


def check_address(target, address, allowances):
    """Raise unless a request to ``target`` may connect to ``address``.

    :param address: ipaddress.IPv4Address or IPv6Address
    :param allowances: iterable of :class:`Allowance`
    :raise EgressError: says what an administrator could allow
    """
    address = _unwrapped(address)
    if any(_within(one, each) for one in _meanings(address) for each in NEVER):
        raise EgressError(f"{address} is a metadata or link-local address")
    covering = [rule for rule in allowances if rule.covers(target, address)]
    if target.scheme == "http" and not any(rule.plain_http for rule in covering):
        raise EgressError("unencrypted http needs an egress rule that allows it")
    if covering:
        return
    if not is_public(address) or literal(target.host):
        raise EgressError(f"{address} is not a public name: it needs an egress rule")
    if target.port not in OPEN_PORTS:
        raise EgressError(f"port {target.port} needs an egress rule")


def check_url(url, allowances):
    """Check what can be known about a URL without resolving its name.

    :return: :class:`Target`
    :raise EgressError: see :func:`check_address`
    """
    target = parse_url(url)
    address = literal(target.host)
    if address:
        check_address(target, address, allowances)
    elif target.scheme == "http" and not _may_be_plain(target, allowances):
        raise EgressError("unencrypted http needs an egress rule that allows it")
    return target


def resolve(target, allowances, lookup=socket.getaddrinfo, timeout=RESOLVE_TIMEOUT):
    """Resolve a name once and return the addresses to connect to, all checked.

    :param lookup: like socket.getaddrinfo
    :param timeout: seconds; the resolver has no deadline of its own
    :return: list of texts, in the resolver's order
    :raise EgressError: when one of the addresses may not be reached
    :raise OSError: when the name does not resolve in time
    """
    answers = _look_up(lookup, target, timeout)
    addresses = list(dict.fromkeys(answer[4][0] for answer in answers))
    for address in addresses:
        check_address(target, ipaddress.ip_address(address), allowances)
    return addresses


def _look_up(lookup, target, timeout):
    outcome = {}

    def ask():
        try:
            outcome["answers"] = lookup(
                target.host, target.port, type=socket.SOCK_STREAM
            )
        except (OSError, UnicodeError) as error:
            outcome["error"] = error

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(timeout)
    if outcome.get("answers"):
        return outcome["answers"]
    raise OSError(f"{target.host} does not resolve: {outcome.get('error', 'timeout')}")


def _may_be_plain(target, allowances):
    """Tell whether some rule could allow http once the address is known."""
    return any(
        rule.plain_http
        and rule.host in (None, target.host)
        and rule.port in (0, target.port)
        for rule in allowances
    )


def _unwrapped(address):
    return getattr(address, "ipv4_mapped", None) or address


def _meanings(address):
    """Return an address and those that a gateway may take it for."""
    if address.version == 4:
        return [address]
    embedded = [address.sixtofour, *(address.teredo or ())]
    if any(address in network for network in TRANSLATED):
        embedded.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *filter(None, embedded)]


def _within(address, network):
    return address.version == network.version and address in network


def ascii_host(host):
    """Return a host in lower-case ASCII (IDNA), IPv6 without its zone.

    :raise EgressError: no host, or digits that only old parsers read as an address
    """
    if not host:
        raise EgressError("the address holds no host")
    if literal(host):
        return host.partition("%")[0]
    try:
        name = host.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError as error:
        raise EgressError("the host is not a name") from error
    if not _NAME.fullmatch(name) or _NUMERIC_LABEL.fullmatch(name.split(".")[-1]):
        raise EgressError("the host is not a name")
    return name
