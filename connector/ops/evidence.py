"""Write evidence for filing: a file of JSON lines, and beside it what proves that it is whole."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

import orjson


class Evidence:
    """A file that is there whole or not at all: it gets its name once every line is written.

    Beside it comes `FILE.sha256`, in the form that `sha256sum --check` reads.
    """

    def __init__(self, path: Path) -> None:
        """Begin beside *path*.

        Raises:
            OSError: nothing can be written there.
        """
        self._path = path
        self._draft = path.with_name(f"{path.name}.part")
        self._file = self._draft.open("wb")
        self._digest = hashlib.sha256()

    def write(self, line: Mapping[str, object]) -> None:
        """Write one line."""
        text = orjson.dumps(line) + b"\n"
        self._digest.update(text)
        self._file.write(text)

    @property
    def manifest(self) -> Path:
        """Return where the digest is."""
        return self._path.with_name(f"{self._path.name}.sha256")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        raised: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        if kind is not None:
            self._draft.unlink()
            return
        self.manifest.write_text(f"{self._digest.hexdigest()}  {self._path.name}\n")
        self._draft.replace(self._path)


@contextmanager
def evidence_to(path: Path | None) -> Iterator[Evidence | None]:
    """Open evidence where a file is named.

    Raises:
        OSError: nothing can be written there.
    """
    if path is None:
        yield None
        return
    with Evidence(path) as evidence:
        yield evidence
