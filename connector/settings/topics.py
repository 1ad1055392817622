"""Names of the topics that are ours (contract, section 4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TopicNames:
    """Our topics, named by the application id."""

    application_id: str

    @property
    def lead_changes(self) -> str:
        """Canonical changes, by lead."""
        return f"{self.application_id}.lead-changes"

    @property
    def opt_outs(self) -> str:
        """Opt-outs, numbers and lifts, by lead."""
        return f"{self.application_id}.opt-outs"

    @property
    def outcomes(self) -> str:
        """One outcome for each input record."""
        return f"{self.application_id}.outcomes"

    @property
    def dead_letters(self) -> str:
        """Records that cannot succeed as they are."""
        return f"{self.application_id}.dead-letters"

    @property
    def table(self) -> str:
        """Name of the state table, from which Faust names its changelog."""
        return "lead-state"

    @property
    def changelog(self) -> str:
        """Lead state."""
        return f"{self.application_id}-{self.table}-changelog"

    @property
    def control(self) -> str:
        """What all workers must know and remember; one partition."""
        return f"{self.application_id}.control"

    @property
    def all(self) -> tuple[str, ...]:
        """Every topic of ours."""
        return (
            self.lead_changes,
            self.opt_outs,
            self.outcomes,
            self.dead_letters,
            self.changelog,
            self.control,
        )
