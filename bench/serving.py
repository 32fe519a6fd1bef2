"""gunicorn on a socket in a folder, and the CPU of its processes: the same server for the floor and for the site."""

from __future__ import annotations

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from bench.instance import ROOT


class Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = str(path)

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


class Server:
    """One running gunicorn with a single worker of four threads."""

    def __init__(self, process: subprocess.Popen[bytes], path: Path) -> None:
        self.process, self.path = process, path
        self._connection = Connection(path)

    def ask(
        self, url: str, headers: Mapping[str, str], body: str | None = None, fine: tuple[int, ...] = (200,)
    ) -> tuple[int, dict[str, str], bytes]:
        """One request on a connection that stays open. Raises RuntimeError for any status that is not `fine`."""
        method = "GET" if body is None else "POST"
        try:
            self._connection.request(method, url, body, dict(headers))
            answer = self._connection.getresponse()
        except (http.client.HTTPException, OSError):  # the server closed it after a pause
            self._connection.close()
            self._connection.request(method, url, body, dict(headers))
            answer = self._connection.getresponse()
        content = answer.read()
        if answer.status not in fine:
            raise RuntimeError(f"{method} {url}: {answer.status}")
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def cpu_seconds(self) -> float:
        """What the server's processes have used so far, from the scheduler's own count in nanoseconds."""
        total = 0
        for process in self.processes():
            for task in Path(f"/proc/{process}/task").iterdir():
                total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9

    def processes(self) -> list[int]:
        mine = self.process.pid
        children = Path(f"/proc/{mine}/task/{mine}/children").read_text().split()
        return [mine, *map(int, children)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._connection.close()
        self.process.terminate()
        self.process.wait(timeout=20)


@contextmanager
def serve(target: str, path: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run `target` (module:application) until the block ends."""
    command = [
        sys.executable, "-m", "gunicorn", "--workers", "1", "--threads", "4", "--worker-class", "gthread",
        "--keep-alive", "30", "--log-level", "critical", "--bind", f"unix:{path}", target,
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment))
    with Server(process, path) as server:
        _wait_for(server)
        yield server


def _wait_for(server: Server) -> None:
    for _attempt in range(300):
        if server.process.poll() is not None:
            raise RuntimeError("the server ended at once")
        try:
            server.ask("/", {}, fine=(200, 302))
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server did not start within 30 seconds")
