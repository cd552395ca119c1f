"""A device asked over its own access point: framing, names that break JSON, the way there, and what
its scan means.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netcheck.correlator import diagnose
from netcheck.correlator.notes import softap as own_network
from netcheck.device import softap
from netcheck.device.softap import answers as softap_scan
from netcheck.device.softap import framing
from netcheck.device.softap.answers import Scan, ScannedNetwork
from netcheck.device.softap.dialogue import (
    HTTP,
    MOST_QUESTIONS,
    TCP,
    SoftApDialogue,
    SoftApReply,
    why_silent,
)
from netcheck.device.softap.reading import SoftApHost, WantedNetworks
from netcheck.device.softap.route import LocalNetworks, choose
from netcheck.host.interfaces import InterfaceAddress
from netcheck.model import (
    NAMELESS,
    Diagnosis,
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

WIFI = InterfaceAddress(name="wlan0", address="192.168.0.7", netmask="255.255.255.0", is_wifi=True)
LAN = InterfaceAddress(name="eth0", address="192.168.0.20", netmask="255.255.255.0", is_wifi=False)
ELSEWHERE = InterfaceAddress(
    name="wlan0", address="10.1.2.3", netmask="255.255.255.0", is_wifi=True
)
AT = 1_700_000_000.0


class DoubleTransport:
    """A door that leads to the double without a network."""

    def __init__(self, device: SoftAp) -> None:
        self._device = device

    def ask(self, over: str, command: str, is_whole: Callable[[bytes], bool]) -> SoftApReply:
        if not (self._device.serves_tcp if over == TCP else self._device.serves_http):
            return SoftApReply(ended="refused")
        wire = self._device.reply(
            over, framing.over_tcp(command) if over == TCP else framing.over_http(command)
        )
        if wire is None:
            return SoftApReply(ended="silent")
        for end in range(
            self._device.step_bytes, len(wire) + self._device.step_bytes, self._device.step_bytes
        ):
            if is_whole(wire[:end]):
                return SoftApReply(payload=wire[:end], ended="whole")
        return SoftApReply(payload=wire[: framing.MOST_BYTES], ended="closed")


TARGET = Target()


def observed(
    device: SoftAp,
    *names: str,
    links: tuple[InterfaceAddress, ...] = (WIFI,),
    hidden: bool = False,
    target: Target = TARGET,
) -> list[Observation]:
    """What is observed of that device from such a computer."""
    host = SoftApHost(
        local_networks=lambda: LocalNetworks(links=links, route=links[0].name),
        transport=lambda _: DoubleTransport(device),
        pause=lambda _: None,
        now=lambda: AT,
    )
    return list(softap.observe(target, WantedNetworks(names=names, has_hidden=hidden), host))


def of(observations: list[Observation], fact: str) -> Observation:
    """The one observation of that fact."""
    (one,) = [o for o in observations if o.fact == fact]
    return one


def judged(observations: list[Observation]) -> Diagnosis:
    (one,) = diagnose(observations, Target())
    return one


def levels(diagnosis: Diagnosis) -> dict[str, Level]:
    return {finding.cause: finding.level for finding in diagnosis.findings}


# ------------------------------------------------------------------------------------- only reading


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


# ------------------------------------------------------------------------------------------ answers


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


# ---------------------------------------------------------------------------- names that break JSON


NAMES = st.one_of(
    st.binary(max_size=32),
    st.lists(
        st.sampled_from(
            [
                b'"',
                b"\\",
                b"}",
                b"]",
                b",",
                b"{",
                b'","rssi":',
                b'{"ssid":"',
                b'"sec":0',
                b'"mdr":1}',
                b"a",
                b"\n",
                b"\x00",
            ]
        ),
        max_size=8,
    )
    .map(b"".join)
    .filter(lambda name: len(name) <= 32),
)
NETWORKS = st.tuples(
    NAMES,
    st.integers(-120, 20),
    st.sampled_from([0, 1, 2097154, 4194308, 37748740, 272629764, -1]),
    st.integers(1, 14),
)


@given(st.lists(NETWORKS, max_size=12))
def test_any_list_is_read_as_it_was_meant(networks: list[tuple[bytes, int, int, int]]) -> None:
    meant = tuple(
        ScannedNetwork(ssid=name, rssi_dbm=rssi, sec=sec, channel=channel)
        for name, rssi, sec, channel in networks
    )
    assert softap_scan.scan(SoftAp(networks=tuple(networks)).answer("scan-ap")) == Scan(
        networks=meant, is_whole=True
    )


@given(st.lists(NETWORKS, min_size=1, max_size=6), st.data())
def test_a_list_that_was_cut_is_not_whole_and_invents_nothing(
    networks: list[tuple[bytes, int, int, int]], data: st.DataObject
) -> None:
    answer = SoftAp(networks=tuple(networks)).answer("scan-ap")
    cut = answer[: data.draw(st.integers(len('{"scans":['), len(answer) - 1))]
    found = softap_scan.scan(cut)
    assert found is not None
    assert not found.is_whole
    assert [one.ssid for one in found.networks] == [name for name, *_ in networks][
        : len(found.networks)
    ]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(noise: bytes) -> None:
    for answer in (noise, b'{"scans":[' + noise, b'{"scans":[{"ssid":"' + noise):
        softap_scan.scan(answer)
        softap_scan.identity(answer)
        softap_scan.key(answer)
        softap_scan.version(answer)
        framing.of_http(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + answer)


def test_a_list_that_is_json_after_all_is_read_too() -> None:
    found = softap_scan.scan(b'{ "scans": [ {"ssid": "A\\"B", "rssi": -50, "sec": 0, "ch": 1} ] }')
    assert found == Scan(networks=(ScannedNetwork(ssid=b'A"B', rssi_dbm=-50, sec=0, channel=1),))


@given(st.binary(max_size=300), st.integers(1, 64))
def test_chunks_are_joined_whatever_their_size(body: bytes, size: int) -> None:
    wire = b"".join(
        f"{len(body[at : at + size]):X};x=1\r\n".encode() + body[at : at + size] + b"\r\n"
        for at in range(0, len(body), size)
    )
    assert (
        framing.of_http(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + wire + b"0\r\n\r\n"
        )
        == body.strip()
    )


# ----------------------------------------------------------------------------- what the radio hears


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


# ------------------------------------------------------------------------------------ what it means


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


# ------------------------------------------------------------------------------------------ the way


def ways() -> Iterator[tuple[tuple[InterfaceAddress, ...], str, str, str]]:
    """Links, the one the routes choose, the link held to, and why there is none."""
    yield (WIFI,), "wlan0", "wlan0", ""
    yield (LAN, WIFI), "eth0", "wlan0", ""
    yield (
        (
            WIFI,
            InterfaceAddress(
                name="tun0", address="10.8.0.2", netmask="255.255.255.255", is_wifi=False
            ),
        ),
        "tun0",
        "wlan0",
        "",
    )
    yield (LAN,), "eth0", "eth0", ""
    yield (ELSEWHERE,), "wlan0", "", "other_network"
    yield (), "", "", "other_network"
    yield (
        (
            InterfaceAddress(name="wlan0", is_wifi=True),
            InterfaceAddress(name="eth0", address="10.0.0.2", netmask="255.0.0.0", is_wifi=False),
        ),
        "eth0",
        "",
        "no_address",
    )
    yield (
        (
            InterfaceAddress(
                name="wlan0", address="169.254.9.9", netmask="255.255.0.0", is_wifi=True
            ),
        ),
        "wlan0",
        "",
        "no_address",
    )
    yield (
        (InterfaceAddress(name="rmnet0", address="10.99.1.2", netmask="255.255.255.252"),),
        "rmnet0",
        "",
        "mobile_data",
    )
    yield (
        (
            InterfaceAddress(
                name="wlan0", address="192.168.0.1", netmask="255.255.255.0", is_wifi=True
            ),
        ),
        "wlan0",
        "",
        "route_conflict",
    )
    yield (
        (InterfaceAddress(name="wlan0", address="nonsense", netmask="?", is_wifi=True),),
        "wlan0",
        "",
        "other_network",
    )


@pytest.mark.parametrize(("links", "route", "name", "reason"), list(ways()))
def test_which_link_leads_there(
    links: tuple[InterfaceAddress, ...], route: str, name: str, reason: str
) -> None:
    path = choose(LocalNetworks(links=links, route=route))
    assert (path.link.name if path.link else "", path.reason) == (name, reason)


def test_a_link_that_was_asked_for_is_the_only_one() -> None:
    assert choose(LocalNetworks(links=(WIFI, LAN)), "eth0").interface == "eth0"
    assert choose(LocalNetworks(links=(WIFI, LAN)), "wlan9").reason == "no_address"
    assert choose(LocalNetworks(links=(ELSEWHERE,)), "wlan0").reason == "other_network"


@pytest.mark.parametrize(
    ("fault", "links", "reason", "says"),
    [
        (Fault.ROUTER, (WIFI,), "not_photon", "most likely a router"),
        (Fault.ROUTER, (WIFI, LAN), "route_conflict", "(eth0, beside wlan0)"),
        (Fault.ROUTER, (LAN,), "other_network", "has not joined"),
        (Fault.SILENT, (WIFI,), "silent", "says nothing"),
        (Fault.NONE, (ELSEWHERE,), "other_network", "blinks blue"),
        (
            Fault.NONE,
            (InterfaceAddress(name="wwan0", address="10.9.9.9", netmask="255.255.255.0"),),
            "mobile_data",
            "switch mobile data off",
        ),
        (Fault.NONE, (InterfaceAddress(name="wlan0", is_wifi=True),), "no_address", "(wlan0)"),
    ],
)
def test_a_sentence_says_why_nothing_came(
    fault: Fault, links: tuple[InterfaceAddress, ...], reason: str, says: str
) -> None:
    seen = observed(SoftAp(fault=fault), links=links)
    diagnosis = judged(seen)
    assert of(seen, "softap.reach").reason == reason
    assert says in diagnosis.headline
    assert diagnosis.verdict is Verdict.INSUFFICIENT
    assert levels(diagnosis).get("softap_unreachable", Level.POSSIBLE) in (
        Level.LIKELY,
        Level.POSSIBLE,
    )


def test_another_network_with_its_numbers_does_no_harm_where_the_device_answers() -> None:
    assert of(observed(SoftAp(), links=(WIFI, LAN)), "softap.reach").ok


@pytest.mark.parametrize(
    "reason",
    [
        "timeout",
        "prohibited",
        "no_route",
        "not_photon",
        "silent",
        "other_network",
        "no_address",
        "route_conflict",
        "mobile_data",
    ],
)
def test_every_reason_has_one_sentence(reason: str) -> None:
    o = Observation(
        stage=Stage.POWER,
        fact="softap.reach",
        outcome=Outcome.FAILED,
        reason=reason,
        subject=NAMELESS,
        source="device:softap",
        at=AT,
    )
    said = own_network.sentence(o)
    assert said.endswith(".")
    assert "{" not in said
