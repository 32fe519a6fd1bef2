"""`python -m tests.halves`: all tests, on SQLite with the browser and on PostgreSQL, both at the same time.

Each half is a pytest of its own with its own folder, databases and servers. What the first says is seen at once, what
the second said when both have ended. Fails when either does; which tests failed is said last, where a long log is read.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

PYTEST = [sys.executable, "-m", "pytest"]
HALVES = {
    "SQLite and the browser": [],
    "PostgreSQL": ["--database=postgresql", "--ignore=tests/browser"],
}
WIDTH = {"COLUMNS": "200"}  # pytest's summary gives each test that failed one line and cuts it off here
LAST = 40  # lines of a half that failed are said once more, at the end


def started(options: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*PYTEST, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | WIDTH
    )


def said(half: subprocess.Popen[str], seen: bool) -> list[str]:
    """All lines of a half until it ends, written as they come when they are to be `seen`."""
    lines = []
    for line in half.stdout or ():
        lines.append(line)
        if seen:
            sys.stdout.write(line)
            sys.stdout.flush()
    half.wait()
    return lines


def main() -> int:
    start = time.monotonic()
    halves = {name: started(options) for name, options in HALVES.items()}
    try:
        with ThreadPoolExecutor() as pool:
            first, *rest = pool.map(said, halves.values(), [True, *[False] * (len(halves) - 1)])
    finally:
        for half in halves.values():
            half.kill()
    sys.stdout.writelines(line for lines in rest for line in lines)
    for (name, half), lines in zip(halves.items(), (first, *rest), strict=True):
        if half.returncode:
            sys.stdout.writelines(["\n", *lines[-LAST:]])
        sys.stdout.write(f"{name}: {'passed' if half.returncode == 0 else f'FAILED ({half.returncode})'}\n")
    sys.stdout.write(f"{time.monotonic() - start:.0f} s\n")
    return int(any(half.returncode for half in halves.values()))


if __name__ == "__main__":
    sys.exit(main())
