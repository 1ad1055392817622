"""Compare our schemas with the registry, and register them: `connector schema`."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, closing

from connector.ops.finding import Finding, bad, doubtful, well
from connector.ops.writers import written
from connector.registry.access import RegistryAwayError, RegistryRefusedError
from connector.registry.own_schemas import OUTCOME, schema_text, value_subject
from connector.registry.subjects import Standing, Subjects
from connector.registry.writer_schemas import WriterSchemas
from connector.settings.model import Settings
from connector.settings.problems import Problem, SettingsError
from connector.stream.composition import registry_access

_REGISTRY = "registry"


def standings(settings: Settings) -> Sequence[Standing]:
    """Say how each schema of ours stands; only reads.

    Raises:
        SettingsError: there is no `[registry]`.
        RegistryAwayError, RegistryRefusedError: the registry did not tell.
    """
    with _subjects(settings) as subjects:
        return [subjects.standing(*each) for each in _ours(settings)]


def register(settings: Settings) -> Sequence[Standing]:
    """Set the rule of each subject of ours, ask for compatibility, and register.

    Raises:
        SettingsError: there is no `[registry]`.
        RegistryAwayError, RegistryRefusedError: the registry did not take one.
    """
    with _subjects(settings) as subjects:
        return [subjects.register(*each) for each in _ours(settings)]


def told(standing: Standing) -> Finding:
    """Return how a schema stands as a line for people, with what to do."""
    subject = f"schema {standing.subject}"
    if standing.version is not None:
        return well(subject, f"registered as version {standing.version}")
    match standing.compatible:
        case True:
            return doubtful(
                subject,
                "not registered yet; a worker does it at start, or `connector schema register`",
            )
        case None:
            return doubtful(
                subject,
                "not registered yet, and the subject's rule does not ask whether it can follow; "
                "`connector schema register` sets BACKWARD and asks",
            )
        case False:
            return bad(
                subject,
                "cannot follow the latest version registered there: somebody else registered it; "
                "choose another kafka.application_id, or delete the foreign versions",
            )


def check_schemas(settings: Settings) -> list[Finding]:
    """Look at what a worker needs of the registry. Blocks; changes nothing."""
    access = registry_access(settings)
    if access is None:
        return []
    try:
        writers = WriterSchemas(access)
        sources = [
            written(topic, source, writers.latest(f"{topic}-value"))
            for source in settings.sources.values()
            if source.encoding == "avro"
            for topic in source.topics
        ]
        ours = [] if settings.outcomes.encoding == "json" else standings(settings)
    except (RegistryAwayError, RegistryRefusedError) as failure:
        return [bad(_REGISTRY, str(failure))]
    return [well(_REGISTRY, f"{access.url} answers"), *sources, *(told(each) for each in ours)]


def _subjects(settings: Settings) -> AbstractContextManager[Subjects]:
    access = registry_access(settings)
    if access is None:
        raise SettingsError((Problem(_REGISTRY, "missing; schemas are kept in a registry"),))
    return closing(Subjects(access))


def _ours(settings: Settings) -> Sequence[tuple[str, str]]:
    """Return subject and schema of what leaves the connector for others."""
    return [(value_subject(settings.topics.outcomes), schema_text(OUTCOME))]
