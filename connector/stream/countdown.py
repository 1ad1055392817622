"""Count delivery reports down to the one action that they all are waited for."""

from collections.abc import Callable


def countdown(reports: int, then: Callable[[], None]) -> Callable[[], None]:
    """Return what each of *reports* calls; the last one runs *then*."""
    left = reports

    def report() -> None:
        nonlocal left
        left -= 1
        if not left:
            then()

    return report
