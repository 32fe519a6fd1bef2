"""How soon a new process answers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.instance import ROOT, surroundings
from bench.table import Row, median

SCRIPT = """
import json, time
start = time.process_time()
from wsgi import app
made = time.process_time()
client = app.test_client()
assert client.get("/needs").status_code == 200
shown = time.process_time()
client.get("/orgs")
print(json.dumps([made - start, (shown - made) * 1000, (time.process_time() - shown) * 1000]))
"""
HELLO = """
import json, time
start = time.process_time()
from bench.hello import app
made = time.process_time()
assert app.test_client().get("/").status_code == 200
print(json.dumps([made - start, (time.process_time() - made) * 1000]))
"""
RUNS = 3


def _run(script: str, folder: Path) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=surroundings(folder), check=True, capture_output=True, text=True
    )
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def run(folder: Path) -> list[Row]:
    ours = [_run(SCRIPT, folder) for _ in range(RUNS)]
    bare = [_run(HELLO, folder) for _ in range(RUNS)]
    imported, first, second = (median([one[n] for one in ours]) for n in range(3))
    floor, floor_first = (median([one[n] for one in bare]) for n in range(2))
    return [
        Row("import and create_app", imported, "s", f"{floor:.2f} s hello: {imported / floor:.1f} x", most=0.8),
        Row("first page of a new process", first, "ms", f"{floor_first:.1f} ms hello", most=100),
        Row("another page after it", second, "ms"),
    ]
