"""Lines of a router's or access point's log that name a Photon: hostapd, dnsmasq, and the filter
logs of Linux (iptables, UFW) and pfSense.

A line counts where it names the device asked for, or a MAC of the maker's; a filter's, where it
names the cloud's port. Sources of the forms: hostap src/ap/{ieee802_11,sta_info,wpa_auth}.c and
src/common/wpa_ctrl.h; dnsmasq src/{rfc2131,log,cache}.c; ISC dhcp server/dhcp.c; Linux
net/netfilter/nf_log_syslog.c; docs.netgate.com, "Raw Filter Log Format".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from netcheck.model import NAMELESS, Outcome, Target
from netcheck.photon.addresses import ANNOUNCE_GROUP, MAKER_PREFIXES
from netcheck.wire.addresses import is_block_page, is_bogon

_MAC = r"(?P<mac>(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2})"
_IP = r"(?P<ip>\d{1,3}(?:\.\d{1,3}){3})"
_UNSET = "0.0.0.0"
_ANNOUNCED_TO = f"{ANNOUNCE_GROUP}:5683"


class RouterStatement(NamedTuple):
    """One thing that a line says: of which client, which fact and how it went."""

    subject: str
    fact: str
    outcome: Outcome
    reason: str = ""
    target: str = ""


class _Form(NamedTuple):
    """A form of line: what shows it, and what it says."""

    pattern: re.Pattern[str]
    fact: str
    outcome: Outcome
    reason: str = ""


def _form(pattern: str, fact: str, outcome: Outcome, reason: str = "") -> _Form:
    return _Form(re.compile(pattern), fact, outcome, reason)


_OF_CLIENTS = (
    # hostapd
    _form(rf"AP-STA-POSSIBLE-PSK-MISMATCH {_MAC}", "wifi.join", Outcome.FAILED, "wrong_password"),
    _form(
        rf"STA {_MAC} WPA: (?:received EAPOL-Key 2/4 Pairwise )?invalid MIC in msg 2/4",
        "wifi.join",
        Outcome.FAILED,
        "wrong_password",
    ),
    _form(
        rf"Station {_MAC} not allowed to authenticate", "wifi.join", Outcome.FAILED, "mac_refused"
    ),
    _form(rf"STA {_MAC} IEEE 802\.11: .*not allowed", "wifi.join", Outcome.FAILED, "not_let_in"),
    _form(rf"STA {_MAC} WPA: pairwise key handshake completed", "wifi.join", Outcome.OK),
    _form(rf"AP-STA-CONNECTED {_MAC}", "wifi.join", Outcome.OK),
    # DHCP servers: dnsmasq, ISC dhcpd
    _form(
        rf"DHCPDISCOVER\([\w.-]+\) (?:{_IP} )?{_MAC} no address available",
        "dhcp.lease",
        Outcome.FAILED,
        "pool_empty",
    ),
    _form(
        rf"DHCPDISCOVER\([\w.-]+\) (?:{_IP} )?{_MAC} ignored",
        "dhcp.lease",
        Outcome.FAILED,
        "ignored",
    ),
    _form(
        rf"DHCPDISCOVER from {_MAC} .{{0,80}}\bno free leases",
        "dhcp.lease",
        Outcome.FAILED,
        "pool_empty",
    ),
    _form(rf"DHCPNAK\([\w.-]+\) {_IP} {_MAC}", "dhcp.lease", Outcome.FAILED, "nak"),
    _form(rf"DHCPACK\([\w.-]+\) {_IP} {_MAC}", "dhcp.lease", Outcome.OK),
)
_NETFILTER = re.compile(
    r"\[?\b(?:UFW )?(?P<action>BLOCK|DROP|REJECT|DENY|ALLOW|ACCEPT)\w*\b[^=]{0,80}?IN=\S* OUT=\S*"
    r"(?: MAC=(?:[0-9A-Fa-f]{2}:){6}" + _MAC + r"(?::[0-9A-Fa-f]{2}){2})?"
    r" SRC=[\d.]{7,15} DST=" + _IP + r".{0,200}? PROTO=(?P<protocol>\w+)"
    r".{0,60}? DPT=(?P<port>\d{1,5})\b",
    re.IGNORECASE,
)
_PFSENSE = re.compile(
    r"filterlog(?:\[\d+\])?: (?:[^,]*,){6}(?P<action>block|pass|reject),(?:in|out),4,(?:[^,]*,){7}"
    r"(?P<protocol>tcp|udp),\d+,[\d.]{7,15}," + _IP + r",\d+,(?P<port>\d{1,5}),"
)
_NAME = re.compile(
    r"dnsmasq\[\d+\]: (?:\d+ \S+ )?(?P<by>reply|config|cached|forwarded|gravity blocked|\S*hosts)"
    r" (?P<name>[A-Za-z0-9.-]{4,100}) is (?P<answer>[\w.<>:-]{1,60})"
)
_HINT = re.compile(r"STA|tation|DHCP[DNA]|DPT=|filterlog|dnsmasq")
"""One of these stands in every line that any form finds something in: a quick look before."""
_PASSES = frozenset({"ALLOW", "ACCEPT", "PASS"})
_NO_NAME = {"NXDOMAIN": "nxdomain", "NODATA": "empty", "NODATA-IPv4": "empty"}


def statements(line: str, target: Target) -> Iterator[RouterStatement]:
    """What one line says of a Photon: nothing, where it speaks of others or is no such line."""
    if _HINT.search(line) is None:
        return
    for read in _READERS:
        yield from read(line, target)


def _of_client(line: str, target: Target) -> Iterator[RouterStatement]:
    for form in _OF_CLIENTS:
        found = form.pattern.search(line)
        if found is not None and _is_meant(mac := found["mac"].lower(), target):
            yield RouterStatement(mac, form.fact, form.outcome, form.reason)
            return


def _is_meant(mac: str, target: Target) -> bool:
    device = target.device.lower()
    return mac == device if device.count(":") == 5 else mac.startswith(MAKER_PREFIXES)


def _of_filter(line: str, target: Target) -> Iterator[RouterStatement]:
    """A filter's word on a connection to the cloud's port. Only what it blocks says something; a
    Photon's announcement says, passed or not, that its handshake was done.
    """
    found = _NETFILTER.search(line) or _PFSENSE.search(line)
    if found is None:
        return
    mac = (found.groupdict().get("mac") or "").lower()
    place = f"{found['ip']}:{found['port']}"
    if found["protocol"].lower() != "tcp":
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


_READERS: tuple[Callable[[str, Target], Iterator[RouterStatement]], ...] = (
    _of_client,
    _of_filter,
    _of_name,
)
