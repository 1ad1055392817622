"""Arm faults, and decide which requests they meet."""

import re
from dataclasses import dataclass
from fnmatch import translate
from random import Random

from connector.simulator.call import Call
from connector.simulator.fault_spec import FaultAction, FaultKind, FaultSpec, LatencySpec

# Only a request that takes many things can be carried out in part, and only one that the
# platform accepted can be followed by somebody who enables the contact again.
_AFTER: frozenset[FaultKind] = frozenset({"re_enable"})
_OF_MANY: frozenset[FaultKind] = frozenset({"apply_partially"})


@dataclass(slots=True)
class _Armed:
    id: int
    spec: FaultSpec
    path: re.Pattern[str]
    dice: Random
    met: int = 0
    fired: int = 0

    def meets(self, call: Call) -> bool:
        """Count a request that method and path match; return whether the fault would fire."""
        match = self.spec.match
        if match.method is not None and match.method.upper() != call.method:
            return False
        if self.path.match(call.path) is None:
            return False
        self.met += 1
        return (
            (match.nth is None or self.met == match.nth)
            and (match.every is None or self.met % match.every == 0)
            and (match.probability is None or self.dice.random() < match.probability)
        )

    @property
    def spent(self) -> bool:
        return self.spec.count is not None and self.fired >= self.spec.count


class Faults:
    """Hold the armed faults; each counts all that it matches, the first that fires is played."""

    def __init__(self, specs: tuple[FaultSpec, ...] = ()) -> None:
        self._armed: list[_Armed] = []
        self._last = 0
        for spec in specs:
            self.arm(spec)

    def arm(self, spec: FaultSpec) -> int:
        """Arm a fault; return its number."""
        self._last += 1
        pattern = re.compile(translate(spec.match.path))
        self._armed.append(_Armed(self._last, spec, pattern, Random(spec.match.seed)))
        return self._last

    def disarm(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def before(self, call: Call, *, takes_many: bool) -> FaultAction | None:
        """Return what goes wrong with a request that is about to be carried out."""
        if not self._armed:
            return None
        return self._pick(call, [one for one in self._armed if _can(one, takes_many)])

    def after(self, call: Call) -> FaultAction | None:
        """Return what goes wrong after an accepted quarantine."""
        if not self._armed:
            return None
        return self._pick(call, [one for one in self._armed if one.spec.action.kind in _AFTER])

    def _pick(self, call: Call, candidates: list[_Armed]) -> FaultAction | None:
        firing = [one for one in candidates if one.meets(call)]
        if not firing:
            return None
        first = firing[0]
        first.fired += 1
        if first.spent:
            self._armed.remove(first)
        return first.spec.action

    def armed(self) -> list[dict[str, object]]:
        """Return what is armed, with how many requests each fault has met and hit."""
        return [
            {
                "id": one.id,
                **one.spec.model_dump(mode="json"),
                "met": one.met,
                "fired": one.fired,
            }
            for one in self._armed
        ]


class Latency:
    """Draw how long answers take."""

    def __init__(self, spec: LatencySpec) -> None:
        self.spec = spec
        self._dice = Random(spec.seed)

    def draw(self) -> float:
        """Return the seconds of the next answer."""
        spec = self.spec
        jitter = self._dice.random() * spec.jitter_ms if spec.jitter_ms else 0.0
        return (spec.delay_ms + jitter) / 1000


def _can(armed: _Armed, takes_many: bool) -> bool:  # noqa: FBT001 - one private caller
    kind = armed.spec.action.kind
    return kind not in _AFTER and (takes_many or kind not in _OF_MANY)
