"""Checks between settings. Each is a question that needs only what it reads to be right."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TypeAlias

from connector.settings.kafka import Kafka
from connector.settings.lists import ContactList
from connector.settings.mapping import LEAD_ID_COLUMN
from connector.settings.model import Settings
from connector.settings.places import Places
from connector.settings.problems import Problem
from connector.settings.section import UnjudgedError
from connector.settings.source_checks import judge_sources
from connector.settings.values import is_loopback

Check: TypeAlias = Callable[[Settings], Iterator[Problem]]
_OIDC = ("method", "token_endpoint_url", "client_id", "client_secret")


def judge(settings: Settings, places: Places) -> list[Problem]:
    """Ask every check; one that meets a bad or missing value has nothing more to say."""
    problems: list[Problem] = []
    of_sources: Check = partial(judge_sources, places=places)
    for check in (*_CHECKS, of_sources):
        try:
            problems.extend(check(settings))
        except UnjudgedError:
            continue
    return problems


def _sasl(settings: Settings) -> Iterator[Problem]:
    kafka = settings.kafka
    if not kafka.security_protocol.startswith("SASL_"):
        yield from _unused(kafka, "sasl_", "SASL_SSL or SASL_PLAINTEXT")
        return
    match kafka.sasl_mechanism:
        case None:
            yield _missing("kafka.sasl_mechanism", f"for {kafka.security_protocol}")
        case "OAUTHBEARER":
            names = [f"sasl_oauthbearer_{name}" for name in _OIDC]
            yield from _all_given(kafka, names, "for OAUTHBEARER")
        case mechanism:
            yield from _all_given(kafka, ["sasl_username", "sasl_password"], f"for {mechanism}")


def _ssl(settings: Settings) -> Iterator[Problem]:
    kafka = settings.kafka
    if not kafka.security_protocol.endswith("SSL"):
        yield from _unused(kafka, "ssl_", "SSL or SASL_SSL")
        return
    pair = ["ssl_certificate_location", "ssl_key_location"]
    if any(getattr(kafka, name) is not None for name in pair):
        yield from _all_given(kafka, pair, "our own certificate is a file and its key")


def _registry(settings: Settings) -> Iterator[Problem]:
    registry = settings.registry
    if registry is None:
        return
    if (registry.username is None) != (registry.password is None):
        name = "username" if registry.username is None else "password"
        yield _missing(f"registry.{name}", "the other one is given")


def _outcome_encoding(settings: Settings) -> Iterator[Problem]:
    if settings.outcomes.encoding == "avro" and settings.registry is None:
        yield Problem("outcomes.encoding", "avro needs a [registry]; give one, or set json")


def _region(settings: Settings) -> Iterator[Problem]:
    genesys = settings.genesys
    addresses = {"api_url": genesys.api_url, "login_url": genesys.login_url}
    given = [name for name, address in addresses.items() if address is not None]
    if genesys.region is None and not given:
        yield Problem("genesys.region", "missing; give it, or api_url and login_url")
    elif genesys.region is not None and given:
        yield Problem(f"genesys.{given[0]}", "give region, or api_url and login_url, not both")
    elif genesys.region is None and len(given) == 1:
        other = next(name for name in addresses if name not in given)
        yield _missing(f"genesys.{other}", f"{given[0]} needs it")


def _contact_lists(settings: Settings) -> Iterator[Problem]:
    taken: dict[str, str] = {}
    for name, entry in settings.lists.items():
        try:
            yield from _contact_list(f"lists.{name}", entry, taken)
        except UnjudgedError:
            continue


def _contact_list(path: str, entry: ContactList, taken: dict[str, str]) -> Iterator[Problem]:
    if (other := taken.setdefault(entry.contact_list, path)) != path:
        yield Problem(f"{path}.contact_list", f"is the contact list of {other} already")
    if entry.columns is not None and not entry.columns:
        yield Problem(f"{path}.columns", "names no column; leave it out to use [mapping.columns]")
    if LEAD_ID_COLUMN in (entry.columns or ()):
        yield Problem(
            f"{path}.columns.{LEAD_ID_COLUMN}", "comes from mapping.lead_id; leave it out"
        )


def _apply(settings: Settings) -> Iterator[Problem]:
    apply = settings.apply
    if apply.max_pending < apply.batch_size:
        yield Problem(
            "apply.max_pending", "must be at least apply.batch_size: no batch would fill"
        )
    if apply.age_field is not None and apply.max_age is None:
        yield Problem("apply.age_field", "does nothing without apply.max_age")


def _state(settings: Settings) -> Iterator[Problem]:
    state = settings.state
    if state.secret_previous is not None and state.secret_previous == state.secret:
        yield Problem("state.secret_previous", "is the same as state.secret; leave it out")


def _ops(settings: Settings) -> Iterator[Problem]:
    ops = settings.ops
    if ops.token is None and not is_loopback(ops.listen):
        yield _missing("ops.token", "ops.listen can be reached from other machines")


def _unused(kafka: Kafka, prefix: str, protocols: str) -> Iterator[Problem]:
    """Tell of each key of a kind that the protocol does not use."""
    for key in Kafka.model_fields:
        if key.startswith(prefix) and getattr(kafka, key) is not None:
            text = (
                f"does nothing with {kafka.security_protocol}; set security_protocol {protocols}"
            )
            yield Problem(f"kafka.{key}", text)


def _all_given(kafka: Kafka, keys: Iterable[str], why: str) -> Iterator[Problem]:
    for key in keys:
        if getattr(kafka, key) is None:
            yield _missing(f"kafka.{key}", why)


def _missing(path: str, why: str) -> Problem:
    return Problem(path, f"missing; {why}")


_CHECKS: tuple[Check, ...] = (
    _sasl,
    _ssl,
    _registry,
    _outcome_encoding,
    _region,
    _contact_lists,
    _apply,
    _state,
    _ops,
)
