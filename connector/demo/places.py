"""Write the settings of the demo: the connector's file and the simulator's."""

import secrets
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

TOPIC = "crm.public.crm_lead"
APPLICATION = "lead-connector"
LISTS = {
    "campaigns": "3d5b6a5e-5f0c-4b7a-9f43-6a3f1d0e8c01",
    "renewals": "3d5b6a5e-5f0c-4b7a-9f43-6a3f1d0e8c02",
}
"""Every lead goes to the first; leads of the segment `renewal` go to the second too."""
DNC_LIST = "3d5b6a5e-5f0c-4b7a-9f43-6a3f1d0e8d01"
OWN_TOPICS = (
    f"{APPLICATION}.lead-changes",
    f"{APPLICATION}.opt-outs",
    f"{APPLICATION}.outcomes",
    f"{APPLICATION}.dead-letters",
    f"{APPLICATION}-lead-state-changelog",
    f"{APPLICATION}.control",
)
REQUESTS_PER_MINUTE = 480
"""More than the platform's 300, or the newcomer waits for two minutes."""

_CONNECTOR = """\
[kafka]
bootstrap_servers = "{broker}"
application_id = "{application}"
partitions = 4
replication_factor = 1
session_timeout = "10s"

[source]
topics = ["{topic}"]
envelope = "debezium"
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
client_id = "demo"
client_secret = "{client_secret}"
requests_per_minute = {requests}

[lists.campaigns]
contact_list = "{campaigns}"
dnc_list = "{dnc}"

[lists.renewals]
contact_list = "{renewals}"
dnc_list = "{dnc}"
when = {{ segment = ["renewal"] }}

[state]
directory = "{directory}/state"
secret = "{state_secret}"

[ops]
listen = "127.0.0.1:{port}"
"""

_SIMULATOR = """\
[[clients]]
client_id = "demo"
client_secret = "{client_secret}"
requests_per_minute = {requests}

[[contact_lists]]
id = "{campaigns}"
name = "All campaigns"
columns = {columns}
phone_columns = ["Mobile", "Home"]

[[contact_lists]]
id = "{renewals}"
name = "Renewals"
columns = {columns}
phone_columns = ["Mobile", "Home"]

[[dnc_lists]]
id = "{dnc}"
name = "Do not call"

[[campaigns]]
id = "3d5b6a5e-5f0c-4b7a-9f43-6a3f1d0e8e01"
name = "Spring"
contact_list = "{campaigns}"
dnc_lists = ["{dnc}"]
status = "on"
always_running = true

[latency]
delay_ms = 15
"""
_COLUMNS = (
    '["CRM_Lead_ID", "FirstName", "LastName", "Mobile", "Home", "TimeZone", "Status", "Notes"]'
)


@dataclass(frozen=True, slots=True)
class Places:
    """A directory for one demo; its secrets are made anew each time."""

    directory: Path
    broker: str
    port: int
    _client_secret: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    _state_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)

    def write_simulator(self) -> Path:
        """Write the simulator's file."""
        path = self.directory / "simulator.toml"
        text = _SIMULATOR.format(
            client_secret=self._client_secret,
            requests=REQUESTS_PER_MINUTE,
            columns=_COLUMNS,
            dnc=DNC_LIST,
            **LISTS,
        )
        return _written(path, text)

    def write_connector(self, platform: str) -> Path:
        """Write the connector's file, for a platform at that address."""
        text = _CONNECTOR.format(
            broker=self.broker,
            application=APPLICATION,
            topic=TOPIC,
            platform=platform,
            client_secret=self._client_secret,
            state_secret=self._state_secret,
            requests=REQUESTS_PER_MINUTE,
            dnc=DNC_LIST,
            directory=self.directory.as_posix(),
            port=self.port,
            **LISTS,
        )
        return _written(self.directory / "connector.toml", text)


def _written(path: Path, text: str) -> Path:
    tomllib.loads(text)  # a typing mistake here must not look like the connector's
    path.write_text(text, encoding="utf-8")
    return path
