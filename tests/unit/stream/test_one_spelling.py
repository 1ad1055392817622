"""Both spellings of a Salesforce field are one, wherever the settings name it."""

from pathlib import Path

import pytest

from connector.domain.ids import ListId
from connector.genesys.list_book import ContactList, ListBook
from connector.planning.conditions import condition
from connector.settings.model import Settings
from connector.stream import composition
from tests.support.settings_files import loaded

TEXT = """
[kafka]
bootstrap_servers = "127.0.0.1:9092"
[source]
topics = ["LeadChangeEvent"]
envelope = "{envelope}"
[mapping]
lead_id = "{name}.External_Lead_ID__c"
revision = "{name}.LastModifiedDate"
[mapping.columns]
First = "{name}.FirstName"
Mobile = "MobilePhone"
[mapping.phones]
Mobile = "cell"
[mapping.opt_out]
"{name}.DoNotCall" = [1]
DoNotCall = [true]
[mapping.quarantine]
"{address}.State" = ["XX"]
[genesys]
region = "us_east_1"
client_id = "client"
client_secret = "secret"
[lists.default]
contact_list = "list-1"
dnc_list = "dnc-1"
when = {{ "{address}.State" = ["NY", "CA"], State = ["ca", "NJ"] }}
unless = {{ "{address}.State" = ["NY"], State = ["TX"] }}
priority = {{ "{name}.FirstName" = ["Ada"] }}
columns = {{ Given = "{name}.FirstName", Region = "{address}.State" }}
[apply]
max_age = "72h"
age_field = "{name}.CreatedDate"
[state]
secret = "secret"
"""


def _settings(directory: Path, envelope: str = "salesforce") -> Settings:
    return loaded(directory, TEXT.format(envelope=envelope, name="Name", address="Address"))


def test_what_rows_are_read_by(tmp_path: Path) -> None:
    """Ids, revisions, columns and rules name each field as the object does."""
    (spec,) = composition.source_specs(_settings(tmp_path))
    assert (spec.lead_id, spec.revision) == ("External_Lead_ID__c", "LastModifiedDate")
    assert spec.columns == {"First": "FirstName", "Mobile": "MobilePhone"}
    assert spec.list_columns == ({"Given": "FirstName", "Region": "State"},)
    assert spec.opt_out == condition({"DoNotCall": [True, 1]})
    assert spec.quarantine == condition({"State": ["XX"]})
    assert spec.named == {"State", "FirstName", "CreatedDate"}


def test_what_leads_are_routed_by(tmp_path: Path) -> None:
    """Two conditions on one field must both hold in `when`; in `unless` either is enough."""
    list_id = ListId("list-1")
    book = ListBook({list_id: ContactList(list_id, "Leads", ("Given", "Region"), {})})
    policy = composition.policy(_settings(tmp_path), book)
    default = policy.lists[list_id]
    assert default.when == {"State": {"ca"}}
    assert default.unless == condition({"State": ["NY", "TX"]})
    assert default.priority == condition({"FirstName": ["Ada"]})
    assert default.mapped["default"] == {"Given": "FirstName", "Region": "State"}
    assert (policy.max_age, policy.age_field) == (72 * 3_600.0, "CreatedDate")
    assert policy.sources["default"].opt_out == condition({"DoNotCall": [True, 1]})


@pytest.mark.parametrize("envelope", ["flat", "debezium"])
def test_a_dot_in_another_source_s_field_is_part_of_its_name(
    tmp_path: Path, envelope: str
) -> None:
    """Only Salesforce has two spellings."""
    (spec,) = composition.source_specs(_settings(tmp_path, envelope))
    assert spec.lead_id == "Name.External_Lead_ID__c"
    assert "Address.State" in spec.named


def test_without_a_lead_id_the_record_s_own_is_it(tmp_path: Path) -> None:
    """Only a Salesforce source can do without."""
    text = TEXT.format(envelope="salesforce", name="Name", address="Address")
    text = text.replace('lead_id = "Name.External_Lead_ID__c"\n', "")
    (spec,) = composition.source_specs(loaded(tmp_path, text))
    assert spec.lead_id == ""
