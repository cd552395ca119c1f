"""Which notes tell of the device's tries, of the device itself and of the user's reports, by id."""

from __future__ import annotations

import pytest

from netcheck.correlator.notes import (
    connection,
    contradictions,
    led_notes,
    other_boards,
    softap,
    usb,
    user_reports,
)
from netcheck.correlator.notes.wording import Note, note, sentence
from netcheck.model import NAMELESS, Observation
from tests.helpers.notation import case, seen


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev handshake.signature ok", ["signature_matches"]),
        ("dev handshake.signature failed other_key", ["signature_differs"]),
        ("dev handshake.signature unclear", ["signature_differs"]),
        (
            "dev handshake.signature unclear \n dev handshake.signature ok @2",
            ["signature_matches"],
        ),
        ("dev handshake.modulus unclear other_key", ["other_modulus"]),
        ("dev tcp.address ok fallback=true", ["built_in_address"]),
        ("dev tcp.address ok fallback=false", []),
        ("dev tcp.address ok", []),
        ("dev tcp.cloud ok", []),
    ],
)
def test_the_connection(text: str, expected: list[str]) -> None:
    assert [one.id for one in connection.notes(case(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ctl udp.cloud ok \n ctl device.relative ok", ["udp_answered"]),
        ("ctl udp.cloud failed refused \n ctl device.relative ok", ["udp_refused"]),
        ("ctl udp.cloud ok @1 \n dev tcp.cloud failed timeout", ["udp_answered"]),
        ("ctl udp.cloud ok @1 \n dev tcp.cloud ok", []),
        ("ctl udp.cloud unclear \n ctl device.relative ok", []),
        ("ctl device.relative ok", []),
        (
            "ctl udp.cloud ok @1 \n ctl udp.cloud failed refused @2 \n ctl device.relative ok",
            ["udp_refused"],
        ),
    ],
)
def test_other_boards(text: str, expected: list[str]) -> None:
    assert [one.id for one in other_boards.notes(case(text))] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev device.identity ok \n ctl device.perhaps unclear sign=maker_prefix", ["may_be_too"]),
        ("dev device.identity ok \n ctl device.perhaps unclear sign=tries_cloud", []),
        ("ctl device.perhaps unclear sign=maker_prefix", []),
    ],
)
def test_who_may_be_a_photon_too(text: str, expected: list[str]) -> None:
    assert [one.id for one in other_boards.may_be_too(case(text))] == expected


def two(log: str, capture: str, source: str = "device:log") -> list[Observation]:
    return [*case(log, source=source), *case(capture)]


@pytest.mark.parametrize(
    ("log", "capture", "expected"),
    [
        ("dev dhcp.lease ok", "dev dhcp.lease failed no_offer", ["log_ok_capture_failed"]),
        ("dev dhcp.lease failed no_lease", "dev dhcp.lease ok", ["log_failed_capture_ok"]),
        ("dev dhcp.lease ok", "dev dhcp.lease ok", []),
        ("dev dhcp.lease unclear", "dev dhcp.lease ok", []),
        ("dev dhcp.lease ok", "dev tcp.cloud failed timeout", []),
        ("dev gateway.icmp ok", "dev gateway.icmp failed timeout", []),
        (
            "dev dhcp.lease ok @1 \n dev dhcp.lease failed no_lease @2",
            "dev dhcp.lease failed no_offer",
            [],
        ),
        (
            "dev handshake.nonce ok @1 \n dev handshake.key failed timeout @2",
            "dev handshake.key ok @1",
            ["log_failed_capture_ok"],
        ),
        (
            "dev dhcp.lease ok \n dev tcp.cloud ok",
            "dev dhcp.lease failed no_offer \n dev tcp.cloud failed timeout",
            ["log_ok_capture_failed"],
        ),
    ],
)
@pytest.mark.parametrize("source", ["device:log", "device:serial"])
def test_log_and_capture(log: str, capture: str, expected: list[str], source: str) -> None:
    said = list(contradictions.notes(two(log, capture, source)))
    assert [one.id for one in said] == expected
    assert all(
        "differ on address:" in sentence(one) or "handshake:" in sentence(one) for one in said
    )


def test_two_captures_contradict_nothing() -> None:
    seen_twice = case("dev dhcp.lease ok \n dev dhcp.lease failed no_offer @9")
    assert not list(contradictions.notes(seen_twice))


COMPUTER = "probe:test/1"


@pytest.mark.parametrize(
    ("light", "recorded", "source", "expected"),
    [
        ("ok led.connect", "failed tcp.cloud", "", "light_past_device"),
        ("ok led.connect", "failed tcp.cloud", COMPUTER, "light_past_computer"),
        ("ok led.address", "failed tcp.cloud", "", ""),
        ("failed led.join", "ok dhcp.lease", "", "light_short_of_device"),
        ("failed led.join", "ok dhcp.lease", COMPUTER, "light_short_of_computer"),
        ("failed led.address", "ok dhcp.lease", "", "light_short_of_device"),
        ("failed led.connect", "ok dhcp.lease", "", ""),
        ("failed led.join", "failed tcp.cloud", COMPUTER, "light_and_computer_fail"),
        ("failed led.connect", "failed tcp.cloud", COMPUTER, ""),
        ("failed led.join", "failed tcp.cloud", "", ""),
        ("ok led.connect", "ok tcp.cloud", "", ""),
        ("ok led.state", "failed tcp.cloud", "", ""),
        ("ok led.connect", "failed gateway.icmp", "", ""),
    ],
)
def test_light_and_record(light: str, recorded: str, source: str, expected: str) -> None:
    def of(words: str, witness: str) -> Observation:
        outcome, fact = words.split()
        return seen(f"dev {fact} {outcome}", source=witness)

    own = [of(light, "device:led"), of(recorded, source or "capture:a.pcap")]
    assert [one.id for one in led_notes.notes(own)] == ([expected] if expected else [])


def states(*shown: str) -> str:
    return "\n".join("dev led.state ok value={} step={}".format(*one.split()) for one in shown)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev led.last ok value=off unread_words=1", ["light_unread"]),
        ("dev led.last unclear", ["light_unknown"]),
        ("dev led.last ok by_rhythm=true", ["light_by_rhythm"]),
        ("dev led.last ok by_rhythm=false", []),
        (
            states("magenta_blinking 1", "green_slow 2"),
            ["light_after_safe_mode"],
        ),
        (
            states("green_slow 2", "magenta_blinking 1"),
            ["light_after_safe_mode"],
        ),
        (
            states("green_slow 1", "magenta_blinking 2"),
            [],
        ),
        ("dev led.state ok value=magenta_blinking step=1", []),
        (
            states("magenta_blinking 1", "cyan_breathing 2"),
            [],
        ),
        (
            states("magenta_blinking 1", "yellow_blinking 2"),
            [],
        ),
        ("dev led.flash ok value=orange_2 \n dev told.firmware ok version=0.6.0", ["impossible"]),
        ("dev led.flash ok value=red_1 \n dev told.firmware ok version=0.6.0", []),
        ("dev led.flash ok value=orange_2 \n dev told.firmware ok version=1.5.2", []),
        ("dev led.flash failed value=orange_2 \n dev told.firmware ok version=0.6.0", []),
        ("dev led.flash ok value=orange_2", []),
    ],
)
def test_readings_of_the_light(text: str, expected: list[str]) -> None:
    said = [
        one.id.replace("light_impossible_flashes", "impossible")
        for one in led_notes.notes(case(text))
    ]
    assert said == expected


NOT_REACHED = "ctl tcp.cloud failed timeout \n"
TEST = "ctl internet.test failed timeout orange_flashes=2 firmware=1.5.2 \n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NOT_REACHED + TEST, ["light_expected"]),
        (TEST, []),
        (NOT_REACHED, []),
        ("ctl dns.cloud_name failed timeout \n" + TEST, ["light_expected"]),
        (NOT_REACHED + TEST + "dev led.flash ok value=orange_2", ["light_expected"]),
        (
            NOT_REACHED + TEST + "dev led.flash ok value=orange_3",
            ["light_expected", "light_of_other_failure"],
        ),
        (NOT_REACHED + TEST + "dev led.flash ok value=red_1", ["light_expected"]),
        (
            NOT_REACHED
            + TEST
            + "dev led.flash ok value=orange_3 \n dev told.firmware ok version=2.3.1",
            ["light_expected", "light_of_other_failure"],
        ),
    ],
)
def test_the_light_to_expect(text: str, expected: list[str]) -> None:
    assert [one.id for one in led_notes.notes(case(text))] == expected


def over_usb(text: str) -> list[Observation]:
    return case(text, source="device:usb")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev usb.port failed absent", "usb_port_absent"),
        ("dev usb.port failed no_port", "usb_port_no_port"),
        ("dev usb.port ok", None),
        ("dev usb.port failed busy", None),
        ("dev usb.access failed busy", "usb_access_busy"),
        ("dev usb.access failed denied \n dev usb.port ok", "usb_access_denied"),
        ("dev device.mode ok value=dfu", "usb_mode_dfu"),
        ("dev device.mode failed value=silent", "usb_mode_silent"),
        ("dev device.mode ok value=dfu \n dev usb.access failed gone", "usb_access_gone"),
        ("dev device.mode ok value=listening \n dev device.answers failed stopped", "answers"),
        ("dev device.mode ok value=listening \n dev device.answers ok", "usb_mode_listening"),
        ("dev device.mode ok value=dfu @1 \n dev usb.port failed absent @2", "usb_port_absent"),
        ("dev softap.reach ok", "softap_answered"),
        ("dev softap.reach failed silent interface=wlan0", "softap_silent"),
        ("dev softap.reach failed busy", None),
        ("dev tcp.cloud ok", None),
    ],
)
def test_how_the_reading_ended(text: str, expected: str | None) -> None:
    said = usb.how_it_ended(over_usb(text))
    known = "usb_answers_stopped" if expected == "answers" else expected
    assert (said.id if said is not None else None) == known


def test_what_another_source_tells_of_the_device_is_no_reading() -> None:
    assert usb.how_it_ended(case("dev device.mode ok value=dfu")) is None


@pytest.mark.parametrize(
    ("own", "others", "headline", "expected"),
    [
        ("dev device.mode ok value=dfu", "", "no_photon", ["usb_mode_dfu"]),
        ("dev device.mode ok value=dfu", "", "usb_mode_dfu", []),
        ("dev device.mode ok value=listening", "", "no_photon", []),
        (
            "dev device.mode ok value=app said_characters=2 said_lines=1",
            "",
            "usb_mode_app",
            ["program_wrote"],
        ),
        ("dev device.claimed ok", "", "no_photon", ["claim_mark"]),
        ("dev device.claimed failed unclaimed", "", "no_photon", []),
        ("dev device.modules ok", "", "no_photon", ["modules_passed"]),
        ("dev device.modules failed integrity", "", "no_photon", []),
        ("", "dev device.cloud_error failed no_nonce", "no_photon", ["older_memory"]),
        ("", "dev device.cloud_error ok", "no_photon", []),
        ("dev device.cloud_error failed no_nonce", "", "no_photon", []),
        ("", "dev device.relative ok family=Core", "no_photon", ["relative_plugged_in"]),
        ("", "dev device.modules ok", "no_photon", []),
    ],
)
def test_what_the_reading_found(own: str, others: str, headline: str, expected: list[str]) -> None:
    mine = over_usb(own)
    said = usb.notes([*mine, *over_usb(others)], mine, note(headline))
    assert [one.id for one in said] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev wifi.scan ok networks=1 strongest_dbm=-40", "finds 1 network, the strongest"),
        ("dev wifi.scan ok networks=2 strongest_dbm=-40", "finds 2 networks, the strongest"),
        ("dev wifi.scan ok networks=2 strongest_dbm=-40", "with -40 dBm; --tell ssid=NAME"),
        ("dev wifi.network failed similar_name >ssid:Lab similar=lab", 'it finds "lab"'),
        ("dev wifi.network failed not_in_scan >ssid:Lab", 'if "Lab" does'),
    ],
)
def test_the_devices_own_scan(text: str, expected: str) -> None:
    assert any(expected in sentence(one) for one in softap.notes(over_usb(text)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dev wifi.scan failed nothing_heard networks=0", []),
        ("dev wifi.network ok >ssid:Lab", []),
        ("dev wifi.network unclear not_in_scan >ssid:Lab", []),
        ("dev wifi.scan ok networks=2 \n dev wifi.network ok >ssid:Lab", ["scan"]),
        ("dev wifi.scan ok networks=2", ["scan_without_name"]),
    ],
)
def test_which_notes_a_scan_gives(text: str, expected: list[str]) -> None:
    assert [one.id for one in softap.notes(over_usb(text))] == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("", note("softap_route_conflict", on="", other="")),
        ("interface=wlan0", note("softap_route_conflict", on=" (wlan0)", other=" (wlan0)")),
        (
            "interface=wlan0 rivals=eth0",
            note("softap_route_conflict", on=" (wlan0)", other=" (eth0, beside wlan0)"),
        ),
    ],
)
def test_the_interfaces_of_a_route_conflict(data: str, expected: Note) -> None:
    assert softap.how_it_ended(seen(f"dev softap.reach failed route_conflict {data}")) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{NAMELESS} told.hotspot ok value=works \n dev device.identity ok", ["report_not_used"]),
        (f"{NAMELESS} told.hotspot ok value=works", []),
        ("dev told.hotspot ok value=works \n dev device.identity ok", []),
    ],
)
def test_reports_that_are_not_used(text: str, expected: list[str]) -> None:
    assert [one.id for one in user_reports.notes(case(text))] == expected
