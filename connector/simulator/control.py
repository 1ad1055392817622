"""Serve the control API: what tests and demos see and steer, apart from the platform's paths.

It is neither counted nor written down. Its paths and documents are fixed by section 6 of the
contract; `GET /faults`, `GET` and `PUT /latency`, `DELETE /tokens` and `PATCH /campaigns/{id}`
are additions.
"""

import uuid
from collections.abc import Awaitable, Callable
from dataclasses import asdict

import orjson
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from connector.simulator.contact import Contact
from connector.simulator.control_documents import (
    CampaignPatch,
    ContactPatch,
    Leads,
    LoadedContact,
    parse,
)
from connector.simulator.errors import Refused, error_body
from connector.simulator.fault_spec import FaultSpec, LatencySpec
from connector.simulator.faults import Latency
from connector.simulator.moments import timestamp
from connector.simulator.seed import SeedError, read
from connector.simulator.simulation import Simulation

Step = Callable[[Request, bytes], Response]


class Control:
    """The calls of the control API."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def routes(self) -> list[Route]:
        """Return the routes, below `/_control`."""
        steps: list[tuple[str, str, Step]] = [
            ("POST", "/reset", self._reset),
            ("GET", "/journal", self._journal),
            ("GET", "/contacts/{list}", self._contacts),
            ("POST", "/contacts/{list}", self._load),
            ("PATCH", "/contacts/{list}/{contact}", self._patch_contact),
            ("GET", "/dnc/{list}", self._dnc),
            ("GET", "/campaigns/{campaign}", self._campaign),
            ("PATCH", "/campaigns/{campaign}", self._patch_campaign),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._arm),
            ("DELETE", "/faults", self._disarm),
            ("GET", "/latency", self._latency),
            ("PUT", "/latency", self._set_latency),
            ("POST", "/opted_out", self._opt_out),
            ("DELETE", "/opted_out", self._lift),
            ("DELETE", "/tokens", self._revoke),
            ("GET", "/violations", self._violations),
        ]
        return [
            Route(path, _endpoint(self._simulation, step), methods=[method])
            for method, path, step in steps
        ]

    def _reset(self, request: Request, body: bytes) -> Response:  # noqa: ARG002 - a step's shape
        """Empty the books and take the given seed; without one, that of the start again."""
        seed = read(_json(body)) if body.strip() else self._simulation.seed
        self._simulation.reset(seed)
        return _told({"ok": True})

    def _journal(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer the lines after number `since`."""
        since = request.query_params.get("since", "0")
        if not since.isascii() or not since.isdigit():
            raise SeedError(["since: must be a number of the journal"])
        lines = self._simulation.world.journal.read(int(since))
        return StreamingResponse(lines, media_type="application/json")

    def _contacts(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer all contacts of a list, as the platform's contact objects."""
        contacts = self._simulation.world.books.contact_list(request.path_params["list"])
        documents = [one.document(contacts.id) for one in contacts.contacts.values()]
        return _told(documents)

    def _load(self, request: Request, body: bytes) -> Response:
        """Put contacts on a list as another loader would; answer them with their ids."""
        books = self._simulation.world.books
        contacts = books.contact_list(request.path_params["list"])
        loaded = parse(tuple[LoadedContact, ...], body)
        for one in loaded:
            if strays := sorted(one.data.keys() - contacts.column_set):
                raise SeedError([f"data: the list has no column {', '.join(strays)}"])
        created = timestamp(self._simulation.clock())
        tick = self._simulation.flights.moment()
        documents = []
        for one in loaded:
            contact = Contact(
                id=str(uuid.uuid4()),
                data={column: one.data.get(column, "") for column in contacts.columns},
                created=created,
                phone_status=one.phoneNumberStatus or contacts.fresh_phones,
                contactable=one.contactableStatus or contacts.fresh_media,
                callable=one.callable,
                call_records=one.callRecords,
                disabled_by_other=None if one.callable else tick,
            )
            books.put(contacts, contact)
            documents.append(contact.document(contacts.id))
        return _told(documents)

    def _patch_contact(self, request: Request, body: bytes) -> Response:
        """Change a contact as an agent or the dialler would."""
        list_id = request.path_params["list"]
        contact = self._simulation.world.books.contact(list_id, request.path_params["contact"])
        patch = parse(ContactPatch, body)
        if patch.callable is not None:
            contact.callable = patch.callable
            tick = self._simulation.flights.moment()
            contact.disabled_by_other = None if patch.callable else tick
        if patch.callRecords is not None:
            contact.call_records = {**contact.call_records, **patch.callRecords}
        return _told(contact.document(list_id))

    def _dnc(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer the numbers of a DNC list."""
        entries = self._simulation.world.books.dnc_list(request.path_params["list"]).entries
        return _told([{"number": one, "expires": until} for one, until in entries.items()])

    def _campaign(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer a campaign."""
        return _told(
            self._simulation.world.books.campaign(request.path_params["campaign"]).document
        )

    def _patch_campaign(self, request: Request, body: bytes) -> Response:
        """Change the status of a campaign as the dialler would, or its DNC lists as an
        administrator; that raises its version too.
        """
        books = self._simulation.world.books
        campaign = books.campaign(request.path_params["campaign"])
        patch = parse(CampaignPatch, body)
        for each in patch.dncLists or ():
            books.dnc_list(each.id)
        now = timestamp(self._simulation.clock())
        changes = patch.model_dump(mode="json", exclude_none=True)
        campaign.change({**campaign.document, **changes}, now)
        return _told(campaign.document)

    def _faults(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer what is armed."""
        return _told(self._simulation.world.faults.armed())

    def _arm(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Arm one fault."""
        return _told({"id": self._simulation.world.faults.arm(parse(FaultSpec, body))})

    def _disarm(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Disarm all faults."""
        self._simulation.world.faults.disarm()
        return _told({"ok": True})

    def _latency(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer how long answers take."""
        return _told(self._simulation.world.latency.spec.model_dump())

    def _set_latency(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Set how long answers take."""
        self._simulation.world.latency = Latency(parse(LatencySpec, body))
        return _told({"ok": True})

    def _opt_out(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Say which leads opt out."""
        tick = self._simulation.flights.tick()
        self._simulation.world.opt_outs.arm(parse(Leads, body).lead_ids, tick)
        return _told({"ok": True})

    def _lift(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Say which leads may be called again; without a body, all."""
        leads = parse(Leads, body).lead_ids if body.strip() else None
        self._simulation.world.opt_outs.disarm(leads)
        return _told({"ok": True})

    def _revoke(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Take every token back."""
        self._simulation.world.tokens.revoke()
        return _told({"ok": True})

    def _violations(self, request: Request, body: bytes) -> Response:  # noqa: ARG002
        """Answer the violations."""
        return _told([asdict(one) for one in self._simulation.world.violations.all()])


def _endpoint(simulation: Simulation, step: Step) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        simulation.world.jobs.settle(simulation.clock())
        try:
            return step(request, body)
        except SeedError as error:
            return _told({"problems": error.problems}, 400)
        except Refused as refused:
            refusal = refused.refusal
            return Response(error_body(refusal, ""), refusal.status, media_type="application/json")

    return endpoint


def _json(body: bytes) -> object:
    try:
        document: object = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise SeedError([f"document: not JSON ({error})"]) from None
    return document


def _told(document: object, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
