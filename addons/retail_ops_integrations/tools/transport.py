"""One signed POST to an address that passed the egress check.

A ``requests`` session whose connections go to addresses resolved once and checked:
a name that changes its mind between check and connection changes nothing. TLS is
verified against the name. Proxies, netrc, cookies and redirects are never used, at
most 16 KiB of an answer are read, and a watchdog ends the request at its deadline,
however slowly the receiver drips.
"""

import functools
import http.client
import http.cookiejar
import os
import socket
import threading
import time
from typing import NamedTuple

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection

from . import egress

DEADLINE = 15
CONNECT_TIMEOUT = 5
MAX_RESPONSE_BYTES = 16 * 1024
# What is compressed would be cut off, kept and compared in a form nobody can read.
HEADERS = {"User-Agent": "Retail-Ops-Webhooks/1", "Accept-Encoding": "identity"}

NETWORK_ERRORS = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
)


class Reply(NamedTuple):
    """What came of one attempt.

    status: int, 0 when there was no answer; body: text, its first 16 KiB;
    retry_after: the header's text or None; error: text or None;
    error_class: None, blocked, timeout, tls or connection; duration: seconds.
    """

    status: int
    body: str
    retry_after: str | None
    error: str | None
    error_class: str | None
    duration: float


class Leash:
    """Ends the connections of one session at a deadline."""

    def __init__(self, addresses):
        """Remember the checked addresses.

        :param addresses: list of texts, tried in turn
        """
        self._addresses = addresses
        self._handles = []
        self._lock = threading.Lock()
        self._timer = None
        self._ends_at = None
        self.expired = False

    def arm(self, ends_at):
        """Start to count.

        :param ends_at: time.monotonic() at which everything is shut
        """
        self._ends_at = ends_at
        self._timer = threading.Timer(self.remaining(), self._expire)
        self._timer.daemon = True
        self._timer.start()

    def disarm(self):
        """Stop to count; what is still open stays open."""
        self._timer.cancel()

    def remaining(self):
        """Return seconds to the deadline, never less than 0."""
        return max(self._ends_at - time.monotonic(), 0)

    def connect(self, port):
        """Return a socket connected to the first address that answers."""
        refusal = None
        for address in self._addresses:
            try:
                connected = socket.create_connection(
                    (address, port), min(CONNECT_TIMEOUT, self.remaining() or 0.001)
                )
            except OSError as error:
                refusal = error
                continue
            connected.settimeout(DEADLINE)
            # Headers and body are two writes: without this each waits for an ACK.
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._hold(connected)
            return connected
        raise refusal

    def close(self):
        """Let go of all connections."""
        with self._lock:
            while self._handles:
                self._handles.pop().close()

    def _hold(self, connected):
        """Keep a handle that survives the wrapping of the socket by TLS."""
        handle = socket.socket(fileno=os.dup(connected.fileno()))
        with self._lock:
            self._handles.append(handle)
        if self.expired:
            self._expire()

    def _expire(self):
        self.expired = True
        with self._lock:
            for handle in self._handles:
                try:
                    handle.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # it had ended by itself


class _Pinned:
    """A connection whose socket comes from the leash."""

    def __init__(self, *args, leash, **kwargs):
        self._leash = leash
        super().__init__(*args, **kwargs)

    def _new_conn(self):
        return self._leash.connect(self.port)


class _PinnedHTTP(_Pinned, HTTPConnection):
    pass


class _PinnedHTTPS(_Pinned, HTTPSConnection):
    pass


class _PinnedPools(urllib3.PoolManager):
    def __init__(self, leash, **kwargs):
        self._leash = leash
        super().__init__(**kwargs)

    def _new_pool(self, scheme, *args, **kwargs):
        pool = super()._new_pool(scheme, *args, **kwargs)
        connection = _PinnedHTTPS if scheme == "https" else _PinnedHTTP
        pool.ConnectionCls = functools.partial(connection, leash=self._leash)
        return pool


class PinnedAdapter(HTTPAdapter):
    """A transport adapter that connects to checked addresses only."""

    def __init__(self, leash):
        """Use the leash for every connection.

        :param leash: :class:`Leash`
        """
        self.leash = leash
        super().__init__(max_retries=0)

    def init_poolmanager(self, *_args, **_kwargs):
        """Make the pools; called by requests."""
        self.poolmanager = _PinnedPools(self.leash, num_pools=1, maxsize=1)


def open_session(target, allowances, verify=True, lookup=socket.getaddrinfo):
    """Resolve and check a target once, and return a session for it.

    :param target: egress.Target
    :param allowances: list of egress.Allowance
    :param verify: True, or the path of a CA bundle of one's own
    :param lookup: like socket.getaddrinfo
    :return: tuple (requests.Session, :class:`Leash`)
    :raise egress.EgressError: the target may not be reached
    :raise OSError: the name does not resolve
    """
    leash = Leash(egress.resolve(target, allowances, lookup=lookup))
    adapter = PinnedAdapter(leash)
    session = requests.Session()
    session.trust_env = False
    session.verify = verify
    session.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
    session.adapters.clear()
    session.mount(f"{target.scheme}://", adapter)
    return session, leash


def post(session, leash, url, headers, body, deadline=DEADLINE):
    """Post once and return a :class:`Reply`; what the network does never raises.

    :param session: of :func:`open_session`
    :param leash: of :func:`open_session`
    :param headers: dict
    :param body: bytes
    :param deadline: seconds of wall clock for everything
    """
    started = time.monotonic()
    leash.arm(started + deadline)
    try:
        reply = _exchange(session, url, headers, body, deadline, started)
    except NETWORK_ERRORS as error:
        return _failed(error, leash, time.monotonic() - started)
    finally:
        leash.disarm()
    # A connection that the leash cut can look like an answer that has ended.
    return _late(reply.duration) if leash.expired else reply


def fetch(session, leash, url, headers, max_bytes, deadline=DEADLINE):
    """Read a document and return (bytes or None, text of the error or None).

    :param session: of :func:`open_session`
    :param leash: of :func:`open_session`
    :param headers: dict
    :param max_bytes: int, more is an error
    :param deadline: seconds of wall clock for everything
    """
    leash.arm(time.monotonic() + deadline)
    try:
        content, error = _read(session, url, headers, max_bytes, deadline)
    except NETWORK_ERRORS as failure:
        content, error = None, _cause(failure)
    finally:
        leash.disarm()
    return (None, "no complete answer in time") if leash.expired else (content, error)


def refused(error, duration=0.0):
    """Return the :class:`Reply` of a request that did not leave.

    :param error: egress.EgressError or OSError of :func:`open_session`
    :param duration: seconds that it took to find out
    """
    blocked = isinstance(error, egress.EgressError)
    kind = "blocked" if blocked else "connection"
    return Reply(0, "", None, str(error), kind, duration)


def _exchange(session, url, headers, body, deadline, started):
    with session.post(
        url,
        data=body,
        headers={**HEADERS, **headers},
        timeout=deadline,
        allow_redirects=False,
        stream=True,
    ) as response:
        content = response.raw.read(MAX_RESPONSE_BYTES, decode_content=False)
        return Reply(
            response.status_code,
            content.decode("utf-8", "replace").replace(
                "\0", "\N{REPLACEMENT CHARACTER}"
            ),
            response.headers.get("retry-after"),
            None,
            None,
            time.monotonic() - started,
        )


def _read(session, url, headers, max_bytes, deadline):
    with session.get(
        url,
        headers={**HEADERS, **headers},
        timeout=deadline,
        allow_redirects=False,
        stream=True,
    ) as response:
        if response.status_code != 200:
            return None, f"answered {response.status_code}"
        content = response.raw.read(max_bytes + 1, decode_content=False)
        if len(content) > max_bytes:
            return None, f"sent more than {max_bytes} bytes"
        return content, None


def _failed(error, leash, duration):
    if leash.expired or isinstance(error, requests.Timeout):
        return _late(duration)
    if isinstance(error, requests.exceptions.SSLError):
        return Reply(0, "", None, f"TLS: {_cause(error)}", "tls", duration)
    return Reply(0, "", None, _cause(error), "connection", duration)


def _late(duration):
    return Reply(0, "", None, "no complete answer in time", "timeout", duration)


def _cause(error):
    """Return the innermost reason, without the object addresses around it."""
    while True:
        inner = getattr(error, "reason", None) or (error.args and error.args[-1])
        if not isinstance(inner, Exception):
            return str(inner or error)[:500]
        error = inner
