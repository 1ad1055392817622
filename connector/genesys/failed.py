"""Hold what came of a side call that the platform did not do: why, and what to do next."""

from dataclasses import dataclass, field

from connector.domain.result import Receipt
from connector.genesys.answer import Environment, Throttled, Unavailable, Unclear, Unfit
from connector.genesys.asking import Told
from connector.planning.gates import GateReason


@dataclass(frozen=True, slots=True)
class Failed:
    """The platform did not do what was asked. `advice` says what to do next.

    `answer` is the class of the answer in lower case (a closed set), `code` the platform's code
    or the kind of the failure. Ask again no sooner than `after` seconds. `doubtful`: a change may
    have been made all the same. `lasting`: the same will be refused again.
    `reason` is what in the environment a person must put right.
    """

    answer: str
    advice: str
    code: str
    after: float = 0.0
    doubtful: bool = False
    lasting: bool = False
    receipt: Receipt = field(default_factory=Receipt)
    reason: GateReason | None = None


def failed(told: Told, advice: str) -> Failed:
    """Return what *told* comes to, where it is not what was asked for."""
    answer, receipt = told.answer, told.receipt
    status = f"HTTP {receipt.http_status}" if receipt.http_status else "no answer"
    code = answer.code if isinstance(answer, Environment | Unfit) else None
    return Failed(
        type(answer).__name__.lower(),
        advice,
        code or told.broken or status,
        answer.after if isinstance(answer, Throttled | Unavailable) else 0.0,
        doubtful=isinstance(answer, Unclear),
        lasting=isinstance(answer, Unfit),
        receipt=receipt,
        reason=answer.reason if isinstance(answer, Environment) else None,
    )
