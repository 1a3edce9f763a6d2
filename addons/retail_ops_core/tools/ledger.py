"""Digests of the audit ledger.

An entry's digest is SHA-256 over its canonical JSON (sorted keys, no spaces,
UTF-8); a seal's digest is SHA-256 over the previous seal's digest and the
entry's, as in a hash chain (Haber and Stornetta, 1991).
"""

import hashlib
import json

GENESIS = "0" * 64


def entry_digest(content):
    """Return the digest of one entry.

    :param content: JSON-able dict of the entry's columns
    :return: 64 hexadecimal digits
    """
    canonical = json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def seal_digest(previous, digest):
    """Return the digest that ties an entry to the chain before it.

    :param previous: digest of the seal before, or :data:`GENESIS`
    :param digest: the entry's digest
    :return: 64 hexadecimal digits
    """
    return hashlib.sha256(f"{previous}:{digest}".encode()).hexdigest()
