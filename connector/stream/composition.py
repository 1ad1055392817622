"""Turn the settings into the plain values that each part takes. The one place that knows both."""

from collections.abc import Iterable, Mapping
from zoneinfo import available_timezones

from connector.cdc.phones import PhoneReader
from connector.cdc.source import Role, SourceSpec
from connector.domain.ids import DncListId, ListId
from connector.genesys.endpoint import Endpoint
from connector.genesys.list_book import ListBook
from connector.planning.brakes import Brake
from connector.planning.conditions import Condition, condition
from connector.planning.digest import Digests
from connector.planning.outbox import Limits
from connector.planning.policy import (
    MAPPING_ITSELF,
    ListPolicy,
    Policy,
    Release,
    Removal,
    SourcePolicy,
)
from connector.registry.access import RegistryAccess
from connector.registry.subjects import Subjects
from connector.settings.lists import ContactList
from connector.settings.mapping import LeadMapping
from connector.settings.model import Settings
from connector.settings.source import SALESFORCE, Source
from connector.stream.app import AppSettings
from connector.stream.campaigns import CampaignTerms
from connector.stream.coverage import CoverageTerms
from connector.stream.kafka_client import KafkaConfig
from connector.stream.one_spelling import one_spelling
from connector.stream.sends import OwnTopics
from connector.stream.tenure import Bounds

REBALANCE_SPARE = 40.0
"""Seconds that a rebalance may take beyond the drain: the commit and the join itself."""


def _condition(match: Mapping[str, Iterable[str | bool | float]] | None) -> Condition:
    return condition(match or {})


def digests(settings: Settings) -> Digests:
    """Return the digests under the secrets of `[state]`."""
    former = settings.state.secret_previous
    return Digests(
        settings.state.secret.get_secret_value().encode(),
        None if former is None else former.get_secret_value().encode(),
    )


def source_specs(settings: Settings) -> tuple[SourceSpec, ...]:
    """Return what the decoders must know of each source."""
    settings = one_spelling(settings)
    return tuple(_source_spec(settings, name, each) for name, each in settings.sources.items())


def _source_spec(settings: Settings, name: str, source: Source) -> SourceSpec:
    mapping = source.mapping
    if source.role == "numbers":
        return _numbers_spec(name, source)
    if mapping.lead_id is None and source.envelope != SALESFORCE:
        raise ValueError(f"source {name} names no lead id")
    rules = [
        rule
        for each in settings.lists.values()
        for rule in (each.when, each.unless, each.priority)
        if rule
    ]
    named = {field for rule in rules for field in rule}
    if settings.apply.age_field is not None:
        named.add(settings.apply.age_field)
    return SourceSpec(
        name=name,
        topics=tuple(source.topics),
        envelope=source.envelope,
        encoding=source.encoding,
        lead_id=mapping.lead_id or "",
        default_region=mapping.default_region,
        columns=dict(mapping.columns),
        phones=dict(mapping.phones),
        named=frozenset(named),
        revision=mapping.revision,
        opt_out=_condition(mapping.opt_out),
        quarantine=_condition(mapping.quarantine),
        role=Role(source.role),
        list_columns=tuple(
            dict(each.columns) for each in settings.lists.values() if each.columns is not None
        ),
    )


def _numbers_spec(name: str, source: Source) -> SourceSpec:
    return SourceSpec(
        name=name,
        topics=tuple(source.topics),
        envelope=source.envelope,
        encoding=source.encoding,
        lead_id="",
        default_region=source.mapping.default_region,
        columns={},
        phones={},
        named=frozenset(),
        revision=source.mapping.revision,
        role=Role.NUMBERS,
        numbers=tuple(source.phones or ()),
        when=_condition(source.when),
    )


def policy(settings: Settings, book: ListBook) -> Policy:
    """Return the policy: the settings, with what the platform says about the lists."""
    settings = one_spelling(settings)
    lists = [_list_policy(settings, name, book) for name in settings.lists]
    mappings = {name: source.mapping for name, source in settings.sources.items()}
    mappings[MAPPING_ITSELF] = settings.mapping
    readers = {t: name for name, source in settings.sources.items() for t in source.topics}
    return Policy(
        lists={each.id: each for each in lists},
        dnc_lists=tuple(DncListId(each) for each in settings.dnc_lists),
        sources={name: _source_policy(mapping) for name, mapping in mappings.items()},
        digests=digests(settings),
        read_number=PhoneReader(settings.mapping.default_region).read,
        verify=settings.compliance.verify,
        collision_limit=settings.genesys.collision_limit,
        readers=readers,
        zones=frozenset(available_timezones()),
        max_age=settings.apply.max_age,
        age_field=settings.apply.age_field,
    )


def _source_policy(mapping: LeadMapping) -> SourcePolicy:
    columns = mapping.columns
    return SourcePolicy(
        phones={column: columns[column] for column in mapping.phones if column in columns},
        opt_out=_condition(mapping.opt_out),
        quarantine=_condition(mapping.quarantine),
        values={
            column: {text.strip(): cell for text, cell in texts.items()}
            for column, texts in mapping.values.items()
        },
    )


def _list_policy(settings: Settings, name: str, book: ListBook) -> ListPolicy:
    each: ContactList = settings.lists[name]
    list_id = ListId(each.contact_list)
    found = book.lists[list_id]
    mapped = {source: dict(settings.columns(name, source)) for source in settings.sources}
    own = settings.mapping.columns if each.columns is None else each.columns
    mapped[MAPPING_ITSELF] = dict(own)
    return ListPolicy(
        id=list_id,
        name=name,
        columns=found.columns,
        mapped=mapped,
        phone_columns=frozenset(found.phones),
        time_zones=found.time_zones,
        adopt=each.adopt_existing,
        when=_condition(each.when),
        unless=_condition(each.unless),
        delete=Removal(each.delete),
        leave=Removal(each.leave),
        release=Release(each.release),
        priority=_condition(each.priority),
        requeue=each.requeue,
    )


def mapped_columns(settings: Settings) -> dict[ListId, tuple[str, ...]]:
    """Return the columns that the settings fill, by the platform's list.

    Only leads have rows: a column of another source merely says which of its fields hold numbers.
    """
    leads = [name for name, source in settings.sources.items() if source.role == "leads"]
    return {
        ListId(each.contact_list): tuple(
            dict.fromkeys(column for source in leads for column in settings.columns(name, source))
        )
        for name, each in settings.lists.items()
    }


def endpoint(settings: Settings) -> Endpoint:
    """Return where the platform is and who we are there."""
    genesys = settings.genesys
    return Endpoint(
        api_url=genesys.api_base,
        login_url=genesys.login_base,
        client_id=genesys.client_id,
        secret=genesys.client_secret.get_secret_value(),
        timeout=genesys.request_timeout,
        request_bytes=genesys.request_bytes,
        retry_after_limit=genesys.retry_after_limit,
        proxy=None if genesys.proxy is None else genesys.proxy.get_secret_value(),
        ca=genesys.ssl_ca_location,
    )


def kafka(settings: Settings) -> KafkaConfig:
    """Return how librdkafka reaches the broker."""
    config = settings.kafka.librdkafka()
    return KafkaConfig(config.pop("bootstrap.servers"), config)


def patience(settings: Settings) -> dict[ListId, float]:
    """Return how long each list may be parked before it defers, in seconds."""
    return {ListId(each.contact_list): each.patience for each in settings.lists.values()}


def campaign_terms(settings: Settings) -> dict[ListId, CampaignTerms]:
    """Return the lists whose campaigns are looked after, and how."""
    return {
        ListId(each.contact_list): CampaignTerms(
            restart=each.campaigns == "restart", cooldown=each.restart_cooldown
        )
        for each in settings.lists.values()
        if each.campaigns != "off"
    }


def brake_limits(settings: Settings) -> dict[Brake, int]:
    """Return how many writes of a kind may leave in a minute; 0: any number."""
    brakes = settings.brakes
    return {Brake.INSERTS: brakes.inserts_per_minute, Brake.DELETES: brakes.deletes_per_minute}


def coverage_terms(settings: Settings) -> CoverageTerms:
    """Return our DNC list of each list, and what is done where it is not heeded."""
    compliance = settings.compliance
    return CoverageTerms(
        {ListId(each.contact_list): DncListId(each.dnc_list) for each in settings.lists.values()},
        hold=compliance.uncovered == "hold",
        interval=compliance.coverage_interval,
    )


def registry_access(settings: Settings) -> RegistryAccess | None:
    """Return where the schema registry is; None: there is none."""
    registry = settings.registry
    if registry is None:
        return None
    password = None if registry.password is None else registry.password.get_secret_value()
    return RegistryAccess(registry.url, registry.username, password, registry.ssl_ca_location)


def outcome_subjects(settings: Settings) -> Subjects | None:
    """Return the registry that knows the outcomes' schema; None: they are JSON."""
    access = registry_access(settings)
    if settings.outcomes.encoding == "json" or access is None:
        return None
    return Subjects(access)


def own_topics(settings: Settings) -> OwnTopics:
    """Return the names of our topics."""
    names = settings.topics
    return OwnTopics(
        names.lead_changes, names.opt_outs, names.outcomes, names.dead_letters, names.changelog
    )


def bounds(settings: Settings) -> Bounds:
    """Return how much a worker holds."""
    apply = settings.apply
    limits = Limits(apply.batch_size, settings.genesys.request_bytes, apply.linger_seconds)
    return Bounds(apply.max_pending, apply.max_unsettled, limits)


def app_settings(settings: Settings) -> AppSettings:
    """Return what Faust must know."""
    names = settings.topics
    return AppSettings(
        application_id=settings.kafka.application_id,
        brokers=tuple(settings.kafka.bootstrap_servers.split(",")),
        sources=settings.source_topics,
        lead_changes=names.lead_changes,
        opt_outs=names.opt_outs,
        table=names.table,
        partitions=settings.kafka.partitions,
        session_timeout=settings.kafka.session_timeout,
        rebalance_timeout=settings.apply.drain + REBALANCE_SPARE,
    )
