"""Gives up every right before the first byte of a stranger is parsed (Linux): no root user, no
capability, and none to be had again.

Sources: capabilities(7), credentials(7), prctl(2) (PR_SET_NO_NEW_PRIVS, PR_CAPBSET_DROP),
capset(2). On macOS and Windows nothing is given up.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import re
import stat
import sys
from collections.abc import Iterable
from pathlib import Path

from netcheck import files
from netcheck.model import Struct

_NOBODY = 65534
_CAPBSET_DROP, _NO_NEW_PRIVILEGES, _AMBIENT, _AMBIENT_CLEAR_ALL = 24, 38, 47, 4  # linux/prctl.h
_CAPABILITY_VERSION_3 = 0x20080522  # linux/capability.h
_MOST_CAPABILITIES = 64
_OWN_RIGHTS = re.compile(r"^Cap(?:Inh|Prm|Eff|Amb):\s*([0-9a-f]+)$", re.MULTILINE)


class Account(Struct, frozen=True, kw_only=True):
    """Whom a process runs as."""

    user: int
    group: int
    groups: tuple[int, ...] = ()


def is_privileged() -> bool:
    """Has this process a right that it could give up here?"""
    if sys.platform != "linux":
        return False
    return 0 in (os.getuid(), os.geteuid()) or _has_capability()


def _has_capability() -> bool:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    except OSError:  # no /proc: nothing tells, and giving up none does no harm
        return True
    return any(int(rights, 16) for rights in _OWN_RIGHTS.findall(status))


def account(more_files: Iterable[str] = ()) -> Account:
    """Whom to become: who called sudo, else nobody; who is not root stays who they are.

    Keeps the groups that may use the serial ports, and `more_files`, where those are not root's: a
    Photon at a port can be read by them alone.
    """
    if 0 not in (os.getuid(), os.geteuid()):
        return Account(user=os.getuid(), group=os.getgid(), groups=tuple(os.getgroups()))
    user, group = files.sudo_user() or (0, 0)
    if not user:
        return Account(user=_NOBODY, group=_NOBODY, groups=_port_groups(more_files))
    groups = {*_groups_of(user, group), *_port_groups(more_files)} - {0}
    return Account(user=user, group=group or _NOBODY, groups=tuple(sorted(groups)))


def _groups_of(user: int, group: int) -> list[int]:
    import pwd

    try:
        return os.getgrouplist(pwd.getpwuid(user).pw_name, group)
    except (KeyError, OSError):
        return [group]


def _port_groups(more_files: Iterable[str]) -> tuple[int, ...]:
    ports = [*Path("/dev").glob("ttyACM*"), *Path("/dev").glob("ttyUSB*"), *map(Path, more_files)]
    found = set()
    for port in ports:
        try:
            status = port.stat()
        except (OSError, ValueError):
            continue
        if stat.S_ISCHR(status.st_mode) and status.st_mode & stat.S_IRGRP:
            found.add(status.st_gid)
    return tuple(sorted(found - {0}))


def can_read(paths: Iterable[str], who: Account) -> bool:
    """May that account read all of these, and go through every folder above them?"""
    return all(
        _has_bit(path, who, stat.S_IROTH)
        and all(_has_bit(above, who, stat.S_IXOTH) for above in path.parents)
        for path in map(Path, paths)
    )


def _has_bit(path: Path, who: Account, bit: int) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    if status.st_uid == who.user:
        return bool(status.st_mode & bit << 6)
    if status.st_gid in (who.group, *who.groups):
        return bool(status.st_mode & bit << 3)
    return bool(status.st_mode & bit)


def give_up(who: Account) -> None:
    """Become that account, without a capability and without a way back. To be called before the
    first thread starts: capset(2) is for one thread alone. Raises OSError where the system refuses.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _checked(libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    for number in range(_MOST_CAPABILITIES):  # fails without CAP_SETPCAP, and beyond the last one
        libc.prctl(_CAPBSET_DROP, number, 0, 0, 0)
    libc.prctl(_AMBIENT, _AMBIENT_CLEAR_ALL, 0, 0, 0)  # since Linux 4.3
    if 0 in (os.getuid(), os.geteuid()):
        _become(who)
    keep_only(0)


def _become(who: Account) -> None:
    """Root without CAP_SETUID or CAP_SETGID (a container) cannot and stays root by name alone."""
    with contextlib.suppress(PermissionError):
        os.setgroups(who.groups)
        os.setresgid(who.group, who.group, who.group)
        os.setresuid(who.user, who.user, who.user)


def keep_only(capabilities: int) -> None:
    """Keep of this thread's capabilities those of that set of bits. Raises OSError."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    low, high = capabilities & 0xFFFFFFFF, capabilities >> 32
    # struct __user_cap_data_struct, twice: effective, permitted, inheritable
    data = (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)
    _checked(ctypes.CDLL(None, use_errno=True).capset(header, data))


def _checked(result: int) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
