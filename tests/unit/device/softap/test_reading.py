"""A device asked over its own access point: framing, names that break JSON, the way there, and what
its scan means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from netcheck.correlator import diagnose
from netcheck.device import softap
from netcheck.device.softap import answers as softap_scan
from netcheck.device.softap import framing
from netcheck.device.softap.dialogue import (
    HTTP,
    MOST_QUESTIONS,
    TCP,
    SoftApDialogue,
    SoftApReply,
    why_silent,
)
from netcheck.device.softap.reading import SoftApHost, WantedNetworks
from netcheck.device.softap.route import LocalNetworks
from netcheck.model import (
    NAMELESS,
    Level,
    Observation,
    Outcome,
    Stage,
    State,
    Target,
    Verdict,
)
from tests.doubles.handshake import new_credentials, new_key, public_der, seal_answer
from tests.doubles.softap_server import ID, KEY, READ_ONLY, Fault, SoftAp
from tests.helpers.softap import AT, WIFI, judged, levels, observed, of


@pytest.mark.parametrize(
    "command",
    [
        "configure-ap",
        "connect-ap",
        "set",
        "ant-internal",
        "ant-external",
        "hello",
        "device-id\n",
        "",
        "version/../set",
    ],
)
@pytest.mark.parametrize("build", [framing.over_tcp, framing.over_http])
def test_nothing_that_changes_a_device_can_be_built(
    build: Callable[[str], bytes], command: str
) -> None:
    with pytest.raises(framing.ForbiddenCommand):
        build(command)


@pytest.mark.parametrize("fault", Fault)
def test_whatever_it_does_it_is_only_read_and_asked_few_questions(fault: Fault) -> None:
    device = SoftAp(fault=fault)
    reach = of(observed(device, "HomeNet"), "softap.reach")
    assert {asked.split()[1] for asked in device.asked} <= READ_ONLY
    assert len(device.asked) <= (reach.number("questions") or 0) <= MOST_QUESTIONS


def test_the_question_is_framed_as_the_firmware_reads_it() -> None:
    assert framing.over_tcp("scan-ap") == b"scan-ap\n0\n\n"


@pytest.mark.parametrize(
    "fault", [Fault.NONE, Fault.THROWS_AWAY_FIRST, Fault.DRIPS, Fault.RESETS, Fault.NO_TCP]
)
@pytest.mark.parametrize("chunked", [True, False])
def test_id_claim_and_key_are_told_over_either_door(fault: Fault, chunked: bool) -> None:
    seen = observed(SoftAp(fault=fault, chunked=chunked, claimed=True))
    identity = of(seen, "device.identity")
    assert (identity.subject, identity.text("id"), identity.number("rank")) == (ID, ID, 6)
    assert of(seen, "device.key").text("key_sha256") == hashlib.sha256(KEY[:162]).hexdigest()
    assert of(seen, "device.claimed").ok
    assert of(seen, "device.mode").text("value") == "listening"
    assert of(seen, "softap.reach").text("over") == (HTTP if fault is Fault.NO_TCP else TCP)


def test_a_device_never_claimed_says_so() -> None:
    claimed = of(observed(SoftAp()), "device.claimed")
    assert (claimed.outcome, claimed.reason) == (Outcome.FAILED, "unclaimed")


def test_a_key_that_cannot_be_read_is_said() -> None:
    seen = observed(SoftAp(fault=Fault.KEY_UNREADABLE))
    assert of(seen, "device.key").reason == "unreadable"
    assert levels(judged(seen))["device_key_mismatch"] is Level.POSSIBLE


@pytest.mark.parametrize(
    "answer",
    [
        b'{"b":"00","r":0}',
        b'{"b":"zz","r":0}',
        b"{}",
        b"[]",
        b'{"b":1}',
        b'{"b":"' + b"30" * 294 + b'","r":0}',
    ],
)
def test_what_is_no_key_is_not_taken_for_one(answer: bytes) -> None:
    assert softap_scan.key(answer) is None


def sealed(head: str) -> Observation:
    """The cloud's answer in a capture."""
    data = (("bytes", 384), ("sealed_head", head))
    return Observation(
        stage=Stage.HANDSHAKE,
        fact="handshake.key",
        outcome=Outcome.OK,
        subject=ID,
        source="capture:a.pcap",
        at=AT - 60,
        data=data,
        ref="a.pcap#9",
    )


@pytest.mark.parametrize(
    ("head", "is_told"),
    [
        ("b001020304050608", True),
        ("ff" * 8, True),
        ("b001020304050607", False),
        ("00" * 8, False),
        ("xyz", False),
    ],
)
def test_what_was_sealed_for_a_larger_key_was_sealed_for_another(head: str, is_told: bool) -> None:
    (diagnosis,) = diagnose([*observed(SoftAp()), sealed(head)], Target())
    assert ("device_key_mismatch" in levels(diagnosis)) is is_told


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Fault.ROUTER, "not_photon"),
        (Fault.STRANGER, "not_photon"),
        (Fault.SILENT, "silent"),
        (Fault.HUGE, "not_photon"),
        (Fault.HOSTILE_JSON, "not_photon"),
    ],
)
def test_what_is_no_photon_is_named(fault: Fault, reason: str) -> None:
    seen = observed(SoftAp(fault=fault))
    assert [(o.fact, o.outcome, o.reason, o.subject) for o in seen] == [
        ("softap.reach", Outcome.FAILED, reason, NAMELESS)
    ]


@pytest.mark.parametrize(
    ("ended", "reason"),
    [
        (("refused", "refused"), "not_photon"),
        (("timeout", "timeout"), "timeout"),
        (("timeout", "refused"), "timeout"),
        (("prohibited", "prohibited"), "prohibited"),
        (("no_route", "no_route"), "no_route"),
        (("refused", "silent"), "silent"),
    ],
)
def test_why_nobody_answered(ended: tuple[str, ...], reason: str) -> None:
    assert why_silent([SoftApReply(ended=one) for one in ended]) == reason


def test_a_silent_answer_later_is_no_reason_to_forget_the_first() -> None:
    class OneAnswer:
        def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
            return (
                SoftApReply(payload=b'{"id":"%s","c":"1"}' % ID.encode(), ended="whole")
                if command == "device-id"
                else SoftApReply(ended="refused")
            )

    dialogue = SoftApDialogue(OneAnswer(), lambda _: None)
    dialogue.run()
    assert (dialogue.reading.identity, dialogue.reading.reason) == (
        softap_scan.Identity(id=ID, claimed=True),
        "",
    )
    assert dialogue.reading.unanswered == ("version", "scan-ap", "public-key")


def test_what_was_told_before_an_interruption_is_kept() -> None:
    class Interrupted:
        def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
            if command != "device-id":
                raise KeyboardInterrupt
            return SoftApReply(payload=b'{"id":"%s","c":"0"}' % ID.encode(), ended="whole")

    host = SoftApHost(
        local_networks=lambda: LocalNetworks(links=(WIFI,)),
        transport=lambda _: Interrupted(),
        pause=lambda _: None,
        now=lambda: AT,
    )
    seen = []

    def read() -> None:
        for o in softap.observe(Target(), WantedNetworks(), host):
            seen.append(o.fact)

    with pytest.raises(KeyboardInterrupt):
        read()
    assert "device.identity" in seen


def test_what_the_cloud_sealed_for_this_key_never_speaks_against_it() -> None:
    key, signer = new_key(1024), new_key(2048)
    reading = softap_scan.key(
        b'{"b":"' + (public_der(key) + bytes(132)).hex().encode() + b'","r":0}'
    )
    assert isinstance(reading, softap_scan.DeviceKey)
    assert int(reading.head, 16) == key.public_key().public_numbers().n >> 960
    answers = [seal_answer(new_credentials(), public_der(key), signer) for _ in range(20)]
    assert all(answer[:8].hex() <= reading.head for answer in answers)


@pytest.mark.parametrize(
    ("sec", "outcome", "reason"),
    [
        (0, Outcome.OK, ""),
        (4194308, Outcome.OK, ""),
        (4194310, Outcome.OK, ""),
        (2097154, Outcome.OK, ""),
        (4194308 | 268435456, Outcome.OK, ""),
        (1, Outcome.FAILED, "wep"),
        (32769, Outcome.FAILED, "wep"),
        (37748740, Outcome.FAILED, "enterprise"),
        (35651586, Outcome.FAILED, "enterprise"),
        (-1, Outcome.UNCLEAR, "unknown_security"),
        (12345, Outcome.UNCLEAR, "unknown_security"),
    ],
)
def test_whether_the_radio_can_join_what_it_hears(sec: int, outcome: Outcome, reason: str) -> None:
    network = of(observed(SoftAp(networks=((b"Lab", -50, sec, 1),)), "Lab"), "wifi.network")
    assert (network.outcome, network.reason, network.target, network.number("channel")) == (
        outcome,
        reason,
        "ssid:Lab",
        1,
    )


@pytest.mark.parametrize(
    ("rssi", "outcome"),
    [(-48, Outcome.OK), (-65, Outcome.UNCLEAR), (-80, Outcome.UNCLEAR), (-81, Outcome.FAILED)],
)
def test_how_strong_the_wanted_network_is(rssi: int, outcome: Outcome) -> None:
    assert (
        of(observed(SoftAp(networks=((b"Lab", rssi, 4194308, 1),)), "Lab"), "wifi.signal").outcome
        is outcome
    )


def test_of_several_access_points_the_best_that_can_be_joined_counts() -> None:
    device = SoftAp(
        networks=((b"Lab", -40, 37748740, 1), (b"Lab", -85, 4194308, 6), (b"Lab", -60, 4194308, 11))
    )
    seen = observed(device, "Lab")
    assert (of(seen, "wifi.network").ok, of(seen, "wifi.network").number("channel")) == (True, 11)


@pytest.mark.parametrize(
    ("heard", "outcome", "reason"),
    [
        (b"homenet", Outcome.FAILED, "similar_name"),
        (b"Home Net", Outcome.FAILED, "similar_name"),
        (b"HomeNet_2G", Outcome.FAILED, "similar_name"),
        (b"Neighbour", Outcome.FAILED, "not_in_scan"),
        (b"HomeNet2", Outcome.FAILED, "not_in_scan"),
    ],
)
def test_a_name_that_is_missing(heard: bytes, outcome: Outcome, reason: str) -> None:
    network = of(observed(SoftAp(networks=((heard, -50, 4194308, 1),)), "HomeNet"), "wifi.network")
    assert (network.outcome, network.reason) == (outcome, reason)


def test_an_absence_says_nothing_where_the_list_was_cut_or_names_are_hidden() -> None:
    networks = tuple((b"Net%d" % number, -50, 4194308, 1) for number in range(9))
    cut = of(observed(SoftAp(networks=networks, fault=Fault.CUT), "Wanted"), "wifi.network")
    hidden = of(observed(SoftAp(networks=networks), "Wanted", hidden=True), "wifi.network")
    assert {cut.outcome, hidden.outcome} == {Outcome.UNCLEAR}


def test_a_strange_name_is_found_by_its_own_letters() -> None:
    device = SoftAp(networks=(('Café "Ö\\"'.encode(), -50, 4194308, 1),))
    assert of(observed(device, 'Café "Ö\\"'), "wifi.network").ok


def test_a_weak_signal_is_likely_the_cause() -> None:
    found = levels(
        judged(
            observed(
                SoftAp(networks=((b"Lab", -88, 4194308, 1), (b"Other", -50, 4194308, 1))), "Lab"
            )
        )
    )
    assert found["weak_signal"] is Level.LIKELY
    assert found["antenna_wrong"] is Level.UNLIKELY


def test_a_name_that_is_missing_makes_nothing_sure() -> None:
    diagnosis = judged(observed(SoftAp(), "Elsewhere"))
    found = levels(diagnosis)
    assert diagnosis.verdict is Verdict.SUSPECTED
    assert {found[cause] for cause in ("ssid_not_found", "band_5ghz_only", "weak_signal")} == {
        Level.POSSIBLE
    }


def test_a_similar_name_points_to_a_wrong_name_but_the_user_may_have_mistyped_it() -> None:
    diagnosis = judged(observed(SoftAp(networks=((b"homenet", -50, 4194308, 1),)), "HomeNet"))
    assert diagnosis.findings[0].cause == "ssid_not_found"
    assert diagnosis.verdict is Verdict.SUSPECTED
    assert any('"homenet"' in note for note in diagnosis.notes)


@pytest.mark.parametrize("names", [("Lab",), ()])
def test_a_radio_that_hears_nothing_is_weak_evidence(names: tuple[str, ...]) -> None:
    diagnosis = judged(observed(SoftAp(networks=()), *names))
    assert diagnosis.unexplained == ()
    assert {levels(diagnosis)[cause] for cause in ("antenna_wrong", "module_damaged")} == {
        Level.POSSIBLE
    }
    assert diagnosis.verdict is Verdict.SUSPECTED


def test_aes_in_its_scan_does_not_exclude_what_the_scan_does_not_show() -> None:
    seen = observed(SoftAp(networks=((b"Lab", -50, 4194308, 1),)), "Lab")
    assert not {"wpa3_only", "pmf_required"} & set(levels(judged(seen)))


def test_a_network_that_suits_passes_the_rung_and_no_more() -> None:
    diagnosis = judged(observed(SoftAp(claimed=True), "HomeNet"))
    states = {rung.stage: rung.state for rung in diagnosis.ladder}
    assert (states[Stage.POWER], states[Stage.RADIO], states[Stage.JOIN]) == (
        State.PASSED,
        State.PASSED,
        State.UNTESTED,
    )
    assert diagnosis.verdict is Verdict.INSUFFICIENT
    assert diagnosis.device.id == ID
