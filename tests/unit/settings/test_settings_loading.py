"""Loading the settings: defaults, and every mistake at once."""

from pathlib import Path

import pytest

from connector.settings.loading import load
from connector.settings.problems import SettingsError
from tests.support.settings_files import MINIMAL, SECRET, edited, loaded, problems

CONTRACT = Path(__file__).parents[2] / "data" / "settings" / "contract.toml"


def test_the_contract_s_own_file_loads() -> None:
    """What the contract prints is accepted to the letter, spans and numbers read."""
    settings = load(CONTRACT, {})
    assert settings.kafka.retention == 30 * 86400
    assert settings.kafka.session_timeout == 45
    assert settings.genesys.retry_after_limit == 180
    assert settings.genesys.collision_limit == 600
    assert settings.outcomes.encoding == "avro"
    assert settings.sources["default"].encoding == "avro"
    assert settings.sources["default"].mapping == settings.mapping
    assert settings.mapping.opt_out["do_not_call"] == (True,)
    assert settings.dnc_lists == ("uuid",)


def test_what_is_not_said_has_the_contract_s_values(tmp_path: Path) -> None:
    """A minimal file differs from the contract's only in what it must say, and in JSON."""
    settings = loaded(tmp_path, MINIMAL)
    contract = load(CONTRACT, {})
    assert settings.apply == contract.apply
    assert settings.brakes == contract.brakes
    assert settings.compliance == contract.compliance
    assert settings.ops == contract.ops
    assert settings.kafka == contract.kafka
    assert settings.registry is None
    assert settings.outcomes.encoding == "json"
    assert settings.sources["default"].encoding == "json"


def test_topics_are_named_by_the_application(tmp_path: Path) -> None:
    """Section 4 of the contract, name by name."""
    text = edited("[source]", 'application_id = "A"\n[source]')
    assert loaded(tmp_path, text).topics.all == (
        "A.lead-changes",
        "A.opt-outs",
        "A.outcomes",
        "A.dead-letters",
        "A-lead-state-changelog",
        "A.control",
    )


def test_a_region_gives_both_addresses(tmp_path: Path) -> None:
    """A region is written with dashes too; addresses of one's own take its place."""
    genesys = loaded(tmp_path, edited("us_east_1", "ap-southeast-2")).genesys
    assert genesys.api_base == "https://api.mypurecloud.com.au"
    assert genesys.login_base == "https://login.mypurecloud.com.au"
    own = 'api_url = "http://127.0.0.1:8090/"\nlogin_url = "http://127.0.0.1:8090"'
    genesys = loaded(tmp_path, edited('region = "us_east_1"', own)).genesys
    assert genesys.api_base == genesys.login_base == "http://127.0.0.1:8090"


def test_four_mistakes_are_four_lines(tmp_path: Path) -> None:
    """Each with its path, in the order of the sections, also across checks between settings."""
    text = edited(f'client_secret = "{SECRET}"', "requests_per_minut = 100")
    text = text.replace('Mobile = "cell"', 'Cell = "cell"')
    text = text.replace("[source]", 'session_timeout = "soon"\n[source]')
    assert problems(tmp_path, text) == [
        (
            "kafka.session_timeout: must be a span such as 500ms, 45s, 10m, 72h, 30d, "
            "or a number of seconds"
        ),
        "mapping.phones.Cell: is not a mapped column; name it in [mapping.columns] first",
        "genesys.client_secret: missing",
        "genesys.requests_per_minut: unknown key; did you mean requests_per_minute?",
    ]


def test_an_empty_file_names_everything_that_is_needed(tmp_path: Path) -> None:
    """No section, no traceback: one line for each key that has no default."""
    assert problems(tmp_path, "") == [
        "kafka.bootstrap_servers: missing",
        "source: missing",
        "genesys.client_id: missing",
        "genesys.client_secret: missing",
        "genesys.region: missing; give it, or api_url and login_url",
        "lists: missing; give at least one [lists.NAME]",
        "state.secret: missing",
    ]


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("127.0.0.1:9092", "127.0.0.1", "kafka.bootstrap_servers: must be host:port, several"),
        ("[source]", "partitions = 0\n[source]", "kafka.partitions: must be between 1 and 1,000"),
        ("[source]", "partitions = true\n[source]", "kafka.partitions: must be a number, not"),
        ("[source]", 'partitions = "x"\n[source]', "kafka.partitions: must be a whole number"),
        ("[source]", "partitons = 3\n[source]", "kafka.partitons: unknown key; did you mean part"),
        (
            "[source]",
            "batch_size = 3\n[source]",
            "kafka.batch_size: unknown key; did you mean app",
        ),
        ("[source]", 'session_timeout = "5s"\n[source]', "kafka.session_timeout: must be at lea"),
        ("[source]", 'session_timeout = "1h"\n[source]', "kafka.session_timeout: must be at mos"),
        ("[source]", 'lost_records = "skp"\n[source]', "kafka.lost_records: must be one of stop"),
        (
            "client_secret =",
            "client_secrt =",
            "genesys.client_secrt: unknown key; did you mean cl",
        ),
        ("us_east_1", "us_est_1", "genesys.region: unknown region; did you mean us_east_1?"),
        ('region = "us_east_1"', "", "genesys.region: missing; give it, or api_url and login_url"),
        ("region =", 'api_url = "http://a"\nregion =', "genesys.api_url: give region, or api_url"),
        (
            'region = "us_east_1"',
            'api_url = "http://a"',
            "genesys.login_url: missing; api_url need",
        ),
        (
            'region = "us_east_1"',
            'api_url = "ftp://a"',
            "genesys.api_url: must be an address that",
        ),
        ('region = "us_east_1"', 'api_url = "http://u:p@a"', "genesys.api_url: must not carry a"),
        ("[lists.default]", "[lists.all]", "lists.all: the name all means every list"),
        ("[lists.default]", '[lists."a/b"]', "lists.a/b: a name has 1 to 64 letters"),
        ('"list-1"', '"../x"', "lists.default.contact_list: must be an id of the platform"),
        (
            "[state]",
            'when = { state = "CA" }\n[state]',
            "lists.default.when.state: must be a list",
        ),
        ("[state]", "when = { state = [] }\n[state]", "lists.default.when.state: must name at"),
        ("[state]", "patience = true\n[state]", "lists.default.patience: must be a span"),
        ("[state]", "requeue = 7\n[state]", "lists.default.requeue: must be true or false"),
        ("[state]", "columns = {}\n[state]", "lists.default.columns: names no column"),
        ("[state]", "[apply]\nbatch_size = 1001\n[state]", "apply.batch_size: must be between 1"),
        ("[state]", "[apply]\nmax_pending = 9\n[state]", "apply.max_pending: must be at least"),
        ("[state]", '[apply]\nage_field = "at"\n[state]', "apply.age_field: does nothing without"),
        (
            "[state]",
            '[ops]\nlisten = "0.0.0.0:8080"\n[state]',
            "ops.token: missing; ops.listen can",
        ),
        (
            "[state]",
            '[opps]\nlisten = "a:1"\n[state]',
            "opps: unknown section; did you mean [ops]",
        ),
        (
            "[state]",
            '[outcomes]\nencoding = "avro"\n[state]',
            "outcomes.encoding: avro needs a [re",
        ),
        (
            "[state]",
            "[brakes]\ndead_letter_share = 2\n[state]",
            "brakes.dead_letter_share: must be",
        ),
        ("[state]", "brakes = 2\n[state]", "lists.default.brakes: unknown key"),
        ('lead_id = "id"', "", "mapping.lead_id: missing"),
        ('lead_id = "id"', 'lead_id = " "', "mapping.lead_id: must not be empty"),
        (
            'lead_id = "id"',
            'lead_id = "id"\ndefault_region = "XX"',
            "mapping.default_region: must",
        ),
        ('Mobile = "phone"', "", "mapping.columns: missing"),
        ('Mobile = "cell"', "", "mapping.phones: missing"),
        (
            'Mobile = "phone"',
            'Mobile = "phone"\nCRM_Lead_ID = "x"',
            "mapping.columns.CRM_Lead_ID:",
        ),
        ("dnc = [true]", "dnc = true", "mapping.opt_out.dnc: must be a list"),
        ("dnc = [true]", "dnc = [[1]]", "mapping.opt_out.dnc: must hold texts, numbers, true"),
        ('["crm.leads"]', "[]", "source.topics: must name at least one"),
        ('["crm.leads"]', '["a", "a"]', "source.topics: names one twice"),
        ('["crm.leads"]', '["a b"]', "source.topics[0]: must be the name of a topic"),
        (
            '["crm.leads"]',
            '["lead-connector.opt-outs"]',
            "source.topics: lead-connector.opt-outs is",
        ),
        ('"flat"', '"debezum"', "source.envelope: must be one of debezium, debezium-flat, sales"),
        ('"flat"', '"flat"\nencoding = "avro"', "source.encoding: avro needs a [registry]; give"),
        ('"flat"', '"flat"\nphones = ["p"]', 'source.phones: belongs to role = "numbers"'),
        ('"flat"', '"flat"\nrole = "numbers"', 'source.phones: missing; role = "numbers" reads'),
        ("[source]", "[sources.a/b]", "connector.toml: is not TOML"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(
    tmp_path: Path, old: str, new: str, line: str
) -> None:
    """One mistake, one line, with the path first."""
    said = problems(tmp_path, edited(old, new))
    assert len(said) == 1
    assert said[0].removeprefix(f"{tmp_path}/").startswith(line)


@pytest.mark.parametrize(
    ("keys", "lines"),
    [
        ('security_protocol = "SASL_SSL"', ["kafka.sasl_mechanism: missing; for SASL_SSL"]),
        (
            'security_protocol = "sasl_ssl"\nsasl_mechanism = "plain"',
            [
                "kafka.sasl_username: missing; for PLAIN",
                "kafka.sasl_password: missing; for PLAIN",
            ],
        ),
        (
            (
                'security_protocol = "SASL_SSL"\nsasl_mechanism = "OAUTHBEARER"\n'
                'sasl_oauthbearer_method = "oidc"\nsasl_oauthbearer_client_id = "c"'
            ),
            [
                "kafka.sasl_oauthbearer_token_endpoint_url: missing; for OAUTHBEARER",
                "kafka.sasl_oauthbearer_client_secret: missing; for OAUTHBEARER",
            ],
        ),
        (
            'sasl_username = "u"\nssl_ca_location = "ca.pem"',
            [
                (
                    "kafka.sasl_username: does nothing with PLAINTEXT; "
                    "set security_protocol SASL_SSL or SASL_PLAINTEXT"
                ),
                (
                    "kafka.ssl_ca_location: does nothing with PLAINTEXT; "
                    "set security_protocol SSL or SASL_SSL"
                ),
            ],
        ),
        (
            'security_protocol = "SSL"\nssl_key_location = "key.pem"',
            ["kafka.ssl_certificate_location: missing; our own certificate is a file and its key"],
        ),
    ],
)
def test_a_way_to_log_in_is_whole_or_refused(tmp_path: Path, keys: str, lines: list[str]) -> None:
    """What a protocol needs and is not there, and what is there and it does not use."""
    assert problems(tmp_path, edited("[source]", f"{keys}\n[source]")) == lines


def test_a_log_in_reaches_librdkafka(tmp_path: Path) -> None:
    """The keys have librdkafka's names; nothing else is handed over."""
    keys = f"""security_protocol = "SASL_SSL"
    sasl_mechanism = "SCRAM-SHA-512"
    sasl_username = "u"
    sasl_password = "{SECRET}"
    """
    assert loaded(tmp_path, edited("[source]", f"{keys}\n[source]")).kafka.librdkafka() == {
        "bootstrap.servers": "127.0.0.1:9092",
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512",
        "sasl.username": "u",
        "sasl.password": SECRET,
    }


def test_two_lists_may_share_a_dnc_list_but_no_contact_list(tmp_path: Path) -> None:
    """The platform's list would have two owners with different rules."""
    second = '[lists.second]\ncontact_list = "list-{}"\ndnc_list = "dnc-1"\n[state]'
    settings = loaded(tmp_path, edited("[state]", second.format(2)))
    assert settings.dnc_lists == ("dnc-1",)
    assert problems(tmp_path, edited("[state]", second.format(1))) == [
        "lists.second.contact_list: is the contact list of lists.default already"
    ]


def test_a_list_s_own_columns_may_hold_numbers(tmp_path: Path) -> None:
    """A phone column counts as mapped where any list names it."""
    text = edited("[state]", 'columns = { Cell = "phone" }\n[state]')
    settings = loaded(tmp_path, text.replace('Mobile = "cell"', 'Mobile = "cell"\nCell = "cell"'))
    assert settings.columns("default", "default") == {"Cell": "phone"}


def test_a_file_that_is_not_there_says_how_to_begin(tmp_path: Path) -> None:
    """Absent, a directory, not text, not TOML: one line each."""
    with pytest.raises(SettingsError, match="no such file; `connector config example`"):
        load(tmp_path / "none.toml", {})
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        load(tmp_path, {})
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        load(tmp_path / "bytes.toml", {})
    assert "is not TOML" in problems(tmp_path, "[kafka")[0]


def test_the_lead_id_may_be_named_as_a_column_where_it_says_the_same(tmp_path: Path) -> None:
    """It is filled from `lead_id` either way, once."""
    text = edited('Mobile = "phone"', 'Mobile = "phone"\nCRM_Lead_ID = "id"')
    assert loaded(tmp_path, text).mapping.columns == {"Mobile": "phone"}


def test_frozen_settings_refuse_a_change(tmp_path: Path) -> None:
    """What was checked cannot be changed behind the check's back."""
    settings = loaded(tmp_path, MINIMAL)
    with pytest.raises(ValueError, match="frozen"):
        settings.kafka.partitions = 3
