"""The digest by which a list is known to be the one that was shown."""

import hashlib
from collections.abc import Iterable


def digest_of(entries: Iterable[bytes]) -> str:
    """SHA-256 over the entries of a list in their order, in hexadecimal digits.

    Each goes in with its length, so that no two lists of other entries are the same bytes.
    """
    whole = hashlib.sha256()
    for each in entries:
        whole.update(b"%d:" % len(each))
        whole.update(each)
    return whole.hexdigest()
