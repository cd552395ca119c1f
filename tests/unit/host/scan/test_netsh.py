"""What `netsh` prints of networks, in several languages, and what it prints instead."""

from __future__ import annotations

import pytest

from netcheck.host.scan import netsh
from netcheck.wifi.scan import ScannedBss

ENGLISH = """
Interface name : Wi-Fi
There are 3 networks currently visible.

SSID 1 : HomeNet
    Network type            : Infrastructure
    Authentication          : WPA2-Personal
    Encryption              : CCMP
    BSSID 1                 : a4:2b:b0:aa:bb:cc
         Signal             : 94%
         Radio type         : 802.11ax
         Band               : 5 GHz
         Channel            : 36
         Basic rates (Mbps) : 6 12 24
    BSSID 2                 : a4:2b:b0:aa:bb:cd
         Signal             : 70%
         Radio type         : 802.11n
         Band               : 2.4 GHz
         Channel            : 6
         Basic rates (Mbps) : 1 2 5.5 11
         Other rates (Mbps) : 6 9 12 18 24 36 48 54

SSID 2 : Cafe: the 2nd
    Network type            : Infrastructure
    Authentication          : Open
    Encryption              : None
    BSSID 1                 : 11:22:33:44:55:66
         Signal             : 24%
         Radio type         : 802.11g
         Channel            : 11

SSID 3 :
    Network type            : Infrastructure
    Authentication          : WPA3-Personal
    Encryption              : CCMP
    BSSID 1                 : 11:22:33:44:55:67
         Signal             : 40%
         Channel            : 1
"""
GERMAN = """
Schnittstellenname: WLAN
Momentan sind 2 Netzwerke sichtbar.

SSID 1 : Müller
    Netzwerktyp             : Infrastruktur
    Authentifizierung       : WPA2-Enterprise
    Verschlüsselung         : CCMP
    BSSID 1                 : aa:bb:cc:dd:ee:01
         Signal             : 78%
         Funktyp            : 802.11ac
         Kanal              : 44
SSID 2 : Offen
    Netzwerktyp             : Infrastruktur
    Authentifizierung       : Offen
    Verschlüsselung         : WEP
    BSSID 1                 : aa:bb:cc:dd:ee:02
         Signal             : 60%
         Kanal              : 13
"""
PORTUGUESE = """Nome da interface: Wi-Fi 2
Há 1 redes visíveis no momento.

SSID 1 : CASA -2.4G
    Tipo de rede            : Infraestrutura
    Autenticação            : WPA2-Personal
    Criptografia            : CCMP
    BSSID 1                 : 86:0b:bb:1c:9e:5f
         Sinal              : 40%
         Tipo de Rádio      : 802.11ac
         Banda              : 2,4 GHz
         Canal              : 9
"""
CARD = "    GUID                   : 0f8fad5b-d9cb-469f-a165-70867728950e"


def shown(one: ScannedBss) -> tuple[bytes, str, int, int | None, str]:
    bss = one.description
    return bss.ssid, one.band, one.channel, one.signal_dbm, bss.obstacle() or bss.security


@pytest.mark.parametrize(
    ("output", "found"),
    [
        (
            ENGLISH,
            [
                (b"HomeNet", "5", 36, -53, "only_5ghz"),
                (b"HomeNet", "2.4", 6, -65, "other"),
                (b"Cafe: the 2nd", "2.4", 11, -88, "open"),
                (b"", "2.4", 1, -80, "sae_only"),
            ],
        ),
        (
            GERMAN,
            [
                ("Müller".encode(), "5", 44, -61, "only_5ghz"),
                (b"Offen", "2.4", 13, -70, "wep"),
            ],
        ),
        (PORTUGUESE, [(b"CASA -2.4G", "2.4", 9, -80, "other")]),
    ],
)
def test_networks_in_any_language(
    output: str, found: list[tuple[bytes, str, int, int | None, str]]
) -> None:
    scan = netsh.read(output)

    assert [shown(one) for one in scan.found] == found
    assert not scan.is_fresh
    assert all(not one.has_elements for one in scan.found)


def test_a_name_that_is_empty_is_hidden() -> None:
    assert [one.is_hidden for one in netsh.read(ENGLISH).found] == [False, False, False, True]


@pytest.mark.parametrize(
    ("output", "interfaces", "reason"),
    [
        ("There is no wireless interface on the system.", "", "absent"),
        ("Il n'existe aucune interface sans fil.", "", "absent"),
        (
            "Network shell commands need location permission.\nms-settings:privacy-location",
            "",
            "denied",
        ),
        ("Interface name : Wi-Fi\nThere are 0 networks currently visible.", CARD, ""),
        ("\0\x1b[31m: : :\nSSID 1 : a\n BSSID 1 : zz", CARD, ""),
    ],
)
def test_what_is_printed_instead(output: str, interfaces: str, reason: str) -> None:
    scan = netsh.read(output, interfaces)

    assert (scan.found, scan.reason) == ((), reason)
    assert bool(scan.says) == bool(reason)


def test_a_security_in_words_that_nobody_knows_is_unknown() -> None:
    (one,) = netsh.read(PORTUGUESE.replace("WPA2-Personal", "Özel")).found

    assert not one.has_security
