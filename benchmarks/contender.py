"""Hold what both contenders share: the contact that a record becomes, and how they measure."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass

from benchmarks.platform_server import LIST_ID

BATCH = 50
CONTACTS_PATH = f"/api/v2/outbound/contactlists/{LIST_ID}/contacts"
HEADERS = {"Authorization": "Bearer of-the-benchmark", "Content-Type": "application/json"}


def contact_of(row: Mapping[str, object]) -> dict[str, object]:
    """Return the contact for a row, its cells as they came: no number is looked at."""
    return {
        "id": row["lead_id"],
        "contactListId": LIST_ID,
        "data": {
            "CRM_Lead_ID": row["lead_id"],
            "FirstName": row["first_name"],
            "LastName": row["last_name"],
            "Mobile": row["phone_mobile"],
            "Home": row["phone_home"],
            "TimeZone": row["time_zone"],
            "Status": row["status"],
            "Email": row["email"],
        },
        "callable": not row["do_not_call"],
    }


@dataclass(slots=True)
class Stopwatch:
    """Measures this process from the first record that it reads; for its main thread."""

    _wall: float | None = None
    _process: float = 0.0
    _thread: float = 0.0

    def begin(self) -> None:
        """Begin at the first call, do nothing later."""
        if self._wall is None:
            self._wall = time.perf_counter()
            self._process, self._thread = time.process_time(), time.thread_time()

    def told(self) -> str:
        """Return seconds of wall, process CPU and main-thread CPU as one line of JSON."""
        return json.dumps(
            {
                "seconds": time.perf_counter() - (self._wall or 0.0),
                "cpu": time.process_time() - self._process,
                "main_cpu": time.thread_time() - self._thread,
            }
        )
