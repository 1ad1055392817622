"""Make the keyed digests by which the state recognises rows and numbers without holding them."""

import base64
import hmac
from collections.abc import Mapping
from hashlib import blake2b

from connector.domain.ids import Digest, DncListId, LeadId, ListId, PhoneNumber

_BYTES = 15
"""120 bits: no two rows of a state of 10⁹ meet by chance, and 20 characters of text."""

_SIGN = "\0sign"
"""The text of no row and no number: those begin with the id of a list, or with `#`."""


class Digests:
    """Keyed digests under the settings' secret, and under the one before while it is changed.

    A digest of the former secret still says "equal" through `same_row` and `same_number`: nothing
    is sent again, and the next row that is written carries the new one.
    """

    __slots__ = ("_former", "_key")

    def __init__(self, secret: bytes, former: bytes | None = None) -> None:
        self._key = _key(secret)
        self._former = None if former is None else _key(former)

    def row(self, list_id: ListId, cells: Mapping[str, str]) -> Digest:
        """Return the digest of the mapped *cells* of a contact on a list."""
        return _digest(self._key, _row_text(list_id, cells))

    def number(self, dnc_list: DncListId, number: PhoneNumber) -> Digest:
        """Return the digest of a *number* that stands on a Do-Not-Call list."""
        return _digest(self._key, f"{dnc_list}\0{number}")

    def lead_of(self, number: PhoneNumber) -> LeadId:
        """Return the lane key of a number without a lead: `#` and its digest."""
        return LeadId("#" + _digest(self._key, f"#\0{number}"))

    @property
    def sign(self) -> Digest:
        """Return what tells this secret from others, and not what it is."""
        return _digest(self._key, _SIGN)

    def knows(self, sign: str) -> bool:
        """Say whether *sign* is that of the secret, or of the one before while it is changed."""
        former = None if self._former is None else _digest(self._former, _SIGN)
        return sign in (self.sign, former)

    @property
    def changing(self) -> bool:
        """Say whether the secret is being changed: digests of the former one still count."""
        return self._former is not None

    def same_row(self, known: Digest | None, list_id: ListId, cells: Mapping[str, str]) -> bool:
        """Say whether *known* is the digest of *cells*, under either secret."""
        return self._same(known, _row_text(list_id, cells))

    def former_number(self, dnc_list: DncListId, number: PhoneNumber) -> Digest | None:
        """Return the number's digest under the former secret, if one is set."""
        return None if self._former is None else _digest(self._former, f"{dnc_list}\0{number}")

    def _same(self, known: Digest | None, text: str) -> bool:
        if known is None:
            return False
        if known == _digest(self._key, text):
            return True
        return self._former is not None and known == _digest(self._former, text)

    def __repr__(self) -> str:
        return "Digests(***)"


def _row_text(list_id: ListId, cells: Mapping[str, str]) -> str:
    return "\0".join([list_id, *[f"{name}\1{cells[name]}" for name in sorted(cells)]])


def _key(secret: bytes) -> bytes:
    return hmac.digest(secret, b"genesys-lead-connector digests 1", "sha256")


def _digest(key: bytes, text: str) -> Digest:
    made = blake2b(text.encode("utf-8", "surrogatepass"), digest_size=_BYTES, key=key).digest()
    return Digest(base64.urlsafe_b64encode(made).decode("ascii"))
