"""Who must not be seen is not seen, and what must still be joined can be."""

from __future__ import annotations

import re
import stat
from ipaddress import IPv4Address
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.capture import observe
from netcheck.model import Device, Observation, Target, ordered
from netcheck.report import json
from netcheck.report.answer import Answer, redacted
from netcheck.text import pseudonyms, redact
from netcheck.text.redact import Redaction, RedactionError
from tests.helpers.answers import DEVICE_ID, OBSERVATIONS, answer, diagnosis
from tests.helpers.notation import CTL, DEV, seen
from tests.helpers.places import CAPTURES

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
MAKE = pseudonyms.keyed(KEY)
ADDRESS = re.compile(r"\b(?:(?:[0-9a-f]{2}:){5}[0-9a-f]{2}|(?:[0-9]+\.){3}[0-9]+|[0-9a-f]{24})\b")


def written(level: Redaction, whole: Answer | None = None, key: bytes = KEY) -> str:
    return json.render(redacted(whole or answer(), level, key), 0.0).decode()


def test_none_hides_nothing() -> None:
    assert redacted(answer(), Redaction.NONE, KEY) == answer()


def test_it_keeps_what_a_network_engineer_needs() -> None:
    text = written(Redaction.IT)
    for needed in (
        DEV,
        "192.168.1.7",
        "192.168.1.1",
        "192.0.2.10",
        "device.spark.io",
        "test.pcap#4",
    ):
        assert needed in text


def test_it_hides_other_hosts_and_all_but_the_end_of_the_device_id() -> None:
    text = written(Redaction.IT)
    for hidden in (CTL, "annas-phone", "192.168.1.66", "198.51.100.9", DEVICE_ID):
        assert hidden not in text
    shown = json.load(text.encode()).diagnoses[0].device.id
    assert shown is not None
    assert len(shown) == 24
    assert shown.endswith(DEVICE_ID[-4:])


def test_public_hides_all() -> None:
    text = written(Redaction.PUBLIC)
    for hidden in (
        DEV,
        CTL,
        "annas-phone",
        "192.168.1",
        "192.0.2.10",
        "198.51.100.9",
        DEVICE_ID,
        "test.pcap",
    ):
        assert hidden not in text
    assert DEVICE_ID[-4:] not in (json.load(text.encode()).diagnoses[0].device.id or "")
    assert "device.spark.io" in text


def test_the_same_key_joins_across_files_and_another_does_not() -> None:
    assert written(Redaction.PUBLIC) == written(Redaction.PUBLIC)
    assert written(Redaction.PUBLIC) != written(Redaction.PUBLIC, key=OTHER_KEY)


def test_closed_words_and_counts_stay() -> None:
    after = redacted(answer(), Redaction.PUBLIC, KEY)
    assert [(o.stage, o.fact, o.outcome, o.reason, o.at) for o in after.observations] == [
        (o.stage, o.fact, o.outcome, o.reason, o.at) for o in OBSERVATIONS
    ]
    assert [finding.cause for finding in after.diagnoses[0].findings] == [
        finding.cause for finding in diagnosis().findings
    ]
    assert after.redaction is Redaction.PUBLIC


def test_one_device_stays_one_device_in_observations_and_sentences() -> None:
    after = redacted(answer(), Redaction.PUBLIC, KEY)
    name = after.diagnoses[0].device.mac
    assert {o.subject for o in after.observations if o.fact == "tcp.cloud"} == {
        name,
        pseudonyms.of_mac(CTL, MAKE),
    }
    assert after.diagnoses[0].notes[0].startswith(f"{name} asked 10.")


def test_every_network_name_is_hidden_wherever_it_stands() -> None:
    scan = seen("net wifi.join ok >ssid:Lab")
    scan = msgspec.structs.replace(
        scan,
        target="ssid:Casa Rossi 5",
        data=(("ssid", "Casa Rossi 5"), ("rssi_dbm", -60)),
        site="Attic",
    )
    whole = answer(
        diagnosis(
            headline='The network "casa rossi 5" in the Attic is weak.', device=Device(site="Attic")
        ),
        observations=(scan,),
    )
    text = written(Redaction.PUBLIC, whole)
    assert "rossi" not in text.lower()
    assert "attic" not in text.lower()
    assert "-60" in text


def test_a_network_called_like_a_word_of_ours_breaks_nothing() -> None:
    scan = msgspec.structs.replace(seen("dev wifi.join failed timeout"), target="ssid:failed")
    after = redacted(answer(observations=(scan,)), Redaction.PUBLIC, KEY)
    assert after.observations[0].outcome == "failed"
    assert json.load(json.render(after, 0.0)).observations == after.observations


@pytest.mark.parametrize(
    "spelling",
    [
        "00:11:22:33:44:55",
        "00-11-22-33-44-55",
        "0011.2233.4455",
        "001122334455",
        "00:11:22:33:44:55".upper(),
    ],
)
def test_every_spelling_of_a_mac_becomes_the_same(spelling: str) -> None:
    hide = redact.hiding((), (), Redaction.PUBLIC, KEY)
    assert hide(f"from {spelling}, twice") == f"from {pseudonyms.of_mac(CTL, MAKE)}, twice"


@pytest.mark.parametrize(
    "text",
    [
        "0.7.0",
        "12:30:45",
        "v2.3.1-rc.1",
        "999.1.2.3",
        "ff:ff:ff:ff:ff:ff",
        "255.255.255.0",
        "0.0.0.0",
        "a::b::c",
    ],
)
def test_what_is_nobodys_address_stays(text: str) -> None:
    assert redact.hiding((), (), Redaction.PUBLIC, KEY)(text) == text


def test_ipv6_becomes_a_documentation_address() -> None:
    assert redact.hiding((), (), Redaction.PUBLIC, KEY)("at fe80::1%eth0").startswith(
        "at 2001:db8:"
    )


@given(st.integers(0x0A000000, 0x0AFFFFFF), st.integers(0, 255))
def test_neighbours_stay_neighbours_and_nobody_becomes_another(base: int, other: int) -> None:
    one, two = IPv4Address(base), IPv4Address(base & 0xFFFFFF00 | other)
    first, second = pseudonyms.of_ipv4(one, MAKE), pseudonyms.of_ipv4(two, MAKE)
    assert (first == second) == (one == two)
    assert first.rpartition(".")[0] == second.rpartition(".")[0]
    assert IPv4Address(first).is_private


def test_a_public_address_stays_one_that_a_server_can_have() -> None:
    assert IPv4Address(pseudonyms.of_ipv4(IPv4Address("52.1.2.3"), MAKE)).packed[:1] == b"\xc6"


def test_a_mac_keeps_its_maker_but_is_nobodys() -> None:
    first, second, third, *_ = bytes.fromhex(pseudonyms.of_mac(DEV, MAKE).replace(":", ""))
    assert (first & ~2, second, third) == (0xE0, 0x4F, 0x43)
    assert first & 2


def test_a_random_mac_keeps_nothing() -> None:
    assert not pseudonyms.of_mac("da:a1:19:00:00:01", MAKE).startswith("da:a1:19")


def test_redacted_observations_are_still_a_set_in_order() -> None:
    after: tuple[Observation, ...] = redacted(answer(), Redaction.PUBLIC, KEY).observations
    assert len(ordered(after)) == len(OBSERVATIONS)


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    key = redact.load_key(str(path))
    assert len(key) == redact.KEY_BYTES
    assert redact.load_key(str(path)) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_file_the_key_lives_in_the_users_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redact, "default_key_file", lambda: tmp_path / "netcheck" / "redaction.key")
    assert redact.load_key() == redact.load_key()
    assert (tmp_path / "netcheck" / "redaction.key").exists()


def test_a_useless_key_is_refused_in_a_sentence(tmp_path: Path) -> None:
    short = tmp_path / "key"
    short.write_bytes(b"short")
    with pytest.raises(RedactionError, match="too short"):
        redact.load_key(str(short))
    with pytest.raises(RedactionError, match="--redact-key"):
        redact.load_key(str(tmp_path))


@pytest.mark.parametrize("file", sorted(CAPTURES.glob("*.pcap*")), ids=lambda path: path.name)
def test_no_address_of_a_real_capture_survives_level_public(file: Path) -> None:
    seen_there = observe([str(file)], Target()).observations
    addresses = set(ADDRESS.findall(repr(seen_there))) - redact.KNOWN - {"255.255.255.0"}
    text = repr(
        redacted(
            answer(diagnosis(device=Device(), notes=()), observations=seen_there),
            Redaction.PUBLIC,
            KEY,
        )
    )
    assert addresses
    assert not [address for address in addresses if address in text]
    assert file.name not in text
