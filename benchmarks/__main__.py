"""Run every benchmark with a size that ends in minutes: `make bench`."""

import subprocess
import sys

RUNS = (
    ("benchmarks.throughput", "--records", "20000"),
    ("benchmarks.restore",),
    ("benchmarks.decoding",),
)


def main() -> int:
    """Run each in a process of its own and print what it prints; return the worst exit code."""
    worst = 0
    for module, *options in RUNS:
        words = [sys.executable, "-m", module, *options]
        sys.stdout.write(f"\npython {' '.join(words[1:])}\n")
        sys.stdout.flush()
        worst = max(worst, subprocess.run(words, check=False).returncode)
    return worst


if __name__ == "__main__":
    sys.exit(main())
