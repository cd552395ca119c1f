"""Logs of a healthy start and of each failing rung, in every style of line, are told as the
matching capture is.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from netcheck.capture import observe
from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.device import log
from netcheck.model import STANDING, Diagnosis, Target, Verdict
from tests.doubles import log_player
from tests.helpers.log_faults import HEALTHY, MATCHING, NEEDS_0_6, NEEDS_0_7, SHOWN, accepted
from tests.helpers.notation import case
from tests.helpers.places import TESTS

pytestmark = pytest.mark.slow


SURE = STANDING[:2]


def diagnosed(lines: list[str], folder: Path) -> Diagnosis:
    file = folder / "device.log"
    file.write_bytes(log_player.written(lines))
    reading = log.observe(str(file), Target())
    assert reading.problems == ()
    (one,) = diagnose(reading.observations, Target())
    return one


def standing(one: Diagnosis) -> list[str]:
    return [
        finding.cause
        for finding in one.findings
        if finding.level in STANDING and finding.stops_connection
    ]


@pytest.mark.parametrize("shown", SHOWN, ids="-".join)
@pytest.mark.parametrize("fault", HEALTHY)
def test_a_healthy_log_is_healthy(
    fault: str, shown: tuple[str, str, log_player.Style], tmp_path: Path
) -> None:
    one = diagnosed(log_player.log(shown[0], fault, *shown[1:]), tmp_path)
    assert (one.verdict, standing(one)) == (Verdict.HEALTHY, [])


@pytest.mark.parametrize("shown", SHOWN, ids="-".join)
@pytest.mark.parametrize("fault", MATCHING)
def test_a_log_names_what_the_matching_capture_does(
    fault: str, shown: tuple[str, str, log_player.Style], tmp_path: Path
) -> None:
    version, *_ = shown
    one = diagnosed(log_player.log(version, fault, *shown[1:]), tmp_path)
    named = standing(one)
    assert named, one.headline
    is_vague = (version == "0.5.3" and fault in NEEDS_0_6) or (
        version == "0.6.0" and fault in NEEDS_0_7
    )
    if is_vague:
        assert one.verdict is Verdict.SUSPECTED
    else:
        alike = set(named) & set().union(
            named[:1], *(group.members for group in load().groups_of(named[0]))
        )
        assert [capture for capture in MATCHING[fault] if not alike & accepted(capture)] == [], (
            named
        )


ERRORS_TELL = (
    "port_dropped",
    "port_refused",
    "proxy_silent",
    "closed_after_request",
    "device_key",
    "other_signature",
    "server_key_damaged",
)


@pytest.mark.parametrize("version", ["1.5.2", "2.3.1", "3.3.1"])
@pytest.mark.parametrize("fault", ERRORS_TELL)
def test_errors_alone_tell_most_faults(fault: str, version: str, tmp_path: Path) -> None:
    named = standing(diagnosed(log_player.log(version, fault, "ERROR"), tmp_path))
    assert any(named[0] in accepted(capture) for capture in MATCHING[fault])


@pytest.mark.parametrize("version", log_player.VERSIONS)
def test_errors_alone_blame_nobody_for_a_false_name(version: str, tmp_path: Path) -> None:
    assert standing(diagnosed(log_player.log(version, "name_false", "ERROR"), tmp_path)) == []


# --------------------------------------------------------------------------- beside other witnesses


def together(version: str, fault: str, capture: str, folder: Path) -> Diagnosis:
    """The device's log and the capture, judged as one."""
    file = folder / "device.log"
    file.write_bytes(log_player.written(log_player.log(version, fault)))
    seen = [
        *observe([str(TESTS / capture)], Target()).observations,
        *log.observe(str(file), Target()).observations,
    ]
    (one,) = diagnose(seen, Target())
    return one


AGREEING = [
    ("1.5.2", "port_dropped", "captures/tcp_drop.pcap"),
    ("1.5.2", "device_key", "recorded/device_key_stale.pcap"),
    ("1.5.2", "closed_after_request", "captures/srvkey_wrong.pcapng"),
    ("2.3.1", "name_unanswered", "recorded/dns_nxdomain_new.pcap"),
    ("1.5.2", "proxy_silent", "captures/proxy_silent.pcap"),
    ("0.6.0", "no_lease", "recorded/no_dhcp_server_old.pcap"),
    ("1.5.2", "not_found", "captures/wifi/only_5ghz.pcap"),
    ("1.5.2", "app_blocks", "recorded/app_blocks.pcap"),
]


@pytest.mark.parametrize(("version", "fault", "capture"), AGREEING)
def test_log_and_capture_agree(version: str, fault: str, capture: str, tmp_path: Path) -> None:
    one = together(version, fault, capture, tmp_path)
    assert one.verdict is Verdict.FAULT
    assert standing(one)[0] in accepted(Path(capture).name.split(".")[0])
    assert not [note for note in one.notes if "differ" in note]


@pytest.mark.parametrize(
    ("version", "fault", "capture", "rung"),
    [
        ("1.5.2", "healthy", "captures/tcp_drop.pcap", "tcp"),
        ("1.5.2", "port_dropped", "captures/healthy_boot.pcap", "tcp"),
        ("1.5.2", "no_lease", "captures/healthy_boot.pcap", "address"),
        ("2.3.1", "name_unanswered", "captures/srvkey_wrong.pcapng", "dns"),
    ],
)
def test_a_contradiction_is_named(
    version: str, fault: str, capture: str, rung: str, tmp_path: Path
) -> None:
    notes = together(version, fault, capture, tmp_path).notes
    assert [
        note
        for note in notes
        if note.startswith(
            f"The device's log and the capture differ on {rung}: by the log (device.log:"
        )
    ]


def test_a_log_and_a_laptop_that_reaches_the_cloud_tell_device_from_network(tmp_path: Path) -> None:
    file = tmp_path / "device.log"
    file.write_bytes(log_player.written(log_player.log("1.5.2", "port_dropped")))
    laptop = case(
        "ctl tcp.cloud ok @4 \n ctl handshake.nonce ok @5 \n ctl internet.reach ok @5",
        source="probe:cloud_port/1",
    )
    (alone,) = diagnose(log.observe(str(file), Target()).observations, Target())
    (one,) = diagnose([*log.observe(str(file), Target()).observations, *laptop], Target())
    assert standing(alone)[0] == "cloud_port_blocked"
    against = [
        e.clue.says for f in one.findings if f.cause == "cloud_port_blocked" for e in f.oppose
    ]
    assert any("another client" in says for says in against), against
