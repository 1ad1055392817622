"""The histories of the end-to-end tests reach what they say they reach."""

from collections import Counter

import pytest

from tests.support.histories import History, history
from tests.support.lead_truth import Ending
from tests.support.leaks import leaks
from tests.support.scene import flat_scene
from tests.support.truth import Played, Truth, Written, truth, watched

CELLS: tuple[Ending, ...] = (
    ("applied", None),
    ("applied", "late_opt_out"),
    ("applied", "no_number"),
    ("applied", "phone_dropped"),
    ("applied", "kept_quarantined"),
    ("unchanged", "same_row"),
    ("unchanged", "no_contact"),
    ("unchanged", "no_phone"),
    ("unchanged", "no_list"),
    ("unchanged", "opted_out"),
    ("unchanged", "not_a_lead_change"),
    ("duplicate", None),
    ("stale", "older"),
    ("suppressed", "opted_out"),
    ("suppressed", "reconsent_needs_review"),
    ("rejected", "undecodable"),
    ("rejected", "lead_id_missing"),
    ("rejected", "phone_invalid"),
    ("rejected", "value_too_long"),
    ("rejected", "refused_by_platform"),
)


def _truth_of(made: History) -> Truth:
    """Judge a history as if a broker had numbered its records."""
    offsets: Counter[int] = Counter()
    phases = []
    for phase in made.phases:
        written = []
        for record in phase.records:
            outcome_id = f"leads/{record.partition}/{offsets[record.partition]}"
            written.append(Written(outcome_id, record.entry))
            offsets[record.partition] += 1
        phases.append(Played([(doing, "theirs") for doing in phase.doings], written))
    return truth(made.scene, phases)


def test_a_history_reaches_every_cell_with_certainty() -> None:
    """Each ending that a flat record can have is the only right one for some record."""
    judged = _truth_of(history(flat_scene("leads", "updated_at"), seed=1, crowd=60))
    certain = {
        ending
        for record in judged.records.values()
        if len(record.endings) == 1
        for ending in record.endings
    }
    assert set(CELLS) <= certain


def test_a_crowd_makes_records_whose_ending_depends_on_time() -> None:
    """Some records may be superseded or overtaken by an opt-out."""
    judged = _truth_of(history(flat_scene("leads", "updated_at"), seed=1, crowd=300))
    possible = {ending for record in judged.records.values() for ending in record.endings}
    assert {("stale", "superseded"), ("suppressed", "opted_out")} <= possible


def test_the_same_seed_makes_the_same_history() -> None:
    """Nothing but the seed decides what a history holds."""
    one, other = (history(flat_scene("leads", None), seed=7, crowd=40) for _ in range(2))
    assert one == other
    assert one != history(flat_scene("leads", None), seed=8, crowd=40)


def test_only_leads_whose_first_quarantine_is_an_opt_out_are_watched() -> None:
    """A lead that was disqualified before its opt-out is not, for the simulator cannot tell."""
    names = set(watched(history(flat_scene("leads", None), seed=1, crowd=0)))
    assert "opt_out_by_flag-0" in names
    assert "opt_out_quarantined-0" not in names
    assert "loaded_opt_out-0" not in names


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("asked for +12015550100 now", "number"),
        ("asked for (201) 555-0100", "number"),
        ("201.555.0100", "number"),
        ("Farahnaz", "name"),
        ("to a@example.com", "e-mail"),
        ("secret=state-secret-0c64be1d98aa4f27b3d0", "secret"),
    ],
)
def test_a_leak_is_found_in_every_way_of_writing(text: str, what: str) -> None:
    """The leak test would see a number, a name, an address or a secret."""
    (line,) = leaks({"log": text})
    assert f": a {what}" in line


def test_ids_and_times_are_no_leaks() -> None:
    """Lead ids, offsets and timestamps may stand anywhere."""
    assert not leaks({"log": "lead-00001 leads/0/12015550100777 2026-09-21T10:00:00Z"})
