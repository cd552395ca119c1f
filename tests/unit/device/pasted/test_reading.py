"""What is pasted beside a device log is read by its shape: answers of the device, lines of a
router.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.correlator import diagnose
from netcheck.device import log
from netcheck.model import STANDING, Diagnosis, Target
from tests.doubles import log_player

MAC, OTHER = "6c:0b:84:12:34:56", "00:11:22:33:44:55"
INSPECT = """Platform: 6 - Photon
Modules
  Bootloader module #0 - version 7, main location, 16384 bytes max size
    Integrity: PASS
    Address Range: PASS
    Platform: PASS
    Dependencies: PASS
  System module #1 - version 21, main location, 262144 bytes max size
    Integrity: PASS
    Address Range: PASS
    Platform: PASS
    Dependencies: PASS
  System module #2 - version 21, main location, 262144 bytes max size
    Integrity: PASS
    Address Range: PASS
    Platform: PASS
    Dependencies: PASS
      System module #1 - version 21
  User module #1 - version 4, main location, 131072 bytes max size
    UUID: 7CC313FF2C6CB2A590DB6A3ECEA17F106AA6DAD3EAF69FB17870B2D39B56E94C
    Integrity: PASS
    Address Range: PASS
    Platform: PASS
    Dependencies: FAIL
      System module #2 - version 108
  empty - factory location, 131072 bytes max size
"""
DESCRIBE = (
    '{"p":6,"m":[{"s":16384,"l":"m","vc":30,"vv":30,"f":"b","n":"0","v":7,"d":[]},'
    '{"s":262144,"l":"m","vc":30,"vv":30,"f":"s","n":"2","v":21,"d":[]},'
    '{"s":131072,"l":"m","vc":30,"vv":26,"f":"u","n":"1","v":4,"d":[{"f":"s","n":"2","v":108}]}]}'
)
UFW = (
    "Dec 17 01:38:16 gw kernel: [1234.5] [UFW BLOCK] IN=br0 OUT=eth0"
    f" MAC=b8:27:eb:11:22:33:{MAC}:08:00 SRC=192.168.1.50 DST=34.226.0.10 LEN=44 TOS=0x00 PREC=0x00"
    " TTL=127 ID=3 PROTO=TCP SPT=49152 DPT=5683 WINDOW=11680 RES=0x00 SYN URGP=0"
)
PFSENSE = (
    "Dec 17 01:38:16 fw filterlog[123]: 5,,,1000000103,igb1,match,block,in,4,0x0,,128,7,0,none,6,"
    "tcp,44,192.168.1.50,34.226.0.10,49152,5683,0,S,1,,11680,,mss"
)


def answered(text: str, folder: Path, target: Target | None = None) -> Diagnosis:
    file = folder / "pasted.txt"
    file.write_text(text)
    (one,) = diagnose(log.observe(str(file), target or Target()).observations, target or Target())
    return one


def first(one: Diagnosis) -> str:
    return next((f.cause for f in one.findings if f.level in STANDING), "")


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (INSPECT, "module_dependency_unmet"),
        (DESCRIBE, "module_dependency_unmet"),
        ('{"sys:uptime":60,"net:stat":2,"net:err":1062,"net:connatt":9}', "wifi_wrong_password"),
        ('{"net:err":0,"net:connatt":2,"cloud:err":6,"cloud:connatt":5}', "device_key_mismatch"),
        (f"wlan0: AP-STA-POSSIBLE-PSK-MISMATCH {MAC}", "wifi_wrong_password"),
        (f"wlan0: STA {MAC} WPA: invalid MIC in msg 2/4 of 4-Way Handshake", "wifi_wrong_password"),
        (UFW, "cloud_port_blocked"),
        (UFW.replace("[UFW BLOCK]", "DROP-OUT"), "cloud_port_blocked"),
        (PFSENSE, "cloud_port_blocked"),
        (
            "Dec 17 dnsmasq[9]: query[A] device.spark.io from 192.168.1.50\n"
            "Dec 17 dnsmasq[9]: gravity blocked device.spark.io is 0.0.0.0",
            "dns_hijacked",
        ),
        ("dnsmasq[9]: config device.spark.io is NXDOMAIN", "dns_name_blocked"),
        (f"dnsmasq-dhcp[9]: DHCPNAK(br0) 10.0.0.5 {MAC} wrong network", "dhcp_refuses_device"),
        (f"dnsmasq-dhcp[9]: DHCPDISCOVER(br0) {MAC} ignored", "dhcp_refuses_device"),
        (f"dnsmasq-dhcp[9]: DHCPDISCOVER(br0) {MAC} no address available", "dhcp_pool_exhausted"),
        (
            f"dhcpd: DHCPDISCOVER from {MAC} via eth0: network 10.0.0.0/24: no free leases",
            "dhcp_pool_exhausted",
        ),
        (f"Station {MAC} not allowed to authenticate", "mac_filter"),
        (
            f"11.05.24 WLAN-Anmeldung ist gescheitert : ungültiger WLAN-Schlüssel."
            f" MAC-Adresse: {MAC.upper()}.",
            "wifi_wrong_password",
        ),
        (
            f"WLAN device registration failed: invalid WLAN key. MAC address: {MAC.upper()}.",
            "wifi_wrong_password",
        ),
        (
            f"WLAN-Anmeldung ist gescheitert: MAC-Adresse ist gesperrt. MAC-Adresse: {MAC}",
            "mac_filter",
        ),
        (f"{MAC.upper()}@wlan1: disconnected, unicast key exchange timeout", "wifi_wrong_password"),
        (f"wlan2: reject {MAC}, forbidden by access-list", "mac_filter"),
        (
            f"ath0: STA {MAC} IEEE 802.1X: Access rejected from RADIUS server",
            "wpa_enterprise_failed",
        ),
        (
            "dhcp-iot: failed to give out IP address: pool <pool-iot> is empty",
            "dhcp_pool_exhausted",
        ),
        (
            "There are no IP addresses available for lease in the scope or superscope X.",
            "dhcp_pool_exhausted",
        ),
        (
            f"15,03/09/26,08:02:14,NACK,10.20.9.77,,{MAC.replace(':', '').upper()},,42,0",
            "dhcp_refuses_device",
        ),
        (
            'srcip=10.4.3.9 dstip=52.71.1.2 dstport=5683 dstintf="wan1" proto=6 action="deny"',
            "cloud_port_blocked",
        ),
        (
            "%ASA-4-106023: Deny tcp src inside:10.1.1.5/49152 dst outside:52.1.2.3/5683 by x",
            "cloud_port_blocked",
        ),
        (
            "*** dc01.school can't find device.spark.io: Non-existent domain",
            "dns_name_blocked",
        ),
    ],
)
def test_each_is_read_by_its_shape(text: str, cause: str, tmp_path: Path) -> None:
    assert first(answered(text, tmp_path)) == cause


def test_no_address_left_for_the_photon(tmp_path: Path) -> None:
    one = answered(f"dnsmasq-dhcp[9]: DHCPDISCOVER(br0) {MAC} no address available", tmp_path)
    standing = {f.cause for f in one.findings if f.level in STANDING}
    assert {"dhcp_pool_exhausted", "dhcp_refuses_device"} <= standing


def test_an_access_point_that_lets_the_photon_in_shows_the_join(tmp_path: Path) -> None:
    lines = (
        f"wlan0: STA {MAC} WPA: pairwise key handshake completed (RSN)\n"
        f"dnsmasq-dhcp[9]: DHCPACK(br0) 10.0.0.5 {MAC} photon"
    )
    states = {rung.stage.value: rung.state.value for rung in answered(lines, tmp_path).ladder}
    assert (states["join"], states["address"]) == ("passed", "passed")


def test_the_dialogue_that_asks_for_the_security_did_not_hear_the_network(tmp_path: Path) -> None:
    text = (
        "SSID: HomeNet\nSecurity 0=unsecured, 1=WEP, 2=WPA, 3=WPA2, 4=WPA Enterprise,"
        " 5=WPA2 Enterprise: 3\nPassword: hunter22\n"
    )
    one = answered(text, tmp_path)
    assert [rung.state.value for rung in one.ladder if rung.stage.value == "radio"] == ["failed"]


def test_a_scan_without_any_network(tmp_path: Path) -> None:
    assert first(answered('{"scans":[]}', tmp_path)) in ("antenna_wrong", "module_damaged")


@pytest.mark.parametrize(
    "line",
    [
        f"wlan0: AP-STA-POSSIBLE-PSK-MISMATCH {OTHER}",
        UFW.replace("DPT=5683", "DPT=443"),
        UFW.replace("UFW BLOCK", "UFW ALLOW"),
        PFSENSE.replace(",block,", ",pass,"),
        "dnsmasq[9]: config ads.example.com is NXDOMAIN",
    ],
)
def test_what_speaks_of_others_says_nothing(line: str, tmp_path: Path) -> None:
    file = tmp_path / "pasted.txt"
    file.write_text(line)
    with pytest.raises(log.LogError):
        log.observe(str(file), Target())


def test_another_device_than_the_one_asked_for_is_not_meant(tmp_path: Path) -> None:
    line = f"wlan0: AP-STA-POSSIBLE-PSK-MISMATCH {OTHER}"
    assert first(answered(line, tmp_path, Target(device=OTHER))) == "wifi_wrong_password"


def test_it_stands_beside_a_log(tmp_path: Path) -> None:
    text = "\n".join([*log_player.log("1.5.2", "port_dropped"), PFSENSE])
    assert first(answered(text, tmp_path)) == "cloud_port_blocked"


@pytest.mark.parametrize("action", ["[UFW BLOCK]", "[UFW ALLOW]"])
def test_a_filter_that_meets_the_announcement_shows_that_the_handshake_was_done(
    action: str, tmp_path: Path
) -> None:
    line = (
        f"kernel: {action} IN=wlp3s0 OUT= MAC=01:00:5e:00:01:bb:{MAC}:08:00 SRC=192.168.1.57"
        " DST=224.0.1.187 LEN=47 TTL=255 PROTO=UDP SPT=5683 DPT=5683 LEN=27"
    )
    one = answered(line, tmp_path)
    assert (one.device.mac, first(one)) == (MAC, "")


@pytest.mark.parametrize(
    "line",
    [
        "dhcpd: DHCPDISCOVER from 02:00:00:00:00:01 via eth0: network 10.0.0.0/24: no free leases",
        'srcip=10.4.3.9 dstip=52.71.1.2 dstport=5683 dstintf="wan1" proto=6 action="accept"',
        'srcip=10.4.3.9 dstip=52.71.1.2 dstport=443 dstintf="wan1" proto=6 action="deny"',
        "*** dc01.school.local can't find www.example.com: Non-existent domain",
        "10,03/09/26,08:02:10,Assign,10.20.4.31,NB-12,A4C3F0112233,,3311482201,0",
        "WLAN-Anmeldung ist gescheitert: MAC-Adresse ist gesperrt. MAC-Adresse: 8C:79:F5:00:11:22",
    ],
)
def test_lines_on_others_say_nothing(line: str, tmp_path: Path) -> None:
    file = tmp_path / "pasted.txt"
    file.write_text(line)
    with pytest.raises(log.LogError):
        log.observe(str(file), Target())
