"""Set up what contenders run against: topics with records, the server, and processes."""

import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.platform_server import DNC_LIST_ID, LIST_ID, SECOND_LIST_ID
from tests.support.site import free_port

_SETTINGS = """
[kafka]
bootstrap_servers = "{servers}"
application_id = "{application}"
partitions = {partitions}
replication_factor = 1
session_timeout = "{session}"

[source]
topics = ["{source}"]
envelope = "flat"
encoding = "json"

[mapping]
lead_id = "lead_id"

[mapping.columns]
FirstName = "first_name"
LastName = "last_name"
Mobile = "phone_mobile"
Home = "phone_home"
TimeZone = "time_zone"
Status = "status"
Email = "email"

[mapping.phones]
Mobile = "cell"
Home = "home"

[mapping.opt_out]
do_not_call = [true]
status = ["DNC_Requested"]

[mapping.quarantine]
status = ["Disqualified"]

[genesys]
api_url = "{platform}"
login_url = "{platform}"
client_id = "{client}"
client_secret = "{client}"
requests_per_minute = {requests_per_minute}

[lists.default]
contact_list = "{contact_list}"
dnc_list = "{dnc_list}"
campaigns = "off"
adopt_existing = {adopt}
{second_list}
[apply]
batch_size = 50

[state]
directory = "{directory}/state-{application}"
secret = "of-the-benchmark-and-of-no-other-use"

[ops]
listen = "{listen}"
log_format = "json"
"""


_SECOND_LIST = """
[lists.second]
contact_list = "{contact_list}"
dnc_list = "{dnc_list}"
campaigns = "off"
adopt_existing = {adopt}
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the platform grants, whether contacts that others loaded are looked for, whether every
    lead belongs on a second list too, and how long a killed worker keeps its partitions.
    """

    client: str = "of-the-benchmark"
    requests_per_minute: int = 100_000
    adopt: bool = False
    second_list: bool = False
    session: str = "45s"


def write_settings(  # noqa: PLR0913, PLR0917  # each of another kind
    directory: Path,
    servers: str,
    application: str,
    source: str,
    partitions: int,
    platform: str,
    terms: Terms | None = None,
) -> Path:
    """Write the settings of one worker; return the file."""
    terms = terms or Terms()
    adopt = str(terms.adopt).lower()
    second = _SECOND_LIST.format(contact_list=SECOND_LIST_ID, dnc_list=DNC_LIST_ID, adopt=adopt)
    path = directory / f"{application}.toml"
    path.write_text(
        _SETTINGS.format(
            servers=servers,
            application=application,
            source=source,
            partitions=partitions,
            platform=platform,
            contact_list=LIST_ID,
            dnc_list=DNC_LIST_ID,
            directory=directory,
            client=terms.client,
            requests_per_minute=terms.requests_per_minute,
            adopt=adopt,
            second_list=second if terms.second_list else "",
            session=terms.session,
            listen=f"127.0.0.1:{free_port()}",
        )
    )
    return path


@contextmanager
def platform_server() -> Iterator[str]:
    """Run the server in a process of its own; give its address."""
    command = [sys.executable, "-m", "benchmarks.platform_server"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout is None:
            raise RuntimeError("a pipe was asked for")
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(10)


def take_counts(platform: str) -> tuple[dict[str, int], dict[int, int]]:
    """Take the requests by kind and the contacts of each insert, and begin them anew."""
    request = urllib.request.Request(f"{platform}/counts", method="DELETE")  # noqa: S310
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - our own server
        told = json.load(answer)
    return told["requests"], {int(size): often for size, often in told["sizes"]}


def last_line(command: Sequence[str], timeout: float) -> dict[str, float]:
    """Run a contender to its end; return what its last line says."""
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=timeout, env=environment()
    )
    line = done.stdout.splitlines()[-1]
    found: dict[str, float] = json.loads(line[line.index("{") :])  # Faust writes a prefix
    return found


def environment() -> dict[str, str]:
    """Return the environment of a user who has set nothing for the connector."""
    return {name: text for name, text in os.environ.items() if not name.startswith("CONNECTOR_")}


def load_average() -> str:
    """Say how busy the machine was of late: other work makes figures worse."""
    return " ".join(f"{each:.1f}" for each in os.getloadavg())


def wait_for(seconds: float) -> Iterator[None]:
    """Come round every 20 ms until *seconds* are over.

    Raises:
        TimeoutError: they are.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
    raise TimeoutError(f"nothing more came within {seconds:.0f} s")
