"""Encrypted captures give, with the pass phrase, the answer of the same frames on a wire; with
another one they say so; and the pass phrase comes out nowhere.
"""

from __future__ import annotations

import json
import pickle
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcheck.app.commands import main
from netcheck.capture import observe
from netcheck.capture.many import CaptureReading
from netcheck.correlator import diagnose
from netcheck.model import STANDING, Diagnosis, Target
from netcheck.wifi.ccmp import Passphrase
from tests.helpers.encrypted import PASSPHRASE, as_encrypted
from tests.helpers.places import CAPTURES
from tests.helpers.secret_doors import caught

MACS = {
    row["file"]: row["device_mac"]
    for row in json.loads((CAPTURES / "truth.json").read_text())
    if row["file"] != "two_devices_one_bad_key.pcap"
}
FILES = (
    "dhcp_no_server_dhclient.pcapng",
    "dns_nxdomain.pcap",
    "dns_drop_router.pcap",
    "dns_hijack_portal.pcapng",
    "gw_dead.pcap",
    "healthy_boot.pcap",
    "healthy_v231.pcap",
    "proxy_silent.pcap",
    "srvkey_wrong.pcapng",
    "tcp_drop.pcap",
)


def station_of(name: str) -> bytes:
    return bytes.fromhex(MACS[name].replace(":", ""))


def typed(*arguments: str) -> tuple[object, bytes]:
    """The exit code, and all that a run prints."""
    with caught() as printed, pytest.raises(SystemExit) as ended:
        main(arguments)
    return ended.value.code, printed.getvalue()


def first(seen: CaptureReading, device: str) -> tuple[str, str]:
    target = Target(device=device)
    one: Diagnosis = diagnose(seen.observations, target)[0]
    standing = [f for f in one.findings if f.level in STANDING]
    return one.verdict.value, standing[0].cause if standing else ""


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("is_qos", [True, False])
def test_the_same_first_cause_as_on_a_wire(name: str, tmp_path: Path, *, is_qos: bool) -> None:
    target = Target(device=MACS[name])
    wired = observe([str(CAPTURES / name)], target)
    path = as_encrypted(CAPTURES / name, station_of(name), tmp_path / "air.pcap", is_qos=is_qos)
    opened = observe([str(path)], target, passphrase=Passphrase(PASSPHRASE))
    assert first(opened, MACS[name]) == first(wired, MACS[name])
    assert opened.not_decrypted == ()


@pytest.mark.parametrize("name", ["dhcp_no_server_dhclient.pcapng", "dns_nxdomain.pcap"])
@pytest.mark.parametrize("how", ["is_aggregated", "is_rekeyed", "has_new_pair"])
def test_joined_frames_and_new_keys(name: str, how: str, tmp_path: Path) -> None:
    target = Target(device=MACS[name])
    station, path = station_of(name), tmp_path / "air.pcap"
    plain = observe([str(as_encrypted(CAPTURES / name, station, path))], target)
    assert not [o for o in plain.observations if o.fact.startswith("dhcp")]
    once = observe([str(path)], target, passphrase=Passphrase(PASSPHRASE))
    as_encrypted(
        CAPTURES / name,
        station,
        path,
        is_aggregated=how == "is_aggregated",
        is_rekeyed=how == "is_rekeyed",
        has_new_pair=how == "has_new_pair",
    )
    again = observe([str(path)], target, passphrase=Passphrase(PASSPHRASE))
    assert first(again, MACS[name]) == first(once, MACS[name])
    assert counted(again) == counted(once)


def counted(seen: CaptureReading) -> list[tuple[str, str, float | None]]:
    """What was seen, without packet numbers."""
    kept = [o for o in seen.observations if o.fact != "capture.coverage"]
    return sorted((o.fact, o.reason, o.number("discovers")) for o in kept)


def test_the_pass_phrase_as_a_key(tmp_path: Path) -> None:
    name = "dns_nxdomain.pcap"
    path = as_encrypted(CAPTURES / name, station_of(name), tmp_path / "air.pcap")
    key = Passphrase(PASSPHRASE).master_key(b"Lab").hex().encode()
    opened = observe([str(path)], Target(), passphrase=Passphrase(key))
    assert first(opened, MACS[name])[1] == "dns_name_blocked"


def test_a_wrong_pass_phrase_says_so_at_once(tmp_path: Path) -> None:
    wrong = b"Correct horse battery"
    name = "dns_nxdomain.pcap"
    path = as_encrypted(CAPTURES / name, station_of(name), tmp_path / "air.pcap")
    closed = observe([str(path)], Target(), passphrase=Passphrase(wrong))
    assert first(closed, MACS[name]) == ("insufficient", "")
    [sentence] = closed.not_decrypted
    assert "is wrong for every 4-way handshake" in sentence
    plain = observe([str(CAPTURES / name)], Target(), passphrase=Passphrase(wrong))
    assert "no Wi-Fi frames" in plain.not_decrypted[0]


def test_without_a_handshake_it_cannot_be_tried(tmp_path: Path) -> None:
    path = CAPTURES / "wifi" / "only_5ghz.pcap"
    closed = observe([str(path)], Target(), passphrase=Passphrase(b"any pass phrase"))
    assert closed.not_decrypted


def test_keys_that_no_pass_phrase_gives_are_called_so(tmp_path: Path) -> None:
    name = "dns_nxdomain.pcap"
    path = as_encrypted(CAPTURES / name, station_of(name), tmp_path / "air.pcap")
    content = path.read_bytes()
    other = content.replace(b"\x02\x01\x0a\x00\x10", b"\x02\x01\x08\x00\x10")
    assert other != content
    path.write_bytes(other)
    [sentence] = observe([str(path)], Target(), passphrase=Passphrase(PASSPHRASE)).not_decrypted
    assert "WPA3 or another kind of key" in sentence


def test_recorded_frames_of_a_real_supplicant() -> None:
    path = str(CAPTURES / "wifi" / "healthy_wpa2.pcap")
    opened = observe([path], Target(), passphrase=Passphrase(b"correct horse 42"))
    facts = {o.fact: o for o in opened.observations}
    assert facts["dhcp.lease"].ok and facts["gateway.arp"].ok
    assert facts["dhcp.lease"].number("discovers") == 1


alphabet = st.characters(min_codepoint=0x21, max_codepoint=0x7E)


@settings(max_examples=8, deadline=None)
@given(st.text(alphabet, min_size=12, max_size=63))
def test_no_output_holds_it(secret: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "key").write_text(secret + "\n")
        name = "dns_nxdomain.pcap"
        for used in (secret.encode(), PASSPHRASE):
            path = as_encrypted(
                CAPTURES / name, station_of(name), place / "air.pcap", passphrase=used
            )
            code, output = typed(
                *("pcap", str(path), "--wifi-passphrase-file", str(place / "key")),
                *("--save", str(place / "case.jsonl"), "--verbose", "--redact", "none"),
                *("--report", str(place / "report.json")),
            )
            assert code in (0, 1, 3), output
            written = [output]
            written += [file.read_bytes() for file in place.iterdir() if file.name.count(".json")]
            assert all(secret.encode() not in text for text in written)
    assert secret not in repr(Passphrase(secret.encode()))


@pytest.mark.parametrize("secret", ["2short7", "x" * 65, "", "g" * 64])
def test_what_cannot_be_one_is_refused_and_not_repeated(secret: str, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(secret)
    code, output = typed("pcap", "x.pcap", "--wifi-passphrase-file", str(tmp_path / "key"))
    assert code == 2
    assert b"8 to 63 characters" in b" ".join(output.split())
    assert not secret or secret.encode() not in output


def test_it_goes_to_other_processes_and_prints_as_dots() -> None:
    again = pickle.loads(pickle.dumps(Passphrase(PASSPHRASE)))
    assert again.master_key(b"Lab") == Passphrase(PASSPHRASE).master_key(b"Lab")
    assert PASSPHRASE.decode() not in f"{again} {again!r}"
