"""Lines of a router's or access point's log that name a Photon (`forms`), and the filter logs of
Linux (iptables, UFW), pfSense, FortiGate and Cisco ASA.

A line counts where it names the device asked for, or a MAC of the maker's; a filter's, where it
names the cloud's port; one on names, where it names the cloud; one on an empty pool always. Sources
of the forms: dnsmasq src/{log,cache}.c; Linux net/netfilter/nf_log_syslog.c; docs.netgate.com, "Raw
Filter Log Format"; FortiOS log reference (traffic); Cisco ASA syslog messages 106023 and 106001;
ISC bind bin/dig, Windows nslookup.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from netcheck.device.pasted.forms import IP, MAC, OF_CLIENTS, OF_POOLS
from netcheck.model import NAMELESS, Outcome, Target
from netcheck.photon.addresses import ANNOUNCE_GROUP, MAKER_PREFIXES
from netcheck.wire.addresses import is_block_page, is_bogon

_UNSET = "0.0.0.0"
_ANNOUNCED_TO = f"{ANNOUNCE_GROUP}:5683"


class RouterStatement(NamedTuple):
    """One thing that a line says: of which client, which fact and how it went."""

    subject: str
    fact: str
    outcome: Outcome
    reason: str = ""
    target: str = ""


_NETFILTER = re.compile(
    r"\[?\b(?:UFW )?(?P<action>BLOCK|DROP|REJECT|DENY|ALLOW|ACCEPT)\w*\b[^=]{0,80}?IN=\S* OUT=\S*"
    r"(?: MAC=(?:[0-9A-Fa-f]{2}:){6}" + MAC + r"(?::[0-9A-Fa-f]{2}){2})?"
    r" SRC=[\d.]{7,15} DST=" + IP + r".{0,200}? PROTO=(?P<protocol>\w+)"
    r".{0,60}? DPT=(?P<port>\d{1,5})\b",
    re.IGNORECASE,
)
_PFSENSE = re.compile(
    r"filterlog(?:\[\d+\])?: (?:[^,]*,){6}(?P<action>block|pass|reject),(?:in|out),4,(?:[^,]*,){7}"
    r"(?P<protocol>tcp|udp),\d+,[\d.]{7,15}," + IP + r",\d+,(?P<port>\d{1,5}),"
)
_NAME = re.compile(
    r"dnsmasq\[\d+\]: (?:\d+ \S+ )?(?P<by>reply|config|cached|forwarded|gravity blocked|\S*hosts)"
    r" (?P<name>[A-Za-z0-9.-]{4,100}) is (?P<answer>[\w.<>:-]{1,60})"
)
_FORTIGATE = re.compile(
    r"\bdstip=" + IP + r" dstport=(?P<port>\d{1,5})\b.{0,300}?\bproto=(?P<protocol>\d{1,3})\b"
    r".{0,60}?\baction=\"?(?P<action>deny|block)"
)
_ASA = re.compile(
    r"-106023: (?P<action>Deny) (?P<protocol>tcp|udp) src \S{1,60} dst [\w.-]{1,40}:"
    + IP
    + r"/(?P<port>\d{1,5})\b"
)
_FILTERS = (_NETFILTER, _PFSENSE, _FORTIGATE, _ASA)
_LOOKUP = re.compile(
    r"can't find (?P<name>[A-Za-z0-9.-]{4,100}): (?P<why>Non-existent domain|NXDOMAIN|SERVFAIL"
    r"|Server failed|REFUSED|Query refused)"
)
_HINT = re.compile(
    r"STA|tation|DHCP|DPT=|filterlog|dnsmasq|LAN|disconnected|local ACL|forbidden by|pool <|lease"
    r"|dstport=|-106023|can't find|^1[0145],"
)
"""One of these stands in every line that any form finds something in: a quick look before."""
_PASSES = frozenset({"ALLOW", "ACCEPT", "PASS"})
_TCP = frozenset({"tcp", "6"})
_NO_NAME = {"NXDOMAIN": "nxdomain", "NODATA": "empty", "NODATA-IPv4": "empty"}
_LOOKUP_FAILED = {
    "non-existent domain": "nxdomain",
    "nxdomain": "nxdomain",
    "servfail": "servfail",
    "server failed": "servfail",
    "refused": "dns_refused",
    "query refused": "dns_refused",
}


def statements(line: str, target: Target) -> Iterator[RouterStatement]:
    """What one line says of a Photon: nothing, where it speaks of others or is no such line."""
    if _HINT.search(line) is None:
        return
    for read in _READERS:
        yield from read(line, target)


def _of_client(line: str, target: Target) -> Iterator[RouterStatement]:
    for form in OF_CLIENTS:
        found = form.pattern.search(line)
        if found is not None and _is_meant(mac := _colons(found["mac"]), target):
            yield RouterStatement(mac, form.fact, form.outcome, form.reason)
            return


def _colons(mac: str) -> str:
    """The MAC as aa:bb:cc:dd:ee:ff, however it was written."""
    digits = re.sub(r"[^0-9a-f]", "", mac.lower())
    return ":".join(digits[at : at + 2] for at in range(0, 12, 2))


def _of_pool(line: str, target: Target) -> Iterator[RouterStatement]:
    """That there is no address left for anybody, where the line names nobody."""
    if OF_POOLS.search(line) and not re.search(MAC, line):
        yield RouterStatement(NAMELESS, "dhcp.lease", Outcome.FAILED, "pool_empty")


def _is_meant(mac: str, target: Target) -> bool:
    device = target.device.lower()
    return mac == device if device.count(":") == 5 else mac.startswith(MAKER_PREFIXES)


def _of_filter(line: str, target: Target) -> Iterator[RouterStatement]:
    """A filter's word on a connection to the cloud's port. Only what it blocks says something; a
    Photon's announcement says, passed or not, that its handshake was done.
    """
    found = next((one for form in _FILTERS if (one := form.search(line))), None)
    if found is None:
        return
    mac = (found.groupdict().get("mac") or "").lower()
    place = f"{found['ip']}:{found['port']}"
    if found["protocol"].lower() not in _TCP:
        if place == _ANNOUNCED_TO and mac and _is_meant(mac, target):
            yield RouterStatement(mac, "session.announce", Outcome.OK, "", place)
        return
    if int(found["port"]) != target.cloud_port or found["action"].upper() in _PASSES:
        return
    if mac and target.device.count(":") == 5 and mac != target.device.lower():
        return
    subject = mac if mac and _is_meant(mac, target) else NAMELESS
    yield RouterStatement(subject, "tcp.cloud", Outcome.FAILED, "filtered", place)


def _of_name(line: str, target: Target) -> Iterator[RouterStatement]:
    """What the network's resolver answers for the cloud's name, whoever asked."""
    found = _NAME.search(line)
    if found is None or found["name"].lower() != target.cloud_host.lower():
        return
    answer, name = found["answer"], found["name"].lower()
    if answer in _NO_NAME:
        yield RouterStatement(NAMELESS, "dns.cloud_name", Outcome.FAILED, _NO_NAME[answer], name)
    elif re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", answer):
        is_page = is_block_page(answer)
        is_false = answer == _UNSET or is_bogon(answer) or is_page
        yield RouterStatement(
            NAMELESS,
            "dns.cloud_name",
            Outcome.FAILED if is_false else Outcome.OK,
            "block_page" if is_page else "bogon" if is_false else "",
            name,
        )


def _of_lookup(line: str, target: Target) -> Iterator[RouterStatement]:
    """What `nslookup` or `dig` on a computer of the network says of the cloud's name."""
    found = _LOOKUP.search(line)
    if found is not None and found["name"].lower() == target.cloud_host.lower():
        reason = _LOOKUP_FAILED[found["why"].lower()]
        name = found["name"].lower()
        yield RouterStatement(NAMELESS, "dns.cloud_name", Outcome.FAILED, reason, name)


_READERS: tuple[Callable[[str, Target], Iterator[RouterStatement]], ...] = (
    _of_client,
    _of_pool,
    _of_filter,
    _of_name,
    _of_lookup,
)
