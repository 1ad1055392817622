"""Judge how a client behaves, whatever it asks for."""

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import unquote

import orjson

from connector.simulator.call import Answer, Call
from connector.simulator.flights import Flight

_NUMBER = re.compile(r"\+\d{7,15}")  # E.164
_EMAIL = re.compile(r"[^\s/=&?@]+@[^\s/=&?@]+\.[A-Za-z]{2,}")
_DIGITS = re.compile(r"\d{7,15}")

# 400s that are not about the data of the request: the same request may succeed later, or the
# state of the thing asked for is the reason (genesys-api sections 4.2, 6 and 8.3).
_NOT_THE_DATA = frozenset(
    {
        "client.failed.request",
        "contact.does.not.exist",
        "contact.in.use",
        "contact.list.is.on.running.campaign",
        "contacts.per.org.limit.exceeded",
        "dnc.records.per.list.limit.exceeded",
        "dnc.records.per.organization.limit.exceeded",
        "uploads.black.listed",
        "active.campaigns.limit.exceeded",
        "resources.in.use",
    }
)


# Seconds that a 429 has to reach all of a busy client. One that has other connections open may
# send on them what it decided before it read the answer; waits are a second and more.
_NEWS = 0.25


@dataclass(frozen=True, slots=True)
class Told:
    """A 429: for how many seconds, sent when; `busy` where the client has other connections."""

    seconds: float
    sent_at: float
    busy: bool


@dataclass(frozen=True, slots=True)
class _Wait:
    """What a 429 told: sent at the end of `flight`, known from `known_at`, over at `until`."""

    flight: Flight
    known_at: float
    until: float

    def broken_by(self, call: Call) -> bool:
        """Return whether a request began in the wait, by a client that knew of it."""
        begun_after = self.flight.ended < call.flight.begun
        return begun_after and self.known_at <= call.at < self.until


class Conduct:
    """Remember what each client was told: to wait, or that its data is bad."""

    def __init__(self) -> None:
        self._waits: dict[str, list[_Wait]] = {}
        self._refused: set[bytes] = set()

    def told_to_wait(self, client: str, flight: Flight, wait: Told) -> None:
        """Note that a request is answered with 429 and `Retry-After`."""
        known_at = wait.sent_at + (_NEWS if wait.busy else 0)
        told = _Wait(flight, known_at, wait.sent_at + wait.seconds)
        self._waits.setdefault(client, []).append(told)

    def inside_retry_after(self, client: str, call: Call) -> bool:
        """Return whether a request began after a 429 was sent and before its wait was over."""
        waits = self._waits.get(client)
        if not waits:
            return False
        waits[:] = [one for one in waits if one.until > call.at]
        return any(one.broken_by(call) for one in waits)

    def refused(self, call: Call, answer: Answer) -> None:
        """Remember a request that was refused for its data."""
        if answer.status == 400 and _about_the_data(answer.content):  # noqa: PLR2004
            self._refused.add(_fingerprint(call))

    def repeats_refused(self, call: Call) -> bool:
        """Return whether a request is one that was refused for its data, unchanged.

        Requests are told apart by token too: a client that was started anew cannot know.
        """
        return bool(self._refused) and _fingerprint(call) in self._refused


def personal_data(path: str, query: str, digits: set[str]) -> str | None:
    """Return what kind of personal data an address line holds: a number, an e-mail address.

    `digits` are the numbers of the books without their plus; a bare digit string counts only
    where it is one of them, since lead ids are often digits.
    """
    text = unquote(f"{path}?{query}")
    if _NUMBER.search(text):
        return "a phone number"
    if "@" in text and _EMAIL.search(text):
        return "an e-mail address"
    if any(found in digits for found in _DIGITS.findall(text)):
        return "a phone number of the books"
    return None


def _about_the_data(content: bytes) -> bool:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        return True
    code = document.get("code") if isinstance(document, dict) else None
    if not isinstance(code, str):
        return True
    return code not in _NOT_THE_DATA and not code.endswith(".in.progress")


def _fingerprint(call: Call) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    address = orjson.dumps([call.method, call.path, sorted(call.query.items())])
    digest.update(call.headers.get("authorization", "").encode())
    digest.update(address)
    digest.update(call.body)
    return digest.digest()
