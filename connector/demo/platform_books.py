"""Read the books of the simulator over its control API, and load contacts there beforehand."""

import http.client
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import orjson
import phonenumbers

from connector.demo.crm_table import Row
from connector.demo.places import DNC_LIST, LISTS
from connector.demo.settlement_table import Books, Contact

_TIMEOUT = 30.0


class PlatformBooks:
    """The control API of one simulator."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc

    def load(self, rows: Iterable[Row]) -> frozenset[str]:
        """Put contacts on the first list as yesterday's file did; give the platform's ids."""
        contacts = [{"data": _as_loaded(row)} for row in rows]
        made = self._ask("POST", f"/contacts/{LISTS['campaigns']}", contacts)
        return frozenset(str(each["id"]) for each in _objects(made))

    def watch(self, leads: Sequence[str]) -> None:
        """Say which leads opt out: the simulator then notes who makes them callable again."""
        self._ask("POST", "/opted_out", {"lead_ids": list(leads)})

    def requests(self, since: int) -> tuple[int, int]:
        """Count requests and written rows behind number *since* of the journal; give both."""
        lines = _objects(self._ask("GET", f"/journal?since={since}"))
        return len(lines), sum(_rows(line) for line in lines)

    def books(self, loaded: frozenset[str], numbers: Mapping[str, tuple[str, ...]]) -> Books:
        """Read everything that the proof needs; *numbers* are those of leads that opt out."""
        dnc = {str(each["number"]) for each in _objects(self._ask("GET", f"/dnc/{DNC_LIST}"))}
        return Books(
            tuple(self._contacts()),
            loaded,
            self.requests(0)[1],
            frozenset(lead for lead, given in numbers.items() if _e164(given) <= dnc),
            len(_objects(self._ask("GET", "/violations"))),
        )

    def _contacts(self) -> Iterator[Contact]:
        for list_id in LISTS.values():
            for each in _objects(self._ask("GET", f"/contacts/{list_id}")):
                lead = _cells(each)["CRM_Lead_ID"]
                yield Contact(list_id, str(each["id"]), lead, each["callable"] is True)

    def _ask(self, method: str, path: str, body: object = None) -> object:
        connection = http.client.HTTPConnection(self._host, timeout=_TIMEOUT)
        try:
            connection.request(
                method,
                f"/_control{path}",
                None if body is None else orjson.dumps(body),
                {"Content-Type": "application/json"},
            )
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status != http.client.OK:
            raise OSError(f"the simulator answered {answer.status} to {method} {path}")
        parsed: object = orjson.loads(content)
        return parsed


def _objects(parsed: object) -> list[dict[str, object]]:
    if not isinstance(parsed, list):
        raise TypeError("the simulator answered no list")
    return parsed


def _cells(contact: Mapping[str, object]) -> Mapping[str, str]:
    data = contact["data"]
    if not isinstance(data, dict):
        raise TypeError("a contact of the simulator has no data")
    return data


def _rows(line: Mapping[str, object]) -> int:
    """Count the rows that a request of the journal wrote to a contact list."""
    path, body = str(line["path"]), line.get("body")
    if not line.get("applied"):
        return 0
    if line["method"] == "POST" and path.endswith("/contacts") and isinstance(body, list):
        return len(body)
    return int(line["method"] == "PUT" and "/contacts/" in path)


def _as_loaded(row: Row) -> dict[str, str]:
    """Write a lead of the CRM as the file of yesterday had it."""
    return {
        "CRM_Lead_ID": str(row["lead_id"]),
        "FirstName": str(row["first_name"]),
        "LastName": str(row["last_name"]),
        "Mobile": next(iter(_e164((str(row["phone_mobile"]),)))),
        "Notes": "from yesterday's file",
    }


def _e164(numbers: Iterable[str]) -> set[str]:
    parsed = (phonenumbers.parse(number, "US") for number in numbers)
    return {
        phonenumbers.format_number(each, phonenumbers.PhoneNumberFormat.E164) for each in parsed
    }
