"""Keys of nodes: made here, shown once, kept only as what recognises them.

A key has 256 random bits, so a plain hash of it tells nothing that could be tried
out; slow password hashes protect what people make up.
"""

from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
import secrets
from typing import Final

_PREFIX: Final = "pvf_"
_BYTES: Final = 32
_MAX_LENGTH: Final = 100


def make_key() -> str:
    """Return a new key."""
    return _PREFIX + secrets.token_urlsafe(_BYTES)


def hashed(key: str) -> str:
    """Return what is kept of a key."""
    return sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def owner_of(key: str, hashes: Mapping[str, str]) -> str | None:
    """Return whose key it is, in a time that does not depend on the key.

    Args:
        key: What a request brought.
        hashes: The hash of each owner's key.
    """
    presented = hashed(key[:_MAX_LENGTH])
    found = None
    for owner, kept in hashes.items():
        if compare_digest(presented, kept):
            found = owner
    return found
