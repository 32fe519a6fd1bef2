"""`python -m tests.halves`: all tests, on SQLite with the browser and on PostgreSQL, both at the same time.

Each half is a pytest of its own with its own folder, databases and servers. What the first says is seen at once, what
the second said when both have ended. Fails when either does.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time

PYTEST = [sys.executable, "-m", "pytest"]
HALVES = {
    "SQLite and the browser": [],
    "PostgreSQL": ["--database=postgresql", "--ignore=tests/browser"],
}


def main() -> int:
    start = time.monotonic()
    (first, *seen), *rest = ((name, *options) for name, options in HALVES.items())
    with tempfile.TemporaryFile("w+") as said:
        running = {
            name: subprocess.Popen([*PYTEST, *options], stdout=said, stderr=subprocess.STDOUT)
            for name, *options in rest
        }
        try:
            codes = {first: subprocess.run([*PYTEST, *seen], check=False).returncode}
            codes |= {name: one.wait() for name, one in running.items()}
        finally:
            for one in running.values():
                one.kill()
        said.seek(0)
        sys.stdout.write(said.read())
    for name, code in codes.items():
        sys.stdout.write(f"{name}: {'passed' if code == 0 else f'FAILED ({code})'}\n")
    sys.stdout.write(f"{time.monotonic() - start:.0f} s\n")
    return int(any(codes.values()))


if __name__ == "__main__":
    sys.exit(main())
