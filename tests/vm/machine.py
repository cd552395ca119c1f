"""Runs one command as root in a virtual machine that sees the host's files and has a kernel with
every module.

Emulated (TCG): some seconds to a shell, and no need of KVM, which many build machines only pretend
to have. What the guest writes outside the shared folder stays in its memory.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.vm import kernel

TOOLS = ("qemu-system-x86_64", "apt-get", "dpkg", "cpio", "modprobe", "depmod")
PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin"))
QUIET = (
    "console=ttyS0 quiet loglevel=3 panic=-1 mitigations=off random.trust_cpu=on nokaslr"
    " nosoftlockup no_timer_check tsc=reliable"
)


@dataclass(frozen=True)
class Ended:
    """The command's exit status, None if it never ended, and what it said."""

    code: int | None
    output: str


def missing() -> list[str]:
    """The programs that are not there."""
    return [tool for tool in TOOLS if not shutil.which(tool, path=PATH)]


def run(command: list[str], folder: Path, limit_s: float, *, processors: int = 2) -> Ended:
    """That command in a fresh machine, with `folder` shared both ways under its own name. One
    processor is better on a busy host: emulated, two wait for each other.
    """
    image, first, modules = kernel.ready()
    _write_script(command, folder)
    with tempfile.TemporaryDirectory() as work:
        settings = Path(work, "settings")
        settings.write_text(f"FOLDER={shlex.quote(str(folder))}\n")
        initrd = folder / "initrd"
        initrd.write_bytes(first.read_bytes() + kernel.archive(Path(work)))
    try:
        done = subprocess.run(
            _qemu(image, initrd, folder, modules, processors),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limit_s,
        )
        output = done.stdout + done.stderr
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"") + b"\ntime limit\n"
    code = folder / "code"
    return Ended(
        int(code.read_text()) if code.exists() else None, output.decode("utf-8", "replace")
    )


def _write_script(command: list[str], folder: Path) -> None:
    lines = (
        f"export HOME=/root LANG=C.UTF-8 PATH={shlex.quote(PATH)}",
        f"cd {shlex.quote(str(Path.cwd()))}",
        f"( {shlex.join(command)} ) </dev/null",
        f"echo $? > {shlex.quote(str(folder))}/code",
        "sync; /run/busybox poweroff -f",
    )
    (folder / "run.sh").write_text("\n".join(lines) + "\n")


def _qemu(image: Path, initrd: Path, folder: Path, modules: Path, processors: int) -> list[str]:
    return [
        *(
            "qemu-system-x86_64",
            "-M",
            "q35,vmport=off",
            "-accel",
            "tcg,thread=multi",
            "-cpu",
            "max",
            "-m",
            "768",
            "-smp",
            str(processors),
        ),
        *(
            "-nodefaults",
            "-no-user-config",
            "-no-reboot",
            "-display",
            "none",
            "-serial",
            "stdio",
            "-net",
            "none",
        ),
        *("-device", "virtio-rng-pci"),
        *_share("hostroot", Path("/"), is_read_only=True),
        *_share("folder", folder, is_read_only=False),
        *_share("modules", modules, is_read_only=True),
        *("-kernel", str(image), "-initrd", str(initrd), "-append", QUIET),
    ]


def _share(tag: str, path: Path, *, is_read_only: bool) -> tuple[str, ...]:
    """A folder of the host as a 9p file system."""
    how = f"local,id={tag},path={path},security_model=none,multidevs=remap" + (
        ",readonly=on" if is_read_only else ""
    )
    return ("-fsdev", how, "-device", f"virtio-9p-pci,fsdev={tag},mount_tag={tag}")
