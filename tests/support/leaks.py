"""Look for personal data and secrets where none may be: logs, metrics, headers, outcomes."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from tests.support.person import FIRST, LAST
from tests.support.site import SECRETS
from tests.support.topics import Read

_NUMBER = re.compile(r"(?<!\d)(?:\+?1[ .-]?)?\(?([2-9]\d\d)\)?[ .-]{0,2}555[ .-]?(01\d\d)(?!\d)")
"""Numbers kept free for fiction, in any way of writing them."""
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")
_NAMES = re.compile("|".join(map(re.escape, (*FIRST, *LAST, "Noralinde", "Oldwina", "Yvonneson"))))


def leaks(texts: Mapping[str, str], secrets: Iterable[str] = SECRETS) -> list[str]:
    """Name every place in *texts* (by name) where a number, name, e-mail or secret stands."""
    return [line for name, text in texts.items() for line in _in(name, text, tuple(secrets))]


def _in(name: str, text: str, secrets: tuple[str, ...]) -> Iterator[str]:
    for what, pattern in (("number", _NUMBER), ("e-mail", _EMAIL), ("name", _NAMES)):
        for found in list(pattern.finditer(text))[:3]:
            yield f"{name}: a {what}: …{text[max(0, found.start() - 80) : found.end() + 20]!r}"
    for secret in secrets:
        if secret in text:
            yield f"{name}: a secret"


def said_by(directory: Path) -> dict[str, str]:
    """Give what every process of a site wrote, by the name of its file."""
    files = [*directory.glob("*.log"), *directory.glob("*.out"), *directory.glob("*.err")]
    return {each.name: each.read_text(encoding="utf-8", errors="replace") for each in files}


def header_texts(letters: Iterable[Read]) -> str:
    """Give our own headers of dead letters as one text."""
    return "\n".join(
        f"{name}: {(value or b'').decode(errors='replace')}"
        for letter in letters
        for name, value in letter.headers
        if name.startswith("connector.")
    )
