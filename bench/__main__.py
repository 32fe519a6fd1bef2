"""`python -m bench [--full]`: measure against the targets of docs/quality.md. Leaves nothing running and no files."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import warnings
from pathlib import Path

from bench import instance, judged, killing, matching, pages, searching, starting
from bench.table import Row, show

DEMO_SECONDS = 60


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--full", action="store_true", help="also 10,000 and 30,000 documents, and kill -9 fifty times")
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
    return 0


if __name__ == "__main__":
    sys.exit(main())
