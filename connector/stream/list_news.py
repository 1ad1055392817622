"""Tell how full the lists are: log, metrics, and a note on the ready page.

None of it makes a worker not ready: a list that is full in fact parks by what the platform says.
"""

from collections.abc import Mapping
from typing import assert_never

import structlog

from connector.domain.ids import ListId
from connector.genesys.failed import Failed
from connector.planning.fill import MOST_CONTACTS, Alarm, alarm, fill
from connector.stream.health import Health
from connector.telemetry.metrics import Metrics

log = structlog.get_logger("connector.lists")

ADVICE = (
    "take contacts off the list that nobody will call any more, or give new leads another list; "
    "the platform takes no new contact on a full one"
)


class ListNews:
    """Hears the sizes of our lists. `names` are the settings' names, `most` is the room of a list.

    A list's alarm is told when it becomes louder, and when it becomes less loud; a failure when it
    becomes another.
    """

    __slots__ = ("_alarms", "_failures", "_health", "_metrics", "_most", "_names")

    def __init__(
        self,
        health: Health,
        metrics: Metrics,
        names: Mapping[ListId, str],
        most: int = MOST_CONTACTS,
    ) -> None:
        self._health = health
        self._metrics = metrics
        self._names = names
        self._most = most
        self._alarms: dict[ListId, Alarm] = {}
        self._failures: dict[ListId, str] = {}

    def size(self, list_id: ListId, contacts: int) -> None:
        """Say how many contacts a list holds."""
        self._failures.pop(list_id, None)
        full, now = fill(contacts, self._most), alarm(contacts, self._most)
        self._metrics.list_size(list_id, contacts, full)
        before = self._alarms.get(list_id, Alarm.NONE)
        self._alarms[list_id] = now
        told = None
        if now is not Alarm.NONE:
            told = f"{full:.1%} full, {contacts} of {self._most} contacts: {ADVICE}"
        self._health.warns(self._what(list_id), told)
        if now > before:
            self._louder(list_id, now, contacts)
        elif now < before:
            log.info("list.less_full", list=self._name(list_id), contacts=contacts)

    def failed(self, list_id: ListId, failure: Failed) -> None:
        """Say that the platform does not tell a size."""
        why = f"{failure.advice} ({failure.code})"
        self._unknown(list_id, why)
        if self._failures.get(list_id) != why:
            self._failures[list_id] = why
            log.warning(
                "list_size.failed",
                list=self._name(list_id),
                answer=failure.answer,
                code=failure.code,
                correlation_id=failure.receipt.correlation_id,
                advice=failure.advice,
            )

    def broken(self, list_id: ListId, bug: Exception) -> None:
        """Say that a bug kept us from asking."""
        self._unknown(list_id, "failed; see the log, and report it")
        log.error("list_size.broken", list=self._name(list_id), exc_info=bug)

    def forget(self) -> None:
        """Say nothing of sizes any more: another worker asks from now on."""
        self._metrics.no_list_sizes()
        for list_id in self._names:
            self._health.warns(self._what(list_id), None)
        self._alarms.clear()
        self._failures.clear()

    def _louder(self, list_id: ListId, now: Alarm, contacts: int) -> None:
        name = self._name(list_id)
        match now:
            case Alarm.NONE:
                pass
            case Alarm.FILLING:
                log.warning("list.filling", list=name, contacts=contacts, advice=ADVICE)
            case Alarm.NEARLY_FULL:
                log.error("list.nearly_full", list=name, contacts=contacts, advice=ADVICE)
            case _:
                assert_never(now)

    def _unknown(self, list_id: ListId, why: str) -> None:
        told = f"not known: {why}; asked again by itself"
        self._health.warns(self._what(list_id), told)

    def _what(self, list_id: ListId) -> str:
        return f"size of {self._name(list_id)}"

    def _name(self, list_id: ListId) -> str:
        return self._names.get(list_id, list_id)
