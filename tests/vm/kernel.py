"""A stock Debian kernel and the smallest system that boots it: fetched once, unpacked into a cache,
never installed.

The `cloud` flavour of the kernel has neither dummy_hcd nor 9p, so it must be the plain one. Needs
apt-get, dpkg, kmod and cpio.
"""

from __future__ import annotations

import lzma
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

CACHE = Path(os.environ.get("NETCHECK_VM_CACHE", "~/.cache/netcheck-vm")).expanduser()
MODULES = ("virtio_pci", "9p", "9pnet_virtio", "overlay", "virtio_rng")
"""What the first moments need; everything else is loaded inside, from the host's copy."""
XZ = b"\xfd7zXZ\x00"

INIT = r"""#!/bin/busybox sh
B=/bin/busybox
$B mount -t proc proc /proc; $B mount -t sysfs sys /sys; $B mount -t devtmpfs dev /dev
for m in $($B cat /modlist); do $B insmod /mods/$m || echo "insmod $m failed"; done
O=trans=virtio,version=9p2000.L,msize=512000
$B mkdir -p /low /tmpfs /root
$B mount -t 9p -o ro,cache=loose,$O hostroot /low || $B poweroff -f
$B mount -t tmpfs -o size=60% tmpfs /tmpfs; $B mkdir /tmpfs/up /tmpfs/work
D=lowerdir=/low,upperdir=/tmpfs/up,workdir=/tmpfs/work
$B mount -t overlay -o $D ov /root || $B poweroff -f
R=/root
for d in proc sys dev; do $B mount --move /$d $R/$d; done
$B mount -t tmpfs run $R/run
$B mkdir -p $R/dev/pts $R/dev/shm
$B mount -t devpts devpts $R/dev/pts; $B mount -t tmpfs shm $R/dev/shm
$B mount -t configfs configfs $R/sys/kernel/config 2>/dev/null
. /settings
$B mkdir -p "$R$FOLDER" "$R/lib/modules/$($B uname -r)"
$B mount -t 9p -o cache=none,$O folder "$R$FOLDER"
$B mount -t 9p -o ro,cache=loose,$O modules "$R/lib/modules/$($B uname -r)"
$B cp /bin/busybox $R/run/busybox
$B ip link set lo up
echo "VM-UP"
exec $B switch_root $R /bin/sh "$FOLDER/run.sh"
"""
"""The first process: the host's files, read-only below what the guest writes (which vanishes), and
one folder shared with the host.
"""


def ready() -> tuple[Path, Path, Path]:
    """The kernel, the first file system and the modules; made on first use, which fetches about 70
    MB.
    """
    image, first = CACHE / "vmlinux", CACHE / "initramfs.cpio"
    if not image.exists():
        _fetch()
        image.write_bytes(_unpacked(next((CACHE / "root/boot").glob("vmlinuz-*")).read_bytes()))
    first.write_bytes(_first_files())
    return image, first, _modules()


def _fetch() -> None:
    shown = subprocess.run(
        ["apt-cache", "depends", "linux-image-amd64"], text=True, capture_output=True, check=True
    ).stdout
    kernel = re.search(r"Depends: (linux-image-\S+)", shown)
    if kernel is None:
        raise RuntimeError("apt knows no linux-image-amd64: run apt-get update")
    packages = CACHE / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", kernel[1], "busybox-static"],
        cwd=packages,
        check=True,
        capture_output=True,
    )
    shutil.rmtree(CACHE / "root", ignore_errors=True)
    for package in packages.glob("*.deb"):
        subprocess.run(["dpkg", "-x", package, CACHE / "root"], check=True)
    subprocess.run(["depmod", "-b", CACHE / "root", _modules().name], check=True)


def _modules() -> Path:
    return next((CACHE / "root/lib/modules").iterdir())


def _unpacked(image: bytes) -> bytes:
    """The ELF inside: emulated, the image would take 5 s to unpack itself."""
    at = image.find(XZ)
    inner = lzma.LZMADecompressor().decompress(image[at:]) if at > 0 else b""
    return inner if inner.startswith(b"\x7fELF") else image


def _first_files() -> bytes:
    """busybox, the modules of the first moments in their order, and INIT, as a cpio archive."""
    tree = CACHE / "first"
    shutil.rmtree(tree, ignore_errors=True)
    for name in ("bin", "mods", "proc", "sys", "dev"):
        (tree / name).mkdir(parents=True)
    shutil.copy(CACHE / "root/bin/busybox", tree / "bin/busybox")
    order = list(dict.fromkeys(_module_files()))
    for file in order:
        content = file.read_bytes()
        (tree / "mods" / file.name.removesuffix(".xz")).write_bytes(
            lzma.decompress(content) if file.suffix == ".xz" else content
        )
    (tree / "modlist").write_text("".join(f"{file.name.removesuffix('.xz')}\n" for file in order))
    (tree / "init").write_text(INIT)
    (tree / "init").chmod(0o755)
    return archive(tree)


def _module_files() -> Iterator[Path]:
    for module in MODULES:
        command = [
            "modprobe",
            "-d",
            str(CACHE / "root"),
            "-S",
            _modules().name,
            "--show-depends",
            module,
        ]
        shown = subprocess.run(command, text=True, capture_output=True, check=True).stdout
        yield from (
            Path(line.split()[1]) for line in shown.splitlines() if line.startswith("insmod ")
        )


def archive(tree: Path) -> bytes:
    """All files below that folder as a cpio archive in the form that a kernel reads; several may
    follow each other.
    """
    names = "\n".join(str(path.relative_to(tree)) for path in sorted(tree.rglob("*")))
    return subprocess.run(
        ["cpio", "-o", "-H", "newc", "--quiet"],
        cwd=tree,
        input=names.encode(),
        capture_output=True,
        check=True,
    ).stdout
