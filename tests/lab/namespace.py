"""Linux network namespaces: made under a name of this process, entered by threads, and always
removed.

Sources: network_namespaces(7), setns(2), ip-netns(8).
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

PREFIX = "netchecklab"
_MOUNTS = Path("/run/netns")
_RESOLV = Path("/etc/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")


class Namespace:
    """One network namespace with loopback up; `remove` ends what was started in it."""

    def __init__(self, role: str) -> None:
        self.name = f"{PREFIX}-{os.getpid()}-{role}"
        self.environment: dict[str, str] = {}
        """What commands inside find in their environment, besides the rest."""
        self._processes: list[subprocess.Popen[bytes]] = []
        subprocess.run(["ip", "netns", "add", self.name], check=True, capture_output=True)
        self.ip("link", "set", "lo", "up")

    def ip(self, *arguments: str) -> None:
        """An `ip` command inside."""
        _checked(["ip", "-n", self.name, *arguments])

    def run(self, *command: str, text: str | None = None) -> None:
        """A command inside, to its end; `text` goes to its standard input."""
        _checked(self.command(*command), text)

    def command(self, *command: str) -> list[str]:
        """The command line that runs `command` inside."""
        added = [f"{name}={value}" for name, value in self.environment.items()]
        return ["ip", "netns", "exec", self.name, *(["env", *added] if added else []), *command]

    def start(self, *command: str, log: Path | None = None) -> subprocess.Popen[bytes]:
        """A command inside that runs until `remove`; what it says goes to `log`."""
        with contextlib.ExitStack() as opened:
            sink = opened.enter_context(log.open("wb")) if log else subprocess.DEVNULL
            process = subprocess.Popen(
                self.command(*command), stdout=sink, stderr=sink, stdin=subprocess.DEVNULL
            )
        self._processes.append(process)
        return process

    def call(self, work: Callable[[], object]) -> threading.Thread:
        """Run `work` in a thread of its own that lives in this namespace; sockets it opens stay
        there.
        """

        def inside() -> None:
            self.enter()
            work()

        thread = threading.Thread(target=inside, daemon=True, name=self.name)
        thread.start()
        return thread

    def evaluate(self, make: Callable[[], T]) -> T:
        """What `make` returns, or raises, when called inside; a socket made so stays inside and
        serves any thread.
        """
        with ThreadPoolExecutor(1, initializer=self.enter) as pool:
            return pool.submit(make).result()

    def enter(self) -> None:
        """Move the current thread here for good."""
        descriptor = os.open(_MOUNTS / self.name, os.O_RDONLY)
        try:
            if _libc.setns(descriptor, _CLONE_NEWNET):
                raise OSError(ctypes.get_errno(), f"cannot enter {self.name}")
        finally:
            os.close(descriptor)

    def write_setting(self, name: str, value: int | str) -> None:
        """A value under /proc/sys/net, which shows the namespace of the thread that opens it."""
        self.evaluate(lambda: Path("/proc/sys/net", name).write_text(str(value)))

    def use_resolver(self, address: str) -> None:
        """The /etc/resolv.conf of commands run inside."""
        folder = _RESOLV / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(f"nameserver {address}\n")

    def remove(self) -> None:
        """End what runs inside and delete the namespace with its interfaces."""
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            try:
                process.wait(3)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        _delete(self.name)


def _checked(command: list[str], text: str | None = None) -> None:
    """Run it; RuntimeError with its own words if it fails."""
    done = subprocess.run(command, input=text, text=True, capture_output=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")


def _delete(name: str) -> None:
    subprocess.run(["ip", "netns", "del", name], capture_output=True)
    shutil.rmtree(_RESOLV / name, ignore_errors=True)


def sweep() -> list[str]:
    """Remove namespaces that a killed run left behind, with what still runs inside; returns their
    names.
    """
    names = [path.name for path in _MOUNTS.glob(f"{PREFIX}-*") if not _owner_lives(path.name)]
    for name in names:
        listed = subprocess.run(
            ["ip", "netns", "pids", name], capture_output=True, text=True
        ).stdout
        for pid in listed.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGTERM)
        _delete(name)
    return names


def _owner_lives(name: str) -> bool:
    found = re.fullmatch(rf"{PREFIX}-(\d+)-.*", name)
    return found is not None and Path("/proc", found[1]).exists()
