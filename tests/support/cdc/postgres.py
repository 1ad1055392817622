"""A real PostgreSQL for tests, from one jar of Maven Central: no installation, no root.

PostgreSQL refuses to run as root. Where these tests do, it runs as `nobody`, from a copy of its
programs in a directory that this user may enter.
"""

import os
import pwd
import shutil
import signal
import subprocess
from pathlib import Path

import psycopg

from tests.support.brokers import free_ports
from tests.support.servers import Server

HOME = Path(__file__).parents[3] / ".cache" / "cdc" / "postgres"


def missing() -> str | None:
    """Say in a few words what PostgreSQL lacks on this machine, or None."""
    if os.uname().sysname != "Linux" or os.uname().machine != "x86_64":
        return "there is no PostgreSQL from packages but for Linux on x86-64"
    if not (HOME / "bin" / "postgres").exists():
        return "PostgreSQL is missing (make cdc)"
    return None


class Postgres:
    """A database server on a free loopback port, ready for logical decoding.

    It keeps what it commits in memory only (`fsync` is off): right for tests, wrong elsewhere.
    """

    def __init__(self, directory: Path) -> None:
        """Make an empty database under *directory*.

        Raises:
            RuntimeError: `initdb` failed; the text is its own.
        """
        (self.port,) = free_ports(1)
        directory.mkdir(parents=True, exist_ok=True)
        programs, user = HOME, None
        data = directory / "data"
        data.mkdir(mode=0o700)
        if os.getuid() == 0:
            user = pwd.getpwnam("nobody").pw_uid
            programs = directory / "postgres"
            shutil.copytree(HOME, programs, symlinks=True)
            directory.chmod(0o711)
            os.chown(data, user, -1)
        words = [str(programs / "bin" / "initdb"), "-D", str(data), "-U", "postgres"]
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
        made = subprocess.run(
            [*words, *options],
            cwd=directory,
            user=user,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed: {made.stderr[-2_000:]}")
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "wal_level": "logical",
            "fsync": "off",
            "timezone": "America/New_York",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        serve = [str(programs / "bin" / "postgres"), "-D", str(data), *options]
        self.server = Server("postgres", serve, directory, self._serves, user)

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Open a connection on which every statement is a transaction of its own."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def stop(self) -> None:
        """End it without waiting for those who are connected."""
        self.server.stop(signal.SIGINT)

    def _serves(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True
