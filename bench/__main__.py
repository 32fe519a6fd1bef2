"""`python -m bench [--full]`: measure against the targets of docs/quality.md. Leaves nothing running and no files."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import warnings
from pathlib import Path

from bench import growing, instance, judged, killing, matching, memory, pages, searching, starting, submitting
from bench.table import Row, show

DEMO_SECONDS = 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--full",
        action="store_true",
        help="10,000 and 30,000 documents, kill -9, 20,000 requests, 100,000 needs as well",
    )
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore", category=SyntaxWarning)
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory(prefix="matchhub-bench-") as name:
        folder = Path(name)
        played = instance.play(folder)
        show("Demonstration", [Row("migrations, story and index, CPU", played, "s", most=DEMO_SECONDS)])
        show("Cold start, CPU", starting.run(folder))
        for title, rows in pages.run(folder):
            show(title, rows)
        for title, rows in judged.run(folder):
            show(title, rows)
        for title, rows in matching.run(folder):
            show(title, rows)
        for title, rows in searching.run(folder, (1_000, 10_000, 30_000) if chosen.full else (1_000,)):
            show(title, rows)
        for title, rows in killing.run(folder) if chosen.full else ():
            show(title, rows)
        show("Private memory of a worker", memory.run(folder, twice=chosen.full))
        show(
            f"The last minute: {submitting.ORGANISATIONS} organisations submit within 5 seconds", submitting.run(folder)
        )
        if chosen.full:
            show("Growth of the list of needs from 1,000 to 100,000", growing.run(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main())
