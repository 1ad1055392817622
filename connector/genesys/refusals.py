"""Remember which requests were refused for their data, so that none leaves twice unchanged.

A batch that was refused is split, and what of it had still to follow may be given back, when an
outage comes in between: the outbox would then cut the same batch again.
"""

import hashlib
from collections import OrderedDict

from connector.genesys.answer import Unfit
from connector.genesys.requests import Request

MOST = 1_000
"""How many are remembered: some 100 KB. Each is one refused batch that was not settled since."""


class Refusals:
    """Requests of many commands that the platform refused for the data of one, by digest only.

    Those of a lone command are not kept: they end in a dead letter, and when a person sends that
    again the platform is to be asked again.
    """

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: OrderedDict[bytes, Unfit] = OrderedDict()

    def note(self, request: Request, answer: Unfit) -> None:
        """Remember that *request* was refused; the oldest is forgotten for it."""
        if request.commands > 1:
            self._known[_digest(request)] = answer
            if len(self._known) > MOST:
                self._known.popitem(last=False)

    def of(self, request: Request) -> Unfit | None:
        """Return how the very same request was refused, None if it was not."""
        if not self._known or request.commands <= 1:
            return None
        return self._known.get(_digest(request))


def _digest(request: Request) -> bytes:
    digest = hashlib.blake2b(digest_size=16)
    for part in (request.method, request.path, repr(request.query)):
        digest.update(part.encode() + b"\0")
    digest.update(request.body or b"")
    return digest.digest()
