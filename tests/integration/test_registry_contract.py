"""What the registry client relies on, on a fake and on a real registry (`make registry`)."""

import json
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from connector.registry.access import RegistryAccess, RegistryAwayError, RegistryRefusedError
from connector.registry.writer_schemas import SchemaText, WriterSchemas
from tests.support.certificates import make_certificates
from tests.support.registries import missing, running_registry
from tests.support.schema_registry import SchemaRegistry, schema_registry

KEY = json.dumps({"type": "record", "name": "Key", "fields": [{"name": "id", "type": "string"}]})

OBJECT = json.dumps({"$schema": "http://json-schema.org/draft-07/schema#", "type": "object"})


@pytest.fixture(scope="module", params=["fake", "real"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """Give the address of a registry that speaks Confluent's API."""
    if request.param == "fake":
        with schema_registry() as fake:
            yield fake.url
        return
    lack = missing()
    if lack is not None:
        assert not os.environ.get("CI"), lack
        pytest.skip(lack)
    with running_registry() as real:
        yield real.url


def register(url: str, subject: str, schema: str, **more: object) -> int:
    """Register a schema as a writer does."""
    answer = httpx.post(f"{url}/subjects/{subject}/versions", json={"schema": schema, **more})
    answer.raise_for_status()
    return int(answer.json()["id"])


@pytest.fixture
def client(url: str) -> Iterator[WriterSchemas]:
    """Give a client of it that knows nothing yet."""
    with closing(WriterSchemas(RegistryAccess(url))) as made:
        yield made


def asked(address: RegistryAccess, schema_id: int = 7) -> SchemaText | None:
    """Ask once for a schema."""
    with closing(WriterSchemas(address)) as client:
        return client.get(schema_id)


def test_a_schema_is_found_by_its_id(url: str, client: WriterSchemas) -> None:
    """It comes as its writer gave it."""
    schema_id = register(url, "crm-key", KEY)
    found = client.get(schema_id)
    assert found is not None
    assert json.loads(found.text) == json.loads(KEY)
    assert (found.kind, found.references) == ("AVRO", ())


def test_an_id_that_nobody_registered_is_unknown(client: WriterSchemas) -> None:
    """It is an answer, and no outage."""
    assert client.get(2_000_000_000) is None


def test_referenced_schemas_come_along_innermost_first(url: str, client: WriterSchemas) -> None:
    """What a schema names of other subjects can be read before it."""
    street = json.dumps({"type": "enum", "name": "shop.Kind", "symbols": ["A"]})
    address = json.dumps(
        {"type": "record", "name": "shop.Address", "fields": [{"name": "k", "type": "shop.Kind"}]}
    )
    lead = json.dumps(
        {"type": "record", "name": "shop.Lead", "fields": [{"name": "a", "type": "shop.Address"}]}
    )
    to_street = [{"name": "shop.Kind", "subject": "kind", "version": 1}]
    to_address = [{"name": "shop.Address", "subject": "address", "version": 1}]
    register(url, "kind", street)
    register(url, "address", address, references=to_street)
    found = client.get(register(url, "lead", lead, references=to_address))
    assert found is not None
    assert [json.loads(each)["name"] for each in found.references] == ["shop.Kind", "shop.Address"]


def test_a_schema_of_another_type_says_so(url: str, client: WriterSchemas) -> None:
    """A source that is no Avro at all can be told from a broken one."""
    schema_id = register(url, "json-value", OBJECT, schemaType="JSON")
    found = client.get(schema_id)
    assert found is not None
    assert found.kind == "JSON"


def test_a_subject_has_its_newest_schema_or_is_not_there(url: str, client: WriterSchemas) -> None:
    """`connector check` warns of a topic whose subject is missing."""
    register(url, "there-value", KEY)
    newest = KEY.replace("Key", "NewKey")
    httpx.put(f"{url}/config/there-value", json={"compatibility": "NONE"}).raise_for_status()
    register(url, "there-value", newest)
    found = client.latest("there-value")
    assert found is not None
    assert json.loads(found.text) == json.loads(newest)
    assert client.latest("gone-value") is None


def test_a_schema_is_fetched_once() -> None:
    """Ids never change their meaning, so the second question is answered from memory."""
    with schema_registry() as fake:
        fake.books.put(7, KEY)
        with closing(WriterSchemas(RegistryAccess(fake.url))) as client:
            assert client.get(7) == client.get(7) == SchemaText(KEY)
        assert fake.books.questions(7) == 1


@pytest.mark.parametrize(
    ("status", "nonsense", "told"),
    [
        (401, None, "registry.username"),
        (403, None, "registry.username"),
        (404, None, "registry.url leads elsewhere"),
        (429, None, "HTTP 429"),
        (500, None, "HTTP 500"),
        (503, b"<html>", "HTTP 503"),
        (404, b"<html>", "registry.url leads elsewhere"),
        (200, b"<html>", "no registry's answer (JSONDecodeError)"),
        (200, b"{}", "without a schema"),
        (200, b"[]", "no registry's answer"),
    ],
)
def test_what_is_no_answer_of_a_registry_is_an_outage(
    status: int, nonsense: bytes | None, told: str
) -> None:
    """Nobody's record is refused because a proxy stands where the registry should."""
    mood = status if status >= 400 else None
    with schema_registry() as fake:
        fake.books.trouble, fake.books.nonsense = mood, nonsense
        fake.books.put(7, KEY)
        with pytest.raises(RegistryAwayError) as away:
            asked(RegistryAccess(fake.url))
    assert told in str(away.value)
    assert "html" not in str(away.value)


def test_nobody_there_is_an_outage() -> None:
    """A refused connection says what to look at."""
    fake = SchemaRegistry()
    with pytest.raises(RegistryAwayError, match=r"Connection refused.*registry\.url"):
        asked(RegistryAccess(fake.url))


def test_the_user_of_the_settings_is_told() -> None:
    """Basic authentication, where the registry asks for it."""
    with schema_registry() as fake:
        fake.books.login = "ana:s3:cret"
        fake.books.put(7, KEY)
        address = RegistryAccess(fake.url, "ana", "s3:cret")
        with pytest.raises(RegistryAwayError, match="HTTP 401"):
            asked(RegistryAccess(fake.url))
        assert asked(address) == SchemaText(KEY)
        assert "s3:cret" not in repr(address)


def test_an_authority_of_the_settings_is_believed_and_no_other(tmp_path: Path) -> None:
    """`registry.ssl_ca_location`: without it the certificate of a company's own is an outage."""
    certificates = make_certificates(tmp_path)
    with schema_registry(certificates.server) as fake:
        fake.books.put(7, KEY)
        with pytest.raises(RegistryAwayError, match=r"CERTIFICATE_VERIFY_FAILED.*ssl_ca_location"):
            asked(RegistryAccess(fake.url))
        access = RegistryAccess(fake.url, ca=str(certificates.authority))
        assert asked(access) == SchemaText(KEY)


@pytest.mark.parametrize("content", [None, b"no certificate"])
def test_a_file_that_holds_no_certificate_is_refused(
    tmp_path: Path, content: bytes | None
) -> None:
    """A worker does not begin with it, and says which key to correct."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(RegistryRefusedError, match=r"registry\.ssl_ca_location: .*ca\.pem"):
        WriterSchemas(RegistryAccess("https://127.0.0.1:9", ca=str(file)))
