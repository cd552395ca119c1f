"""A serial log is understood however it was saved, by the device's own clock, and nothing in it
breaks the reader.
"""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netcheck.correlator import diagnose
from netcheck.device import log
from netcheck.device.log import markers
from netcheck.device.log.clock import LogClock
from netcheck.device.log.lines import LINE_CHARACTERS, LineFormat, decoded, lines, plain, records
from netcheck.device.log.progress import LogProgress
from netcheck.device.log.statements import LogStatement
from netcheck.model import NAMELESS, Observation, Target, Verdict
from netcheck.vocabulary import FACTS, REASONS, VALUES
from tests.doubles import log_player

ID, MAC, OTHER_MAC = "4100cf3ce947353337353037", "e0:4f:43:88:fd:09", "00:11:22:33:44:55"
SAVED_AT = 1_600_000_000.0


def saved(content: bytes | list[str], folder: Path, name: str = "device.log") -> str:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else log_player.written(content))
    os.utime(file, (SAVED_AT, SAVED_AT))
    return str(file)


def told(observations: tuple[Observation, ...] | list[Observation]) -> list[str]:
    """What is said, in words that leave out where and when."""
    return [" ".join(filter(None, (o.fact, o.outcome.value, o.reason))) for o in observations]


def statements(*texts: str) -> list[str]:
    """What lines without times come to."""
    progress = LogProgress(Target())
    found: list[LogStatement] = [one for text in texts for one in progress.feed(text)] + list(
        progress.finish()
    )
    return [" ".join(filter(None, (one.fact, one.outcome.value, one.reason))) for one in found]


# --------------------------------------------------------------------------------- how it was saved

FAILING = log_player.log("1.5.2", "port_dropped")
EXPECTED = [
    "radio.antenna unclear",
    "wifi.join ok",
    "dhcp.lease ok",
    *3 * ["dns.cloud_name ok", "tcp.cloud failed timeout", "internet.test ok"],
]

SAVED = {
    "crlf": log_player.written(FAILING),
    "lf": log_player.written(FAILING, "\n"),
    "cr": log_player.written(FAILING, "\r"),
    "text mode twice": log_player.written(FAILING, "\r\r\n"),
    "utf-8 with mark": "\r\n".join(FAILING).encode("utf-8-sig"),
    "PowerShell": "\r\n".join(FAILING).encode("utf-16"),
    "utf-16 without mark": "\r\n".join(FAILING).encode("utf-16-le"),
    "utf-16 the other way": "\r\n".join(FAILING).encode("utf-16-be"),
    "time of day": log_player.written(
        [f"[12:34:56.{n:03d}] {line}" for n, line in enumerate(FAILING)]
    ),
    "date and arrow": log_player.written(
        [f"2021-03-04 12:34:56,789 -> {line}" for line in FAILING]
    ),
    "prompts": log_player.written([f">> {line}" for line in FAILING]),
    "coloured": log_player.written([f"\x1b[0;32m{line}\x1b[0m\x1b[K" for line in FAILING]),
    "every line twice": log_player.written([line for line in FAILING for _ in (1, 2)]),
    "empty lines": log_player.written([part for line in FAILING for part in (line, "")]),
    "program in the midst": log_player.written([f"t=21.5 {line}" for line in FAILING]),
    "program between": log_player.written(
        [part for line in FAILING for part in (line, "Cloud connected? no!", "loop 17")]
    ),
    "ends of lines lost": "".join(FAILING).encode(),
    "zero bytes": log_player.written(FAILING).replace(b"\r\n", b"\0\r\n"),
    "noise at start": b"\xff\xfe\xfd\x80garb\xc3"[2:] + b"\r\n" + log_player.written(FAILING),
}


@pytest.mark.parametrize("way", SAVED)
def test_it_says_the_same_however_it_was_saved(way: str, tmp_path: Path) -> None:
    reading = log.observe(saved(SAVED[way], tmp_path), Target())
    assert told(reading.observations) == EXPECTED
    assert reading.problems == ()


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
@pytest.mark.parametrize("way", ["crlf", "cr", "text mode twice", "PowerShell"])
def test_where_the_pieces_of_a_file_end_does_not_matter(way: str, size: int) -> None:
    content = SAVED[way]
    pieces = [content[:64], *(content[at : at + size] for at in range(64, len(content), size))]
    assert list(lines(decoded(pieces))) == list(lines(decoded([content])))


def test_lines_are_numbered_as_an_editor_does(tmp_path: Path) -> None:
    reading = log.observe(saved(SAVED["crlf"], tmp_path), Target())
    failed = next(o for o in reading.observations if o.failed)
    first, last = failed.ref.removeprefix("device.log:").split("-")
    assert "Resolved" in FAILING[int(first) - 1]  # at level INFO nothing says when it was dialled
    assert (
        "connection failed" in FAILING[int(last) - 1]
        or "Failed to connect" in FAILING[int(last) - 1]
    )


@pytest.mark.parametrize(
    ("line", "line_format", "ms", "text", "by_program"),
    [
        (
            "0000011508:INFO : void handle_cloud_connection(bool) (282):Cloud connected",
            LineFormat.OLD,
            11508,
            "Cloud connected",
            False,
        ),
        ("0000000012:ERROR: int f() main.cpp(12):x", LineFormat.OLD, 12, "x", False),
        (
            "0000010507 [system] INFO: Cloud connected",
            LineFormat.NEW,
            10507,
            "Cloud connected",
            False,
        ),
        ("[app] INFO: ssid=a", LineFormat.NEW, None, "ssid=a", True),
        ("0000010507 [app.net] INFO: x", LineFormat.NEW, 10507, "x", True),
        ("0000010507 [application] INFO: x", LineFormat.NEW, 10507, "x", False),
        (
            (
                "0000010507 [comm.protocol] a/b.cpp:12, int A::b(): ERROR: x: y [code = -2, details"
                " = z]"
            ),
            LineFormat.NEW,
            10507,
            "x: y",
            False,
        ),
        (
            '{"l":"info","m":"a \\"b\\"","c":"system","f":"x.cpp","ln":2,"fn":"f()","t":77}',
            LineFormat.JSON,
            77,
            'a "b"',
            False,
        ),
        ('12:34:56 {"l":"info","m":"a","c":"app","t":77}', LineFormat.JSON, 77, "a", True),
        ('{"temperature": 21}', LineFormat.PLAIN, None, '{"temperature": 21}', True),
        ("[12:34:56.789] ping gateway=1", LineFormat.PLAIN, None, "ping gateway=1", True),
        ("1:02:03 PM> ping gateway=1", LineFormat.PLAIN, None, "ping gateway=1", True),
    ],
)
def test_styles_of_lines(
    line: str, line_format: LineFormat, ms: int | None, text: str, by_program: bool
) -> None:
    (record,) = records(plain(line))
    assert record == (line_format, ms, text, by_program)


# --------------------------------------------------------------------------------------------- time


def test_order_and_spacing_are_the_device_s_and_the_end_is_the_file_s(tmp_path: Path) -> None:
    reading = log.observe(saved(FAILING, tmp_path), Target())
    last_ms, tries = (
        int(FAILING[-1][:10]),
        [o for o in reading.observations if o.fact == "tcp.cloud"],
    )
    resolved = [int(line[:10]) for line in FAILING if "Resolved" in line]
    assert [o.at for o in tries] == [round(SAVED_AT - (last_ms - ms) / 1000, 3) for ms in resolved]
    assert all(5.0 <= (o.took_s or 0) < 5.1 for o in tries)


def test_a_restart_is_seen_and_time_goes_on(tmp_path: Path) -> None:
    reading = log.observe(saved(log_player.log("1.5.2", "healthy_reboot"), tmp_path), Target())
    assert "device.restart unclear" in told(reading.observations)
    began = [o.at for o in reading.observations if o.fact in ("wifi.join", "session.open")]
    assert began == sorted(began) and len(began) == 4
    assert [o.value("restarted") for o in reading.observations if o.fact == "session.end"] == [True]


def test_restarts_before_it_is_online_point_to_program_or_supply(tmp_path: Path) -> None:
    start = log_player.log("1.5.2", "healthy")[:4]
    (one,) = diagnose(log.observe(saved(start * 5, tmp_path), Target()).observations, Target())
    named = {finding.cause for finding in one.findings if finding.level.value == "possible"}
    assert {"app_crashes", "power_insufficient"} <= named


def test_the_clock() -> None:
    clock = LogClock()
    assert [clock.tick(ms) for ms in (1000, 3000, 2500, 3100, 500, 600)] == [
        False,
        False,
        False,
        False,
        True,
        False,
    ]
    assert clock.now_s == pytest.approx(2.1 + 0.6)
    assert not clock.tick(4_000_000_000)  # a damaged figure
    assert clock.now_s == pytest.approx(2.7)


def test_the_clock_wraps_after_49_days() -> None:
    clock = LogClock()
    clock.tick(2**32 - 1000)
    assert not clock.tick(500)
    assert clock.now_s == pytest.approx(1.5)


def test_without_times_nothing_is_said_of_silence() -> None:
    without = [line[11:] for line in log_player.log("1.5.2", "proxy_silent")]
    assert [one for one in statements(*without) if one.startswith("handshake")] == [
        "handshake.nonce failed not_received"
    ] * 3


# ------------------------------------------------------------------------------------- what is said


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (1062, "wifi.join failed wrong_password"),
        (1007, "wifi.join failed wrong_password"),
        (1006, "wifi.join failed not_let_in"),
        (1024, "wifi.network failed not_on_air"),
        (1066, "wifi.network failed not_on_air"),
        (1003, "wifi.join failed weak"),
        (1043, "wifi.join failed key_form"),
        (1044, "wifi.join failed other_security"),
        (1022, "wifi.join failed radio_fault"),
        (9999, "wifi.join failed not_joined"),
    ],
)
def test_results_of_the_wifi_chip(code: int, expected: str) -> None:
    joining = (
        "[system] INFO: ARM_WLAN_WD 1",
        "[hal.wlan] INFO: Joining x",
        f"[hal.wlan] ERROR: wiced_join_ap_specific(), result: {code}",
    )
    assert statements(*joining, "[system] INFO: DHCP fail, ARM_WLAN_WD 4") == [expected]


def test_of_several_results_the_one_that_says_most_counts() -> None:
    results = [
        f"[hal.wlan] ERROR: wiced_join_ap_specific(), result: {code}"
        for code in (1025, 1055, 1062, 1025)
    ]
    assert statements(
        "[system] INFO: ARM_WLAN_WD 1", *results, "[system] INFO: DHCP fail, ARM_WLAN_WD 4"
    ) == ["wifi.join failed wrong_password"]


def test_a_try_that_came_through_after_others_failed_is_no_failure() -> None:
    failed = "[hal.wlan] ERROR: wiced_join_ap_specific(), result: 1024"
    assert statements("[system] INFO: ARM_WLAN_WD 1", failed, "[system] INFO: ARM_WLAN_WD 2") == [
        "wifi.join ok"
    ]


OPENED = ("[system] INFO: Cloud: connecting", "[system] ERROR: Connected to 192.52.193.10:5683")


@pytest.mark.parametrize(
    ("lines_", "expected"),
    [
        (
            [
                "[comm.protocol.handshake] ERROR: Handshake failed: 25",
                "[system] WARN: Cloud handshake failed, code=-220",
            ],
            ["nonce failed not_received"],
        ),
        (
            ["[comm.protocol.handshake] ERROR: Handshake failed: 26"],
            ["nonce ok", "request ok", "key failed not_received"],
        ),
        (
            ["[system] WARN: Cloud handshake failed, code=-220"],
            ["nonce unclear", "key unclear", "no_nonce_or_key"],
        ),
        (
            ["[system] WARN: Cloud handshake failed, code=-240"],
            ["nonce unclear", "key unclear", "not_decrypted_or_encrypted"],
        ),
        (
            ["[system] WARN: Cloud handshake failed, code=-130"],
            ["nonce ok", "request ok", "key ok", "hello failed other_key"],
        ),
        (
            ["[system] WARN: Cloud handshake failed, code=8"],
            ["nonce ok", "request ok", "key ok", "hello failed other_key"],
        ),
        (
            ["[system] WARN: Cloud handshake failed, code=6"],
            ["nonce ok", "request ok", "key ok", "hello failed device_closed"],
        ),
        (
            ["0000001234:WARN : void f() (1):Cloud handshake failed, code=1"],
            ["nonce ok", "request ok", "key ok", "hello failed device_closed"],
        ),
        (
            ["0000001234:WARN : void f() (1):Cloud handshake failed, code=2"],
            ["nonce ok", "request ok", "key ok", "hello failed other_key"],
        ),
        (["[system] WARN: Cloud handshake failed, code=1"], ["nonce unclear", "key unclear"]),
        (["[comm.lightssl.handshake] ERROR: Could not receive nonce: -18"], ["nonce failed reset"]),
    ],
)
def test_numbers_of_the_handshake_by_version(lines_: list[str], expected: list[str]) -> None:
    assert statements(*OPENED, *lines_) == [
        "tcp.cloud ok",
        *(
            f"handshake.{one}" if " " in one else f"device.cloud_error failed {one}"
            for one in expected
        ),
    ]


def test_a_success_at_level_error_is_one_and_the_session_data_error_none() -> None:
    harmless = "[system] ERROR: Failed to load session data from persistent storage"
    assert statements(OPENED[0], harmless, OPENED[1]) == ["tcp.cloud ok"]


@pytest.mark.parametrize("code", ["-2", "-18", "-19", "-14", "77", ""])
def test_why_a_connection_did_not_open(code: str) -> None:
    wanted = {"-2": "timeout", "-18": "refused", "-19": "reset", "-14": "no_route"}.get(
        code, "unopened"
    )
    assert statements(
        OPENED[0], f"[system] ERROR: Failed to connect to 192.52.193.10:5683 ({code})"
    ) == [f"tcp.cloud failed {wanted}"]


def test_a_private_address_is_the_device_s_own_setting_only_where_look_ups_would_show() -> None:
    failed = "[system] ERROR: Failed to connect to 192.168.178.1:5683 (-18)"
    assert statements(failed) == ["tcp.false_address failed refused"]
    assert statements(OPENED[0], failed) == ["tcp.cloud failed refused"]
    assert statements(
        "[system] TRACE: Read Server Address = type:0,domain:,ip: 192.168.178.1, port: 5683", failed
    ) == ["tcp.cloud failed refused"]


def test_the_fallback_address_is_told() -> None:
    dialled = "0000030000:DEBUG: int f() (874):connection attempt to 54.208.229.4:5683"
    failed = "0000035000:ERROR: int f() (895):connection failed to 54.208.229.4:5683, code=-2"
    unresolved = "0000029000:ERROR: int f() (805):Cloud: unable to resolve IP for device.spark.io"
    assert statements(
        "0000014000:INFO : void f() (214):Cloud: connecting", unresolved, dialled, failed
    ) == [
        "dns.cloud_name failed no_name",
        "tcp.address unclear",
        "tcp.cloud failed timeout",
    ]


def test_keys_made_anew_antenna_and_safe_mode() -> None:
    assert statements(
        "[system] INFO: Send event spark/device/key/error=65",
        "[hal.wlan] INFO: Using external antenna",
    ) == [
        "device.keys failed",
        "device.keys failed",
        "radio.antenna unclear",
    ]
    assert statements("[system] INFO: Send spark/device/safemode event") == [
        "device.safe_mode unclear"
    ]


def test_a_program_that_speaks_like_the_system_is_not_believed() -> None:
    assert (
        statements(
            "Cloud connected",
            "[app] INFO: Cloud connected",
            "Cloud: connecting",
            "[app] ERROR: Cloud handshake failed, code=6",
        )
        == []
    )


def test_the_test_program_of_old_tells_what_the_device_hears_and_reaches(tmp_path: Path) -> None:
    printed = [
        *log_player.clouddebug(log_player.Player("1.5.2")),
        *log_player.log("1.5.2", "healthy"),
    ]
    reading = log.observe(saved(printed, tmp_path), Target())
    assert told(reading.observations)[0] == "wifi.network ok"
    (one,) = diagnose(reading.observations, Target())
    assert one.verdict is Verdict.HEALTHY


def test_a_network_that_the_device_does_not_hear(tmp_path: Path) -> None:
    printed = [
        "configured credentials:",
        "ssid=Lab security=wpa2 cipher=1",
        "available access points:",
    ]
    heard = "SSID=Other security=wpa2 channel=1 rssi=-66"
    assert statements(*printed, heard, "connecting to WiFi") == ["wifi.network failed not_on_air"]
    assert statements(*printed, "connecting to WiFi") == ["wifi.network failed nothing_heard"]


def test_pings_and_look_ups_of_the_test_program() -> None:
    assert statements(
        "gatewayIP=192.168.2.1",
        "ping gateway=0",
        "ping gateway=1",
        "ping addr 8.8.8.8=0",
        "ping addr 8.8.8.8=1",
        "failed to get device.spark.io from DNS, try 1",
        "device.spark.io=0.0.0.0",
        "device.spark.io=192.168.1.1",
        "could not connect to device server by CoAP",
        "device.spark.io=52.91.48.237",
        "could not connect to device server by CoAP",
        "connected to device server CoAP (testing connection only)",
    ) == [
        "gateway.icmp failed timeout",
        "gateway.arp ok",
        "gateway.icmp ok",
        "internet.reach unclear timeout",
        "internet.reach ok",
        "dns.cloud_name failed no_name",
        "dns.cloud_name failed bogon",
        "tcp.false_address failed unopened",
        "dns.cloud_name ok",
        "tcp.cloud failed unopened",
        "tcp.cloud ok",
    ]


# -------------------------------------------------------------------------------------------- whose


def test_a_log_without_a_name_is_of_the_device_that_its_user_means(tmp_path: Path) -> None:
    file = saved(FAILING, tmp_path)
    assert {o.subject for o in log.observe(file, Target()).observations} == {NAMELESS}
    assert {o.subject for o in log.observe(file, Target(device=MAC)).observations} == {MAC}


def test_a_log_that_names_the_device_says_whose_it_is(tmp_path: Path) -> None:
    printed = ["System version: 1.5.2", f"Device ID: {ID}", f"MAC address: {MAC.upper()}", *FAILING]
    (one,) = diagnose(log.observe(saved(printed, tmp_path), Target()).observations, Target())
    assert (one.device.mac, one.device.id, one.device.firmware) == (MAC, ID, "1.5.2")


def test_the_console_prints_the_mac_on_a_line_of_its_own() -> None:
    progress = LogProgress(Target())
    assert [
        one
        for text in (
            "Your device MAC address is",
            MAC,
            "Your device MAC address is",
            "00:00:00:00:00:00",
        )
        for one in progress.feed(text)
    ] == []
    assert progress.names.mac == MAC


def test_the_device_asked_for_by_id_is_joined_to_the_mac_that_the_log_shows(tmp_path: Path) -> None:
    reading = log.observe(saved([f"MAC address: {MAC}", *FAILING], tmp_path), Target(device=ID))
    (one,) = diagnose(reading.observations, Target(device=ID))
    assert (one.device.mac, one.device.id) == (MAC, ID)


def test_the_log_of_another_board_is_refused_by_its_kind(tmp_path: Path) -> None:
    modem = [
        "[ Modem::register ] = = = = = = = =",
        "0000021975 [system] INFO: ARM_WLAN_WD 1",
        "0000021974 [system] INFO: Sim Ready",
    ]
    reading = log.observe(saved(modem, tmp_path), Target())
    assert told(reading.observations) == ["device.relative ok"]
    assert "Electron" in reading.problems[0]


@pytest.mark.parametrize(
    "content", [b"", b"hello\r\nworld\r\n", b"\x89PNG\r\n\x1a\n\0\0\0", b"\xff" * 5000]
)
def test_a_file_that_is_no_log_is_named(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(
        log.LogError, match=r"^device.log: holds no line that a Photon's system logs; "
    ):
        log.observe(saved(content, tmp_path), Target())


@pytest.mark.parametrize("name", ["missing.log", "a\0b"])
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(log.LogError, match="cannot be read"):
        log.observe(str(tmp_path / name), Target())


# ---------------------------------------------------------------------------------------- live port


def live(version: str, fault: str, begin: float) -> Iterator[tuple[float, str]]:
    for line in log_player.log(version, fault):
        yield begin + int(line[:10]) / 1000, line


def test_a_live_port_says_it_at_once_and_with_the_computer_s_time() -> None:
    heard: list[str] = []

    def spoken() -> Iterator[tuple[float, str]]:
        for at, line in live("1.5.2", "healthy", SAVED_AT):
            heard.append(line)
            yield at, line

    story = log.follow(spoken(), Target())
    first = next(one for one in story if one.fact == "wifi.join")
    assert (first.source, "ARM_WLAN_WD 2" in heard[-1]) == ("device:serial", True)
    rest = list(story)
    assert told(rest)[-1] == "session.open ok"
    assert rest[-1].at == pytest.approx(SAVED_AT + int(heard[-1][:10]) / 1000)


def test_a_live_port_and_a_file_say_the_same(tmp_path: Path) -> None:
    for fault in log_player.FAULTS:
        reading = log.observe(saved(log_player.log("2.3.1", fault), tmp_path), Target())
        assert told(list(log.follow(live("2.3.1", fault, SAVED_AT), Target()))) == told(
            reading.observations
        ), fault


# ------------------------------------------------------------------------------------------ hostile


@settings(max_examples=200)
@given(st.binary(max_size=3000))
def test_random_bytes_break_nothing(content: bytes) -> None:
    progress = LogProgress(Target())
    for line in lines(decoded([content])):
        list(progress.feed(line))


LITERALS = [marker.literal for marker in (*markers.OF_SYSTEM, *markers.OF_PROGRAMS)]
fragments = st.sampled_from(
    [
        *LITERALS,
        "0000012345 [system] INFO: ",
        "0000000001:INFO : f() (1):",
        "192.168.1.1:5683",
        "-18",
        " ",
        "\n",
        "\x1b[",
        "{",
        '"m":"',
    ]
)


@settings(max_examples=300)
@given(st.lists(fragments | st.text(max_size=5), max_size=40))
def test_broken_messages_break_nothing(pieces: list[str]) -> None:
    progress = LogProgress(Target())
    for line in lines(["".join(pieces)]):
        for one in progress.feed(line):
            assert one.fact in FACTS and one.reason in REASONS
            assert dict(one.data).get("value") in (None, *VALUES.get(one.fact, ()))


@settings(max_examples=100)
@given(st.sampled_from(sorted(log_player.FAULTS)), st.sets(st.integers(0, 200), max_size=12))
def test_missing_lines_invent_no_success(fault: str, missing: set[int]) -> None:
    whole = log_player.log("1.5.2", fault)
    less = statements(*(line for number, line in enumerate(whole) if number not in missing))
    if fault not in ("healthy", "healthy_reboot", "healthy_static") and "session" not in " ".join(
        statements(*whole)
    ):
        assert not [one for one in less if one.startswith("session.open ok")]


@pytest.mark.parametrize(
    "line",
    [
        "x" * 10_000_000,
        "0000012345 [system] INFO: " + "Joining " * 100_000,
        "0000000001:INFO : " + "(1)" * 100_000,
    ],
)
def test_a_long_line_is_cut(line: str) -> None:
    (kept,) = lines(line[at : at + 65536] for at in range(0, len(line), 65536))
    assert len(kept) == LINE_CHARACTERS
    statements(kept)


def test_a_long_log_is_read_in_bounded_memory(tmp_path: Path) -> None:
    file = tmp_path / "device.log"
    chunk = log_player.written([*log_player.log("1.5.2", "port_dropped"), *["output 21.5"] * 20])
    with file.open("wb") as out:
        for _ in range(500):
            out.write(chunk)
    tracemalloc.start()
    reading = log.observe(str(file), Target())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(reading.observations) == log.MOST_OBSERVATIONS
    assert "oldest" in reading.problems[0]
    assert peak < 12_000_000


# ---------------------------------------------------------------------------------------- the table


def test_every_message_is_handled_and_every_handler_has_a_message() -> None:
    events = {marker.event for marker in (*markers.OF_SYSTEM, *markers.OF_PROGRAMS)}
    assert set(LogProgress(Target())._handlers) == events


@pytest.mark.parametrize(
    "marker", markers.OF_SYSTEM, ids=lambda marker: f"{marker.event}-{marker.since}"
)
def test_versions_of_messages_are_in_order(marker: markers.Marker) -> None:
    assert log_player.number(marker.since) <= log_player.number(marker.until)
