"""Hold what the platform does in its own time: bulk jobs on contact lists, and clearing one.

A job takes effect as a whole when it is due. Nothing runs in the background: the simulator
looks for what is due before each request, so that the books are always those of the moment.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from connector.simulator.errors import refuse

JobKind = Literal["BulkEdit", "BulkDelete", "Clear"]

MOST_LISTED = 10  # SDK get_outbound_contactlist_contacts_bulk_jobs: the ten latest


@dataclass(slots=True, eq=False)
class Job:
    """One job on a contact list, from `begun` to `due` (seconds since the epoch).

    `total` counts the contacts that it selected, `act` does what was asked, `backup` is where the
    list as it was before can be fetched.
    """

    id: str
    list_id: str
    kind: JobKind
    total: int
    begun: float
    due: float
    act: Callable[[], None]
    backup: str | None = None
    complete: bool = False

    def document(self, now: float) -> dict[str, object]:
        """Return the `ContactsBulkOperationJob` of the API."""
        length = self.due - self.begun
        share = 1.0 if self.complete else max(0.0, (now - self.begun) / length)
        done = int(self.total * share)
        jobs = f"/api/v2/outbound/contactlists/{self.list_id}/contacts/bulk/jobs"
        document: dict[str, object] = {
            "id": self.id,
            "state": "Complete" if self.complete else "InProgress",
            "type": self.kind,
            "totalRecords": self.total,
            "completedRecords": done,
            "percentComplete": int(100 * share),
            "selfUri": f"{jobs}/{self.id}",
        }
        if self.backup is not None:
            document["downloadURI"] = self.backup
        return document


class Jobs:
    """The jobs of all contact lists; a list has one at a time."""

    def __init__(self) -> None:
        self._running: dict[str, Job] = {}
        self._bulk: dict[str, deque[Job]] = {}

    def begin(self, job: Job) -> None:
        """Take a job; raises `Refused` (400) while another runs on the same list."""
        self.refuse_if_clearing(job.list_id)
        self.refuse_if_running(job.list_id)
        self._running[job.list_id] = job
        if job.kind != "Clear":
            latest = self._bulk.setdefault(job.list_id, deque(maxlen=MOST_LISTED))
            latest.appendleft(job)

    def settle(self, now: float) -> None:
        """Let everything that is due take effect, in the order in which it was due."""
        if not self._running:
            return
        due = sorted(
            (job for job in self._running.values() if job.due <= now), key=lambda job: job.due
        )
        for job in due:
            del self._running[job.list_id]
            job.complete = True
            job.act()

    def refuse_if_clearing(self, list_id: str) -> None:
        """Raise `Refused` (400) while a list is being cleared."""
        running = self._running.get(list_id)
        if running is not None and running.kind == "Clear":
            raise refuse(400, "contact.list.clear.in.progress", "The list is being cleared.")

    def refuse_if_running(self, list_id: str) -> None:
        """Raise `Refused` (400) while any job runs on a list."""
        if list_id in self._running:
            raise refuse(
                400, "contact.bulk.operation.in.progress", "Another job runs on this list."
            )

    def of_list(self, list_id: str) -> tuple[Job, ...]:
        """Return the latest bulk jobs of a list, the newest first."""
        return tuple(self._bulk.get(list_id, ()))
