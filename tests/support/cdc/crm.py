"""A CRM's table of leads: what happens to it, and what it says must be on the platform.

The truth is the database's own: the table at the end, and what `crm.sql` keeps of opt-outs.
"""

from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import dict_row

from tests.support.cdc.shapes import SNAPSHOT_CHUNK
from tests.support.scene import DNC_WEST, LEAD_COLUMN, ListScene, Scene

Connection = psycopg.Connection[tuple[object, ...]]

_HERE = Path(__file__).parent
LEADS = 400
"""How many leads are in the table before anybody listens: L-0001 and on."""
DELETED = "L-0005"
"""A lead of these that a step deletes."""
MAPPED = {
    "FirstName": "first_name",
    "LastName": "last_name",
    "Mobile": "phone_mobile",
    "Home": "phone_home",
    "Status": "status",
    "Score": "score",
    "Amount": "amount",
    "Born": "birth_date",
    "Notes": "notes",
    "Region": "region",
}


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens to the table, as one transaction."""

    title: str
    sql: bytes


def steps() -> list[Step]:
    """Read what happens, in order."""
    _, *blocks = _HERE.joinpath("steps.sql").read_text().split("--- ")
    return [
        Step(title, sql.encode()) for title, _, sql in (block.partition("\n") for block in blocks)
    ]


def create(database: Connection) -> None:
    """Make the tables, and fill in the leads that are there before anybody listens."""
    database.execute(_HERE.joinpath("crm.sql").read_bytes())


def perform(database: Connection, step: Step) -> None:
    """Do one step."""
    database.execute(step.sql)


def nudge(database: Connection, lead: str) -> None:
    """Change a row a little: a write that goes on while something else happens."""
    database.execute("update crm_lead set score = score + 1 where lead_id = %s", (lead,))


def rename(database: Connection, lead: str, name: str) -> None:
    """Give a lead a last name by which its new contact can be told from the one before."""
    database.execute("update crm_lead set last_name = %s where lead_id = %s", (name, lead))


def opt_out(database: Connection, lead: str) -> str:
    """Let a lead say that it must not be called; give its mobile number."""
    cursor = database.execute(
        "update crm_lead set do_not_call = true where lead_id = %s returning phone_mobile", (lead,)
    )
    ((number,),) = cursor.fetchall()
    return str(number)


def take_snapshot(database: Connection) -> None:
    """Ask Debezium for an incremental snapshot of the table while it is in use."""
    data = '{"data-collections": ["public.crm_lead"], "type": "incremental"}'
    database.execute(
        "insert into debezium_signal values ('again', 'execute-snapshot', %s)", (data,)
    )


def snapshot_taken(database: Connection) -> bool:
    """Tell whether Debezium has read every chunk of the table."""
    cursor = database.execute(
        "select count(*) >= ceil((select count(*) from crm_lead) / %s::numeric) "
        "from debezium_signal where type = 'snapshot-window-close'",
        (SNAPSHOT_CHUNK,),
    )
    return cursor.fetchall() == [(True,)]


def fence(database: Connection, lead: str) -> None:
    """Insert a lead that nobody can call: once it is in Kafka, so is all that came before."""
    database.execute("insert into crm_lead (lead_id) values (%s)", (lead,))


def callable_cells(database: Connection) -> dict[str, dict[str, str]]:
    """Give the cells of every lead that may be called, by lead id, as SQL writes them."""
    with database.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "select * from crm_lead where coalesce(phone_mobile, phone_home) is not null "
            "and lead_id not in (select lead_id from opted_out_lead)"
        ).fetchall()
    return {
        row["lead_id"]: {LEAD_COLUMN: row["lead_id"]}
        | {column: _text(row[field]) for column, field in MAPPED.items()}
        for row in rows
    }


def blocked(database: Connection) -> frozenset[str]:
    """Give every number that a lead had or got that has opted out."""
    return frozenset(
        str(number) for (number,) in database.execute("select number from opted_out_number")
    )


def scene(topic: str) -> Scene:
    """Make the platform and settings for the table: one list for every lead."""
    columns = (LEAD_COLUMN, *MAPPED)
    return Scene(
        topic=topic,
        lists=(
            ListScene("leads", "c0000000-0000-4000-8000-00000000000c", DNC_WEST, columns, MAPPED),
        ),
        revision=None,
        phones={"Mobile": "phone_mobile", "Home": "phone_home"},
        opt_out={"do_not_call": (True,), "status": ("DNC_Requested",)},
        quarantine={"status": ("CLOSED",)},
        mapped=MAPPED,
    )


def _text(value: object) -> str:
    return "" if value is None else str(value)
