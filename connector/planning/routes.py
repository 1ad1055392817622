"""Say which contact lists a lead belongs on."""

from connector.domain.change import Fields
from connector.domain.ids import ListId
from connector.planning.conditions import all_known, all_match, any_known, any_matches
from connector.planning.policy import ListPolicy, Policy


def routes(fields: Fields, policy: Policy) -> frozenset[ListId]:
    """Return the lists whose `when` matches *fields* and whose `unless` does not.

    Every field of `when` must have one of its values; one field of `unless` is enough.
    """
    return frozenset([each.id for each in policy.lists.values() if belongs(fields, each)])


def belongs(fields: Fields, each: ListPolicy) -> bool:
    """Say whether a lead with these *fields* belongs on one list."""
    return all_match(each.when, fields) and not any_matches(each.unless, fields)


def belongs_as_named(fields: Fields, each: ListPolicy) -> bool | None:
    """Say the same of *fields* that are not all named: None where one that is not decides."""
    when, unless = all_known(each.when, fields), any_known(each.unless, fields)
    if when is False or unless is True:
        return False
    return None if when is None or unless is None else True
