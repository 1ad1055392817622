"""Send one request and say what its answer means: where transport, classifier and reader meet."""

from collections.abc import Callable
from dataclasses import dataclass, field

from connector.domain.command import Urgency
from connector.domain.result import NO_RECEIPT, Receipt
from connector.genesys import responses
from connector.genesys.answer import Answer, Applied, Environment, Throttled
from connector.genesys.answers import classify, classify_broken
from connector.genesys.call import Call
from connector.genesys.client import Broken, Client, Leaves, Response, always
from connector.genesys.notices import Asked, Parked, Silenced, Watch
from connector.genesys.quota import Quota
from connector.genesys.requests import Request
from connector.genesys.responses import Reading


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one request: the class of the answer, and of a 2xx what it says.

    `broken` names the failure where no answer came.
    """

    answer: Answer
    receipt: Receipt = NO_RECEIPT
    reading: Reading | None = field(default=None, repr=False)
    broken: str | None = None


class Asking:
    """Ask the platform once. Knows of no tokens and no repeats; a 429 silences the whole client.

    `clock` returns seconds; a `Retry-After` above `retry_after_limit` raises an alarm.
    """

    __slots__ = ("_client", "_clock", "_limit", "_quota", "watch")

    def __init__(
        self,
        client: Client,
        quota: Quota,
        watch: Watch,
        clock: Callable[[], float],
        retry_after_limit: float,
    ) -> None:
        self._client = client
        self._quota = quota
        self._clock = clock
        self._limit = retry_after_limit
        self.watch = watch

    async def once(
        self, request: Request, authorization: str, urgency: Urgency, leaves: Leaves = always
    ) -> Told:
        """Send *request*, whose slot is granted, and classify what comes.

        Raises:
            CalledBackError: *leaves* said no; nothing has left.
        """
        begun = self._clock()

        def goes() -> bool:
            if not leaves():
                return False
            self._quota.left()
            return True

        came = await self._client.send(request, authorization, urgency, goes)
        told = _told(request, came)
        self._tell(request, told, self._clock() - begun)
        return told

    def _tell(self, request: Request, told: Told, took: float) -> None:
        answer = told.answer
        name = type(answer).__name__.lower()
        asked = Asked(
            request.call,
            request.place,
            name,
            took,
            told.receipt,
            told.broken,
            request.commands,
            request.inserts,
        )
        self.watch(asked)
        if isinstance(answer, Throttled):
            self._quota.close(answer.after)
            self.watch(Silenced(answer.after, alarm=answer.after > self._limit))

    def park(self, scope: str, call: Call, answer: Environment, receipt: Receipt) -> None:
        """Say that *scope* refuses *call* until somebody acts."""
        self.watch(Parked(scope, call, answer.reason, answer.code, receipt))


def _told(request: Request, came: Response | Broken) -> Told:
    if isinstance(came, Broken):
        return Told(classify_broken(sent=came.sent), broken=came.why)
    document = responses.parse(came.body)
    reading = responses.read(request, document)
    answer = classify(
        request.call,
        came.status,
        responses.error_code(document),
        came.retry_after,
        readable=reading is not None,
    )
    return Told(answer, came.receipt, reading if isinstance(answer, Applied) else None)
