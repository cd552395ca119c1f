"""Forms of lines in which routers, access points and DHCP servers write of one client, and of their
pool of addresses.

Sources: hostap src/ap/{ieee802_11,sta_info,wpa_auth,ieee802_1x}.c and src/common/wpa_ctrl.h;
dnsmasq src/rfc2131.c; ISC dhcp server/dhcp.c; AVM's list of FRITZ!Box events; MikroTik's
documentation of wireless and DHCP logs; Microsoft Learn, "Analyze DHCP server log files".
"""

from __future__ import annotations

import re
from typing import NamedTuple

from netcheck.model import Outcome

MAC = r"(?P<mac>(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})"
IP = r"(?P<ip>\d{1,3}(?:\.\d{1,3}){3})"
_BARE_MAC = r"(?P<mac>[0-9A-Fa-f]{12})"


class LineForm(NamedTuple):
    """A form of line: what shows it, and what it says."""

    pattern: re.Pattern[str]
    fact: str
    outcome: Outcome
    reason: str = ""


def _form(pattern: str, fact: str, outcome: Outcome, reason: str = "") -> LineForm:
    return LineForm(re.compile(pattern), fact, outcome, reason)


_FRITZ_FAILED = r"(?:WLAN-Anmeldung ist gescheitert|W(?:LAN|ireless LAN)[\w ]{1,40} failed) ?: ?"
_FRITZ_MAC = rf".{{0,60}}?MAC[- ][Aa]d(?:resse|dress):? {MAC}"


def _windows(number: str, outcome: Outcome, reason: str = "") -> LineForm:
    """A row of Windows' audit log: number, date, time, what, address, name, MAC."""
    when = r"\d\d/\d\d/\d\d,\d\d:\d\d:\d\d"
    pattern = rf"^{number},{when},[^,]{{0,40}},(?:{IP})?,[^,]{{0,80}},{_BARE_MAC},"
    return _form(pattern, "dhcp.lease", outcome, reason)


OF_CLIENTS = (
    # hostapd
    _form(rf"AP-STA-POSSIBLE-PSK-MISMATCH {MAC}", "wifi.join", Outcome.FAILED, "wrong_password"),
    _form(
        rf"STA {MAC} WPA: (?:received EAPOL-Key 2/4 Pairwise )?invalid MIC in msg 2/4",
        "wifi.join",
        Outcome.FAILED,
        "wrong_password",
    ),
    _form(
        rf"Station {MAC} not allowed to authenticate", "wifi.join", Outcome.FAILED, "mac_refused"
    ),
    _form(rf"STA {MAC} IEEE 802\.11: .*not allowed", "wifi.join", Outcome.FAILED, "not_let_in"),
    _form(
        rf"STA {MAC} IEEE 802\.1X: (?:Access rejected|authentication failed)",
        "wifi.join",
        Outcome.FAILED,
        "eap_failed",
    ),
    _form(rf"STA {MAC} WPA: pairwise key handshake completed", "wifi.join", Outcome.OK),
    _form(rf"AP-STA-CONNECTED {MAC}", "wifi.join", Outcome.OK),
    # FRITZ!Box, in German and English
    _form(
        rf"{_FRITZ_FAILED}(?:ung(?:ü|ue)ltiger WLAN-Schl(?:ü|ue)ssel"
        rf"|invalid [\w ]{{0,20}}key).{{0,40}}?{_FRITZ_MAC}",
        "wifi.join",
        Outcome.FAILED,
        "wrong_password",
    ),
    _form(
        rf"{_FRITZ_FAILED}MAC[- ][Aa]d(?:resse ist gesperrt|dress is blocked){_FRITZ_MAC}",
        "wifi.join",
        Outcome.FAILED,
        "mac_refused",
    ),
    _form(
        rf"(?:WLAN-Ger(?:ä|ae)t angemeldet|W(?:LAN|ireless LAN) device registered) .{{0,80}}?"
        rf"IP {IP}, MAC {MAC}",
        "dhcp.lease",
        Outcome.OK,
    ),
    # MikroTik
    _form(
        rf"{MAC}@\S{{1,30}}: disconnected, unicast key exchange timeout",
        "wifi.join",
        Outcome.FAILED,
        "wrong_password",
    ),
    _form(rf"{MAC} in local ACL, reject", "wifi.join", Outcome.FAILED, "mac_refused"),
    _form(rf"reject {MAC}, forbidden by access-list", "wifi.join", Outcome.FAILED, "mac_refused"),
    # DHCP servers: dnsmasq, ISC dhcpd, Windows
    _form(
        rf"DHCPDISCOVER\([\w.-]+\) (?:{IP} )?{MAC} no address available",
        "dhcp.lease",
        Outcome.FAILED,
        "pool_empty",
    ),
    _form(
        rf"DHCPDISCOVER\([\w.-]+\) (?:{IP} )?{MAC} ignored",
        "dhcp.lease",
        Outcome.FAILED,
        "ignored",
    ),
    _form(
        rf"DHCPDISCOVER from {MAC} .{{0,80}}\bno free leases",
        "dhcp.lease",
        Outcome.FAILED,
        "pool_empty",
    ),
    _form(rf"DHCPNAK\([\w.-]+\) {IP} {MAC}", "dhcp.lease", Outcome.FAILED, "nak"),
    _form(rf"DHCPACK\([\w.-]+\) {IP} {MAC}", "dhcp.lease", Outcome.OK),
    _windows("1[01]", Outcome.OK),
    _windows("14", Outcome.FAILED, "pool_empty"),
    _windows("15", Outcome.FAILED, "nak"),
)
OF_POOLS = re.compile(
    r"failed to give out IP address: pool <[^>]{0,60}> is empty"
    r"|no IP addresses available for lease in the scope"
    r"|no address range available for DHCP request|no free leases\b"
)
"""A DHCP server's word that it has no address for anybody: MikroTik, Windows, dnsmasq, ISC."""
