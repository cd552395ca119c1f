"""Keyed pseudonyms that keep the form of what they stand for.

Made by HMAC (RFC 2104) with SHA-256: equal values get equal pseudonyms wherever the same key was
used, and without the key nobody can find the value by trying. A MAC address stays a MAC address,
two hosts of one /24 stay neighbours and private addresses private, so that what is redacted can
still be judged.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from ipaddress import IPv4Address

Hash = Callable[[str], bytes]
"""Value → 32 bytes that nobody without the key can connect with the value."""

_LOCAL, _GROUP = 0x02, 0x01  # bits of the first octet of a MAC address (IEEE 802, "U/L" and "I/G")


def keyed(key: bytes) -> Hash:
    """The hash of this key."""
    return lambda value: hmac.digest(key, value.encode("utf-8", "surrogatepass"), hashlib.sha256)


def of_name(name: str, make: Hash) -> str:
    """`name-` and eight digits; capitals make no difference."""
    return f"name-{make('name ' + name.lower()).hex()[:8]}"


def of_device_id(device_id: str, make: Hash, keep_last: int) -> str:
    """Another 24 hex digits, the last `keep_last` of them unchanged."""
    digits = make("id " + device_id).hex()
    return digits[: 24 - keep_last] + device_id[24 - keep_last :]


def of_mac(mac: str, make: Hash) -> str:
    """A locally administered address, so never anybody's real one.

    The maker's prefix stays readable in it, unless the address was local already: those bits are
    the host's own.
    """
    octets, fresh = bytes.fromhex(mac.replace(":", "")), make("mac " + mac)
    if octets[0] & _GROUP:
        return mac
    prefix = fresh[3:6] if octets[0] & _LOCAL else octets[:3]
    first = (prefix[0] | _LOCAL) & ~_GROUP
    return ":".join(f"{octet:02x}" for octet in (first, *prefix[1:], *fresh[:3]))


def of_ipv4(address: IPv4Address, make: Hash) -> str:
    """A private address for a private one, one of the benchmark range (RFC 2544) for a public one.

    Unset, broadcast, multicast, loopback and self-assigned addresses and network masks are nobody's
    and stay.
    """
    if _is_nobodys(address):
        return str(address)
    prefix, last = str(address).rpartition(".")[::2]
    fresh = make("ipv4 " + prefix)
    network = (
        f"10.{fresh[0]}.{fresh[1]}" if address.is_private else f"198.{18 + fresh[0] % 2}.{fresh[1]}"
    )
    return f"{network}.{_shuffled(prefix, make)[int(last)]}"


def _is_nobodys(address: IPv4Address) -> bool:
    return (
        int(address) >= 0xE0000000
        or int(address) < 0x01000000
        or address.is_loopback
        or address.is_link_local
    )


def _shuffled(prefix: str, make: Hash) -> tuple[int, ...]:
    """The 256 last octets of one network in an order of their own, so that no two hosts become
    one.
    """
    return tuple(sorted(range(256), key=lambda octet: make(f"ipv4 {prefix}.{octet}")))


def of_ipv6(address: str, make: Hash) -> str:
    """An address of the documentation range (RFC 3849)."""
    digits = make("ipv6 " + address).hex()
    return "2001:db8:" + ":".join(digits[at : at + 4] for at in range(0, 24, 4))
