"""Genesys's own Python SDK drives the simulator through every path, over a real socket.

Each answer must parse into the SDK's model with nothing lost, and say what the documentation
says. Needs the dependency group `sdk`, which `make test` installs.
"""

import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connector.simulator.routes import PATHS, Route, route
from tests.support.official_sdk import OfficialSdk, installed, official_sdk
from tests.support.platform_in_process import CONTACTS, NUMBERS, a_row
from tests.support.simulators import (
    CAMPAIGN,
    CLIENT,
    COLUMNS,
    DNC,
    LIST,
    Simulator,
    a_seed,
    running_simulator,
)

pytestmark = pytest.mark.skipif(not installed(), reason="make test installs the official SDK")

HOME = "00000000-0000-4000-8000-000000000000"
MAIL, CHAT, CUSTOM = (f"bbbbbbbb-0000-4000-8000-00000000000{n}" for n in (2, 3, 4))
OTHER_LIST = "aaaaaaaa-0000-4000-8000-000000000002"
ONE, TWO = "+15551230001", "+15551230002"
_SEED = a_seed()
SEED = {
    **_SEED,
    "contact_lists": [
        *_SEED["contact_lists"],
        {"id": OTHER_LIST, "name": "Others", "columns": ["A"], "phone_columns": ["A"]},
    ],
    "dnc_lists": [
        *_SEED["dnc_lists"],
        {"id": MAIL, "name": "Mail", "contact_method": "Email"},
        {"id": CHAT, "name": "Chat", "contact_method": "WhatsApp"},
        {
            "id": CUSTOM,
            "name": "Custom",
            "source": "rds_custom",
            "contact_method": "Any",
            "custom_exclusion_column": "Status",
        },
    ],
    "behaviour": {"job_seconds": 0.05, "clear_seconds": 0.05},
}
driven: set[object] = set()
"""The paths that were carried out so far."""


@pytest.fixture(scope="module")
def shared() -> Generator[Simulator, None, None]:
    """Run one simulator for all tests of this file."""
    with running_simulator(SEED) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def logged_in(shared: Simulator) -> Generator[OfficialSdk, None, None]:
    """Log the SDK in once; its import takes seconds."""
    with official_sdk(shared.url, CLIENT["client_id"], CLIENT["client_secret"]) as sdk:
        driven.update(_carried_out(shared))
        yield sdk


@pytest.fixture
def simulator(shared: Simulator, logged_in: OfficialSdk) -> Generator[Simulator, None, None]:
    """Return the simulator with empty books; afterwards, note which paths were driven."""
    del logged_in
    shared.reset()
    yield shared
    driven.update(_carried_out(shared))


@pytest.fixture
def sdk(simulator: Simulator, logged_in: OfficialSdk) -> OfficialSdk:
    """Return the SDK, before a simulator with empty books."""
    del simulator
    return logged_in


def _carried_out(simulator: Simulator) -> set[object]:
    found = [route(line.method, line.path) for line in simulator.journal() if line.applied]
    return {one.path for one in found if isinstance(one, Route)}


def a_contact(
    sdk: OfficialSdk, lead: str, *, model: str = "WritableDialerContact", **fields: object
) -> Any:
    """Return a contact to write, as the SDK's model; `row` are its cells."""
    row = fields.pop("row", {})
    assert isinstance(row, dict)
    known = {"id": f"lead-{lead}", "contact_list_id": LIST, "data": a_row(lead, **row)}
    return sdk.make(model, **known, **fields)


def add(sdk: OfficialSdk, *contacts: Any, **flags: bool) -> Any:
    """Add contacts."""
    return sdk.told(sdk.outbound.post_outbound_contactlist_contacts, LIST, list(contacts), **flags)


def predicate(sdk: OfficialSdk, column: str, operator: str, **fields: object) -> Any:
    """Return the criteria of one predicate; `bounds` are the fields of its range."""
    bounds = fields.pop("bounds", None)
    if isinstance(bounds, dict):
        fields["range"] = sdk.make("ContactListFilterRange", **bounds)
    one = sdk.make("ContactListFilterPredicate", column=column, operator=operator, **fields)
    clause = sdk.make("ContactListFilterClause", filter_type="AND", predicates=[one])
    return sdk.make("ContactBulkSearchCriteria", filter_type="AND", clauses=[clause])


def search(sdk: OfficialSdk, **wanted: object) -> Any:
    """Search the list."""
    request = sdk.make("ContactListingRequest", **{"page_number": 1, "page_size": 25, **wanted})
    return sdk.told(sdk.outbound.post_outbound_contactlist_contacts_search, LIST, request)


def complete(sdk: OfficialSdk, job: Any) -> Any:
    """Wait for a bulk job."""
    for _ in range(200):
        read = sdk.told(sdk.outbound.get_outbound_contactlist_contacts_bulk_job, LIST, job.id)
        if read.state == "Complete":
            return read
        time.sleep(0.01)
    raise AssertionError("the job does not end")


def utc_minute(days: int) -> str:
    """Return a moment as expirations are written."""
    return (datetime.now(UTC) + timedelta(days=days)).strftime("%Y-%m-%dT%H:%MZ")


def test_tokens(sdk: OfficialSdk) -> None:
    """The token that the SDK asked for says whose it is."""
    told = sdk.told(sdk.tokens.get_tokens_me)
    assert told.o_auth_client.id == "demo"
    assert told.organization.name == told.home_organization.name == "Simulator"
    assert told.authorized_scope == ["outbound"]


def test_limits(sdk: OfficialSdk) -> None:
    """The limits of the organisation are those of genesys-api section 3."""
    rate = {"client.credentials.token.rate.per.minute": 100_000, "request.bytes.max": 512_000}
    for call, namespace, expected in (
        ("get_organizations_limits_namespace", "platform.api", rate),
        (
            "get_organizations_limits_namespace_defaults",
            "platform.api",
            {**rate, "client.credentials.token.rate.per.minute": 300},
        ),
        (
            "get_organizations_limits_namespace",
            "outbound",
            {"contacts.per.list": 1_000_000, "contacts.per.org": 5_000_000},
        ),
    ):
        listed = sdk.told(getattr(sdk.organization, call), namespace).entities
        assert {one.key: one.value for one in listed}.items() >= expected.items()
        assert {one.namespace for one in listed} == {namespace}


def test_contact_lists(sdk: OfficialSdk) -> None:
    """A list is read with its columns and size, found by name, and renamed with its version."""
    add(sdk, a_contact(sdk, "1"))
    read = sdk.told(sdk.outbound.get_outbound_contactlist, LIST)
    assert (read.id, read.name, read.version, read.size) == (LIST, "Leads", 1, None)
    assert read.column_names == list(COLUMNS)
    assert [(one.column_name, one.type) for one in read.phone_columns] == [
        ("Mobile", "cell"),
        ("Home", "home"),
    ]
    sized = sdk.told(
        sdk.outbound.get_outbound_contactlist, LIST, include_size=True, include_import_status=True
    )
    assert sized.size == 1
    status = sdk.told(sdk.outbound.get_outbound_contactlist_importstatus, LIST)
    assert status.percent_complete == sized.import_status.percent_complete == 0
    listing = sdk.told(
        sdk.outbound.get_outbound_contactlists,
        name="lea",
        filter_type="Prefix",
        id=[LIST, OTHER_LIST],
        division_id=[HOME],
        include_size=True,
        sort_by="name",
        sort_order="ascending",
        page_size=10,
        page_number=1,
    )
    assert [(one.id, one.size) for one in listing.entities] == [(LIST, 1)]
    assert (listing.total, listing.page_count, listing.page_size) == (1, 1, 10)
    all_of_them = sdk.told(sdk.outbound.get_outbound_contactlists, sort_by="name")
    assert [one.name for one in all_of_them.entities] == ["Leads", "Others"]
    read.name = "Renamed"
    assert sdk.told(sdk.outbound.put_outbound_contactlist, LIST, read).version == 2
    refused = sdk.refusal(sdk.outbound.put_outbound_contactlist, LIST, read)
    assert (refused.status, refused.code) == (409, "invalid.update.wrong.version")
    refused = sdk.refusal(sdk.outbound.get_outbound_contactlist, "nowhere")
    assert (refused.status, refused.code) == (404, "contact.list.not.found")


def test_contacts(sdk: OfficialSdk, simulator: Simulator) -> None:
    """Contacts are added with an id of the caller's, updated by it, replaced, read and deleted."""
    voice = sdk.make("ContactableStatus", contactable=False, column_status={})
    added = add(
        sdk,
        a_contact(sdk, "1", row={"FirstName": "Ann", "Mobile": ONE}),
        a_contact(
            sdk,
            "2",
            callable=False,
            phone_number_status={"Mobile": sdk.make("PhoneNumberStatus", callable=False)},
            contactable_status={"Voice": voice},
        ),
        priority=True,
        do_not_queue=True,
        clear_system_data=False,
    )
    assert [one.id for one in added] == ["lead-1", "lead-2"]
    assert [one.callable for one in added] == [True, False]
    assert added[0].data == a_row("1", FirstName="Ann", Mobile=ONE)
    assert added[0].configuration_overrides.priority is True
    assert added[0].phone_number_status["Mobile"].callable is True
    assert added[1].phone_number_status["Mobile"].callable is False
    assert added[1].contactable_status["Voice"].contactable is False
    assert abs(datetime.now(UTC) - added[0].date_created) < timedelta(minutes=1)

    again = add(sdk, a_contact(sdk, "1", row={"FirstName": "Anna"}))
    assert [(one.id, one.data["FirstName"]) for one in again] == [("lead-1", "Anna")]
    records = {"Mobile": {"lastAttempt": "2026-11-01T10:00:00.000Z", "lastResult": "NO_ANSWER"}}
    simulator.patch_contact("lead-1", call_records=records)
    read = sdk.told(sdk.outbound.get_outbound_contactlist_contact, LIST, "lead-1")
    assert read.call_records["Mobile"].last_result == "NO_ANSWER"
    assert read.call_records["Mobile"].last_attempt == datetime(2026, 11, 1, 10, tzinfo=UTC)

    read.callable, read.data = False, {**read.data, "FirstName": "Eve"}
    put = sdk.told(sdk.outbound.put_outbound_contactlist_contact, LIST, "lead-1", read)
    assert (put.callable, put.data["FirstName"]) == (False, "Eve")
    assert put.call_records["Mobile"].last_result == "NO_ANSWER"
    cleared = add(sdk, a_contact(sdk, "1"), clear_system_data=True)
    assert (cleared[0].callable, cleared[0].call_records) == (True, {})

    fetched = sdk.told(
        sdk.outbound.post_outbound_contactlist_contacts_bulk, LIST, ["lead-2", "x", "lead-1"]
    )
    assert [one.id for one in fetched] == ["lead-2", "lead-1"]
    add(sdk, a_contact(sdk, "3"))
    sdk.told(sdk.outbound.delete_outbound_contactlist_contact, LIST, "lead-3")
    sdk.told(sdk.outbound.delete_outbound_contactlist_contacts, LIST, ["lead-1", "x", "lead-2"])
    assert simulator.contacts() == []


def test_refusals_of_contacts(sdk: OfficialSdk) -> None:
    """What the platform refuses comes as `ErrorBody`, with the documented code."""
    outbound = sdk.outbound
    lacking = sdk.make("WritableDialerContact", contact_list_id=LIST, data={"Status": "x"})
    stranger = sdk.make(
        "WritableDialerContact", contact_list_id=LIST, data={**a_row("1"), "Nope": "x"}
    )
    long = a_contact(sdk, "1", row={"Status": "x" * 513})
    odd = a_contact(sdk, "a b")
    for contacts, code in (
        ([lacking], "contact.missing.columns"),
        ([stranger], "invalid.contact.columns"),
        ([long], "contact.datum.length.limit.exceeded"),
        ([odd], "invalid.contact.id"),
        ([sdk.make("WritableDialerContact", contact_list_id=LIST)], "contact.missing.data"),
        ([sdk.make("WritableDialerContact", data=a_row("1"))], "constraint.validation"),
        ([a_contact(sdk, str(n)) for n in range(1001)], "too.many.contacts.added"),
    ):
        refused = sdk.refusal(outbound.post_outbound_contactlist_contacts, LIST, contacts)
        assert (refused.status, refused.code) == (400, code)
    for call, args, expected in (
        ("get_outbound_contactlist_contact", (LIST, "x"), (404, "resource.not.found")),
        ("get_outbound_contactlist_contact", ("x", "y"), (404, "contact.list.not.found")),
        ("delete_outbound_contactlist_contact", (LIST, "x"), (404, "contact.not.found")),
        (
            "put_outbound_contactlist_contact",
            (LIST, "lead-9", a_contact(sdk, "9", model="DialerContact")),
            (404, "resource.not.found"),
        ),
        (
            "post_outbound_contactlist_contacts_bulk",
            (LIST, [str(n) for n in range(51)]),
            (400, "too.many.contacts.requested"),
        ),
        (
            "delete_outbound_contactlist_contacts",
            (LIST, [str(n) for n in range(251)]),
            (400, "too.many.contacts.added"),
        ),
        (
            "delete_outbound_contactlist_contacts",
            (LIST, []),
            (400, "no.contacts.specified"),
        ),
    ):
        refused = sdk.refusal(getattr(outbound, call), *args)
        assert (refused.status, refused.code) == expected


PEOPLE = {
    "1": {"FirstName": "Ann", "Status": "9", "TimeZone": "2026-01-01T00:00:00.000Z"},
    "2": {"FirstName": "Bob", "Status": "10", "TimeZone": "2026-06-01T00:00:00.000Z"},
    "3": {"FirstName": "Anna", "Status": "11", "TimeZone": ""},
}
NUMERIC = {"column_type": "numeric"}
OPERATORS: list[tuple[str, str, dict[str, object], list[str]]] = [
    ("FirstName", "EQUALS", {"value": "Ann"}, ["1"]),
    ("Status", "LESS_THAN", {"value": "10", **NUMERIC}, ["1"]),
    ("Status", "LESS_THAN_EQUALS", {"value": "10", **NUMERIC}, ["1", "2"]),
    ("Status", "GREATER_THAN", {"value": "10", **NUMERIC}, ["3"]),
    ("Status", "GREATER_THAN_EQUALS", {"value": "10", **NUMERIC}, ["2", "3"]),
    ("FirstName", "CONTAINS", {"value": "nn", "column_type": "alphabetic"}, ["1", "3"]),
    ("FirstName", "BEGINS_WITH", {"value": "B"}, ["2"]),
    ("FirstName", "ENDS_WITH", {"value": "a"}, ["3"]),
    ("TimeZone", "BEFORE", {"value": "2026-03-01T00:00:00.000Z"}, ["1"]),
    ("TimeZone", "AFTER", {"value": "2026-03-01T00:00:00.000Z"}, ["2"]),
    (
        "Status",
        "BETWEEN",
        {"bounds": {"min": "9", "max": "11", "min_inclusive": True}, **NUMERIC},
        ["1", "2"],
    ),
    ("CRM_Lead_ID", "IN", {"bounds": {"in_set": ["1", "3", "7"]}}, ["1", "3"]),
    ("CRM_Lead_ID", "IN", {"bounds": {"in_set": ["1"]}, "inverted": True}, ["2", "3"]),
]


def test_search_with_every_operator(sdk: OfficialSdk) -> None:
    """Each operator that the SDK knows finds what it says."""
    add(sdk, *(a_contact(sdk, lead, row=row) for lead, row in PEOPLE.items()))
    for column, operator, fields, expected in OPERATORS:
        found = search(sdk, criteria=predicate(sdk, column, operator, **fields))
        leads = [one.data["CRM_Lead_ID"] for one in found.entities]
        assert leads == expected, operator
        assert (found.total, found.contacts_count) == (len(expected), 3)
    operators = {operator for _, operator, _, _ in OPERATORS}
    assert len(operators) == 12
    criteria = predicate(sdk, "Nope", "EQUALS", value="x")
    request = sdk.make("ContactListingRequest", criteria=criteria)
    refused = sdk.refusal(sdk.outbound.post_outbound_contactlist_contacts_search, LIST, request)
    assert refused.code == "invalid.contact.list.filter"


def test_search_by_pages(sdk: OfficialSdk) -> None:
    """Pages follow each other in the order asked for; 100 is the most that one returns."""
    add(sdk, *(a_contact(sdk, str(n), row={"Status": str(n)}) for n in range(230)))
    sort = sdk.make("ContactSort", field_name="Status", direction="DESC", numeric=True)
    seen: list[int] = []
    for number in (1, 2, 3):
        page = search(sdk, page_number=number, page_size=500, contact_sorts=[sort])
        assert (page.page_size, page.page_number, page.page_count) == (100, number, 3)
        assert (page.total, page.contacts_count) == (230, 230)
        seen.extend(int(one.data["Status"]) for one in page.entities)
    assert seen == list(range(229, -1, -1))


def test_bulk_jobs(sdk: OfficialSdk, simulator: Simulator) -> None:
    """A job changes or deletes what it selects; it is listed, and leaves a backup."""
    outbound = sdk.outbound
    add(sdk, *(a_contact(sdk, lead, row=row) for lead, row in PEOPLE.items()))
    edit = sdk.make(
        "ContactBulkEditRequest",
        criteria=predicate(sdk, "FirstName", "CONTAINS", value="nn"),
        contact=sdk.make("DialerContact", callable=False, data={"Status": "gone"}),
        generate_download_uri=True,
    )
    begun = sdk.told(outbound.post_outbound_contactlist_contacts_bulk_update, LIST, edit)
    assert (begun.state, begun.type, begun.total_records) == ("InProgress", "BulkEdit", 2)
    refused = sdk.refusal(outbound.post_outbound_contactlist_contacts_bulk_update, LIST, edit)
    assert (refused.status, refused.code) == (400, "contact.bulk.operation.in.progress")
    done = complete(sdk, begun)
    assert (done.completed_records, done.percent_complete) == (2, 100)
    held = {one["id"]: one for one in simulator.contacts()}
    assert [one["callable"] for one in held.values()] == [False, True, False]
    assert held["lead-1"]["data"] == a_row("1", **{**PEOPLE["1"], "Status": "gone"})
    remove = sdk.make(
        "ContactBulkSearchParameters",
        criteria=predicate(sdk, "Status", "EQUALS", value="gone"),
        generate_download_uri=False,
    )
    removal = sdk.told(outbound.post_outbound_contactlist_contacts_bulk_remove, LIST, remove)
    assert (removal.type, removal.download_uri) == ("BulkDelete", None)
    complete(sdk, removal)
    assert [one["id"] for one in simulator.contacts()] == ["lead-2"]
    listed = sdk.told(outbound.get_outbound_contactlist_contacts_bulk_jobs, LIST)
    assert [one.id for one in listed.entities] == [removal.id, begun.id]
    file = done.download_uri.rsplit("/", 1)[1]
    where = sdk.told(sdk.downloads.get_download, file, issue_redirect=False)
    assert where.url == done.download_uri
    assert simulator.violations() == []


def test_clearing_and_exporting(sdk: OfficialSdk, simulator: Simulator) -> None:
    """A list that nobody dials is exported and cleared; both take their time."""
    outbound = sdk.outbound
    add(sdk, a_contact(sdk, "1"), a_contact(sdk, "2"))
    refused = sdk.refusal(outbound.post_outbound_contactlist_clear, LIST)
    assert refused.code == "contact.list.is.on.running.campaign"
    refused = sdk.refusal(outbound.get_outbound_contactlist_export, LIST)
    assert (refused.status, refused.code) == (404, "no.available.list.export.uri")
    assert sdk.told(outbound.post_outbound_contactlist_export, LIST).id
    some = sdk.make("ContactsExportRequest", contact_ids=["lead-1"])
    assert sdk.told(outbound.post_outbound_contactlist_export, LIST, body=some).id
    sdk.told(outbound.post_outbound_dnclist_export, DNC)
    simulator.set_campaign_status("off")
    sdk.told(outbound.post_outbound_contactlist_clear, LIST)
    refused = sdk.refusal(outbound.post_outbound_contactlist_contacts, LIST, [a_contact(sdk, "3")])
    assert (refused.status, refused.code) == (400, "contact.list.clear.in.progress")
    time.sleep(0.06)
    assert simulator.contacts() == []
    told = sdk.told(outbound.get_outbound_contactlist_export, LIST, download="false")
    assert told.uri.startswith("/api/v2/downloads/")
    assert sdk.told(outbound.get_outbound_dnclist_export, DNC).export_timestamp is not None


def test_dnc_lists(sdk: OfficialSdk, simulator: Simulator) -> None:
    """Numbers are posted and patched, with an expiration; lists tell their size."""
    outbound = sdk.outbound
    until = utc_minute(30)
    sdk.told(outbound.post_outbound_dnclist_phonenumbers, DNC, [ONE])
    sdk.told(
        outbound.post_outbound_dnclist_phonenumbers, DNC, [ONE, TWO], expiration_date_time=until
    )
    assert simulator.dnc() == {ONE: until, TWO: until}
    patch = sdk.make("DncPatchPhoneNumbersRequest", action="Add", phone_numbers=[ONE])
    sdk.told(outbound.patch_outbound_dnclist_phonenumbers, DNC, patch)
    assert simulator.dnc() == {ONE: None, TWO: until}
    read = sdk.told(
        outbound.get_outbound_dnclist, DNC, include_size=True, include_import_status=True
    )
    assert (read.size, read.dnc_source_type, read.contact_method) == (2, "rds", "Phone")
    assert read.import_status.total_records == 0
    assert sdk.told(outbound.get_outbound_dnclist_importstatus, DNC).total_records == 0
    listing = sdk.told(
        outbound.get_outbound_dnclists, name="not", dnc_source_type="rds", include_size=True
    )
    assert listing.entities == []
    listing = sdk.told(outbound.get_outbound_dnclists, name="do not", include_size=True)
    assert [(one.id, one.size) for one in listing.entities] == [(DNC, 2)]
    custom = sdk.told(outbound.get_outbound_dnclists, dnc_source_type="rds_custom").entities
    assert [one.custom_exclusion_column for one in custom] == ["Status"]
    assert simulator.violations() == []


def test_refusals_of_dnc_lists(sdk: OfficialSdk) -> None:
    """Bad numbers, dates and lists are refused with their codes."""
    outbound = sdk.outbound
    post = outbound.post_outbound_dnclist_phonenumbers
    patch = outbound.patch_outbound_dnclist_phonenumbers
    many = [f"+1555{n:07}" for n in range(251)]

    def request(**fields: object) -> Any:
        return sdk.make("DncPatchPhoneNumbersRequest", **fields)

    refused = sdk.refusal(post, DNC, [ONE], expiration_date_time=utc_minute(200))
    assert refused.code == "invalid.date.value"
    for call, args, code in (
        (post, (DNC, ["5551230001"]), "invalid.value"),
        (post, ("x", [ONE]), "dnc.list.not.found"),
        (post, (CUSTOM, [ONE]), "dnc.source.operation.not.supported"),
        (
            patch,
            (MAIL, request(action="Add", phone_numbers=[ONE])),
            "dnc.list.invalid.contact.method",
        ),
        (patch, (DNC, request(phone_numbers=[ONE])), "invalid.dnc.patch.action"),
        (patch, (DNC, request(action="Add")), "invalid.dnc.patch.request"),
        (
            patch,
            (DNC, request(action="Add", phone_numbers=many)),
            "dnc.delete.entries.max.per.request.exceeded",
        ),
    ):
        assert sdk.refusal(call, *args).code == code


def test_other_entries_and_removals(sdk: OfficialSdk, simulator: Simulator) -> None:
    """Lists of addresses, of WhatsApp numbers and by column; each removal is written down."""
    outbound = sdk.outbound
    sdk.told(outbound.post_outbound_dnclist_emailaddresses, MAIL, ["ann@example.org"])
    for call, list_id, model, field, entries in (
        ("emailaddresses", MAIL, "DncPatchEmailsRequest", "email_addresses", ["bob@example.org"]),
        ("whatsappnumbers", CHAT, "DncPatchWhatsAppNumbersRequest", "whats_app_numbers", [ONE]),
        (
            "customexclusioncolumns",
            CUSTOM,
            "DncPatchCustomExclusionColumnsRequest",
            "custom_exclusion_column_entries",
            ["Archived"],
        ),
    ):
        patch = sdk.make(model, action="Add", **{field: entries})
        sdk.told(getattr(outbound, f"patch_outbound_dnclist_{call}"), list_id, patch)
        assert set(simulator.dnc(list_id)) >= set(entries)
        assert simulator.violations() == []
    for n, (call, list_id) in enumerate(
        (
            ("emailaddresses", MAIL),
            ("whatsappnumbers", CHAT),
            ("customexclusioncolumns", CUSTOM),
            ("phonenumbers", DNC),
        ),
        start=1,
    ):
        delete = getattr(outbound, f"delete_outbound_dnclist_{call}")
        sdk.told(delete, list_id, expired_only=False)
        assert simulator.dnc(list_id) == {}
        assert len(simulator.violations("dnc_removal")) == n


def test_campaigns(sdk: OfficialSdk) -> None:
    """A campaign is read, found by what it uses, changed with its version and patched."""
    outbound = sdk.outbound
    read = sdk.told(outbound.get_outbound_campaign, CAMPAIGN)
    assert (read.campaign_status, read.version, read.always_running) == ("on", 1, False)
    assert (read.contact_list.id, [one.id for one in read.dnc_lists]) == (LIST, [DNC])
    for query, total in (
        ({"contact_list_id": LIST}, 1),
        ({"contact_list_id": OTHER_LIST}, 0),
        ({"dnc_list_ids": DNC, "id": [CAMPAIGN, "x"], "name": "spr"}, 1),
        ({"dnc_list_ids": MAIL}, 0),
        ({"name": "ring", "filter_type": "EndsWith", "division_id": [HOME]}, 1),
        ({"distribution_queue_id": "x"}, 0),
        ({"edge_group_id": "x"}, 0),
        ({"call_analysis_response_set_id": "x"}, 0),
        ({"sort_by": "name", "sort_order": "descending", "page_size": 1, "page_number": 1}, 1),
    ):
        listing = sdk.told(outbound.get_outbound_campaigns, **query)
        assert (listing.total, len(listing.entities)) == (total, total), query
    read.campaign_status = "off"
    put = sdk.told(outbound.put_outbound_campaign, CAMPAIGN, read)
    assert (put.campaign_status, put.version) == ("off", 2)
    refused = sdk.refusal(outbound.put_outbound_campaign, CAMPAIGN, read)
    assert (refused.status, refused.code) == (409, "invalid.update.wrong.version")
    patch = sdk.make(
        "CampaignPatchRequest",
        outbound_line_count=7,
        abandon_rate=2.5,
        queue=sdk.make("AddressableEntityRef", id="q1"),
        dynamic_line_balancing_settings=sdk.make(
            "DynamicLineBalancingSettingsPatchRequest", enabled=True, relative_weight=3
        ),
    )
    sdk.told(outbound.patch_outbound_campaign, CAMPAIGN, patch)
    patched = sdk.told(outbound.get_outbound_campaign, CAMPAIGN)
    assert (patched.outbound_line_count, patched.abandon_rate, patched.queue.id) == (7, 2.5, "q1")
    assert (patched.campaign_status, patched.version) == ("off", 3)
    assert sdk.told(outbound.get_outbound_campaigns, distribution_queue_id="q1").total == 1


def test_turning_campaigns_on_and_off(sdk: OfficialSdk, simulator: Simulator) -> None:
    """Start and stop, with the body `null` that the SDK sends; complete to off is refused."""
    outbound = sdk.outbound
    for call, expected in (("stop", "off"), ("start", "on"), ("start", "on")):
        sdk.told(getattr(outbound, f"post_outbound_campaign_{call}"), CAMPAIGN)
        read = sdk.told(outbound.get_outbound_campaign, CAMPAIGN)
        assert read.campaign_status == expected
    simulator.set_campaign_status("complete")
    read = sdk.told(outbound.get_outbound_campaign, CAMPAIGN)
    read.campaign_status = "off"
    refused = sdk.refusal(outbound.put_outbound_campaign, CAMPAIGN, read)
    assert (refused.status, refused.code) == (400, "invalid.update.bad.status.transition")
    read.campaign_status = "on"
    assert sdk.told(outbound.put_outbound_campaign, CAMPAIGN, read).campaign_status == "on"
    for call, code in (
        ("post_outbound_campaign_start", "campaign.not.found"),
        ("post_outbound_campaign_stop", "campaign.not.found"),
        ("get_outbound_campaign", "resource.not.found"),
    ):
        refused = sdk.refusal(getattr(outbound, call), "x")
        assert (refused.status, refused.code) == (404, code)


def test_progress_of_campaigns(sdk: OfficialSdk, simulator: Simulator) -> None:
    """Progress counts called contacts, for one campaign and for many, and can begin again."""
    outbound = sdk.outbound
    add(sdk, a_contact(sdk, "1"), a_contact(sdk, "2"))
    records = {"Mobile": {"lastAttempt": "2026-11-01T10:00:00.000Z", "lastResult": "BUSY"}}
    simulator.patch_contact("lead-1", call_records=records)
    one = sdk.told(outbound.get_outbound_campaign_progress, CAMPAIGN)
    assert (one.campaign.id, one.contact_list.id) == (CAMPAIGN, LIST)
    assert (one.number_of_contacts_called, one.total_number_of_contacts) == (1, 2)
    assert one.percentage == 50
    many = sdk.told(outbound.post_outbound_campaigns_progress, [CAMPAIGN])
    assert [each.percentage for each in many] == [50]
    sdk.told(outbound.delete_outbound_campaign_progress, CAMPAIGN)
    assert sdk.told(outbound.get_outbound_campaign_progress, CAMPAIGN).percentage == 0


def test_habits_on_the_wire(sdk: OfficialSdk, simulator: Simulator) -> None:
    """Joined ids and `null` bodies are what really arrives, and is accepted."""
    add(sdk, a_contact(sdk, "1"), a_contact(sdk, "2"))
    sdk.told(sdk.outbound.delete_outbound_contactlist_contacts, LIST, ["lead-1", "lead-2"])
    line = simulator.journal()[-1]
    assert (line.query, line.applied) == ({"contactIds": "lead-1,lead-2"}, True)
    sdk.told(sdk.outbound.post_outbound_campaign_start, CAMPAIGN)
    line = simulator.journal()[-1]
    assert (line.body, line.status) == (None, 204)
    assert simulator.contacts() == []


def test_its_retry_heeds_retry_after(sdk: OfficialSdk, simulator: Simulator) -> None:
    """A 429 with `Retry-After` is repeated by the SDK after that long, and not held against it."""
    simulator.arm(
        {"path": "*/contacts/x"},
        {"kind": "status", "status": 429, "headers": {"Retry-After": 1}},
        count=2,
    )
    add(sdk, a_contact(sdk, "1"))
    began = time.monotonic()
    refused = sdk.refusal(sdk.outbound.get_outbound_contactlist_contact, LIST, "x")
    assert refused.status == 404
    assert time.monotonic() - began >= 2
    assert [line.status for line in simulator.journal()[-3:]] == [429, 429, 404]
    assert simulator.violations() == []
    simulator.arm({}, {"kind": "status", "status": 429}, count=1)
    refused = sdk.refusal(sdk.outbound.get_outbound_contactlist_contact, LIST, "lead-1")
    assert (refused.status, refused.code) == (429, "too.many.requests.retry.after")


def test_a_post_that_it_sends_again(sdk: OfficialSdk, simulator: Simulator) -> None:
    """A dropped connection makes the SDK send its POST again: an upsert with an id, else twice."""
    for contact, held in ((a_contact(sdk, "1"), 1), (a_contact(sdk, "2"), 3)):
        if held > 1:
            contact.id = None
        simulator.arm({"path": CONTACTS}, {"kind": "reset_after_apply"}, count=1)
        assert len(add(sdk, contact)) == 1
        lines = simulator.journal()[-2:]
        assert [(line.method, line.applied) for line in lines] == [("POST", True)] * 2
        assert [line.fault for line in lines] == ["reset_after_apply", None]
        assert len(simulator.contacts()) == held
    simulator.arm({"path": NUMBERS}, {"kind": "reset_before"}, count=1)
    sdk.told(sdk.outbound.post_outbound_dnclist_phonenumbers, DNC, [ONE])
    assert simulator.dnc() == {ONE: None}
    assert simulator.violations() == []


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "bad.credentials"),
        (403, "not.authorized"),
        (408, "client.timeout"),
        (409, "request.conflict"),
        (413, "request.entity.too.large"),
        (500, "internal.server.error"),
        (503, "service.unavailable"),
        (504, "request.timeout"),
    ],
)
def test_armed_errors_parse(
    sdk: OfficialSdk, simulator: Simulator, status: int, code: str
) -> None:
    """The error of every common status is an `ErrorBody` to the SDK."""
    simulator.arm({}, {"kind": "status", "status": status}, count=1)
    refused = sdk.refusal(sdk.tokens.get_tokens_me)
    assert (refused.status, refused.code) == (status, code)


def test_every_path_was_driven(request: pytest.FixtureRequest) -> None:
    """No path of the simulator is left out by the tests above."""
    here = {one.name for one in request.session.items if one.path == request.path}
    if len(here) < sum(name.startswith("test_") for name in globals()):
        pytest.skip("only meaningful where the whole file runs")
    paths = {path: f"{method} {template}" for (method, template), path in PATHS.items()}
    assert sorted(name for path, name in paths.items() if path not in driven) == []
