"""What the light says leads to causes, in the era of the device's firmware, and never against an
instrument that saw better.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from msgspec.structs import replace

from netcheck.app.sources import GatheredEvidence, read_user
from netcheck.correlator.catalogue import load
from netcheck.correlator.diagnosis import diagnose
from netcheck.correlator.rules import every_rule
from netcheck.model import Diagnosis, Level, Observation, Stage, State, Target, Verdict, Weight
from netcheck.photon.firmware import EVERY, Era, eras
from netcheck.user import answers, led
from netcheck.vocabulary import is_of_light
from tests.helpers.clues import facts_of
from tests.helpers.examples import Line, view
from tests.helpers.notation import DEV, START, case

ASKED = Target()
STANDING = (Level.CONFIRMED, Level.LIKELY, Level.POSSIBLE, Level.CONTESTED)
DEVICE = f"dev device.identity ok rank=5 mac={DEV}\n"
REACHED = (
    "dev dhcp.lease ok @1\n dev gateway.arp ok @2\n dev dns.cloud_name ok @3\n dev internet.reach"
    " ok @4\n"
)
BLOCKED = DEVICE + REACHED + "dev tcp.cloud failed timeout @5"
ONLINE = (
    DEVICE
    + REACHED
    + "dev tcp.cloud ok @5\n dev handshake.welcome ok @6\n dev session.open ok @7\n dev"
    " session.keepalive ok @40"
)
COMPUTER = "ctl gateway.arp ok @1\n ctl dns.cloud_name ok @2\n ctl internet.reach ok @3\n"
COMPUTER_BLOCKED = COMPUTER + "ctl tcp.cloud failed timeout @4"
COMPUTER_FINE = COMPUTER + "ctl tcp.cloud ok @4\n ctl handshake.nonce ok @5"


def light(text: str, at: float = START + 60) -> list[Observation]:
    return list(led.observations(led.read(text), ASKED, at))


def version(text: str) -> list[Observation]:
    return (
        list(answers.observations([answers.parse(f"firmware={text}")], ASKED, START + 60))
        if text
        else []
    )


def without_counterfactual(notes: Sequence[str]) -> list[str]:
    """The notes but that on what else would have to work."""
    return [text for text in notes if not text.startswith(("With this ", "That is not all"))]


def judged(*observations: Observation) -> Diagnosis:
    (one,) = diagnose(observations, ASKED)
    return one


def standing(one: Diagnosis) -> list[str]:
    return [finding.cause for finding in one.findings if finding.level in STANDING]


def weight_for(one: Diagnosis, cause: str) -> int:
    """How many clues of the light speak for a cause."""
    return sum(len(finding.support) for finding in one.findings if finding.cause == cause)


# ------------------------------------------------------------------------------- by the light alone


@pytest.mark.parametrize(
    ("phrase", "verdict", "first", "others"),
    [
        (
            "slow green",
            "suspected",
            "wifi_wrong_password",
            "ssid_not_found band_5ghz_only weak_signal security_mode_mismatch antenna_wrong",
        ),
        (
            "fast green",
            "suspected",
            "dhcp_no_server",
            "dhcp_pool_exhausted dhcp_refuses_device mac_filter",
        ),
        (
            "blinking green",
            "suspected",
            "wifi_wrong_password",
            "ssid_not_found dhcp_pool_exhausted mac_filter module_damaged",
        ),
        (
            "blinking green, never cyan",
            "suspected",
            "wifi_wrong_password",
            "ssid_not_found dhcp_pool_exhausted mac_filter",
        ),
        ("slow green, then fast green", "suspected", "dhcp_no_server", "dhcp_pool_exhausted"),
        (
            "slow cyan",
            "suspected",
            "cloud_port_blocked",
            "dns_unreachable internet_down captive_portal static_ip_leftover",
        ),
        (
            "slow cyan, then 3 orange flashes",
            "suspected",
            "cloud_port_blocked",
            "cloud_host_blocked",
        ),
        (
            "slow cyan, then 2 orange flashes",
            "suspected",
            "captive_portal",
            "internet_down static_ip_leftover gateway_unreachable",
        ),
        (
            "blinking cyan",
            "suspected",
            "cloud_port_blocked",
            "device_key_mismatch dns_unreachable server_key_wrong",
        ),
        (
            "blinking cyan, then 3 orange",
            "suspected",
            "cloud_port_blocked",
            "device_key_mismatch server_key_wrong cloud_host_blocked",
        ),
        (
            "blinking cyan and red flashes",
            "suspected",
            "device_key_mismatch",
            "server_key_wrong cloud_port_blocked",
        ),
        (
            "fast cyan",
            "suspected",
            "device_key_mismatch",
            "server_key_wrong transparent_proxy dpi_interference",
        ),
        (
            "fast cyan, then one red flash",
            "fault",
            "device_key_mismatch",
            "server_key_wrong device_not_registered settings_corrupt",
        ),
        ("slow cyan, then fast cyan for ever", "fault", "device_key_mismatch", "server_key_wrong"),
        (
            "fast cyan, then one magenta flash",
            "fault",
            "server_key_wrong",
            "handshake_signature_invalid device_key_mismatch",
        ),
        ("breathing cyan, then breathing green", "fault", "app_blocks_system", ""),
        (
            "breathing cyan, then blinking cyan again",
            "suspected",
            "session_unstable",
            "nat_idle_timeout duplicate_device_id",
        ),
        ("breathing cyan, then blinking green", "suspected", "", "session_unstable weak_signal"),
        ("breathing green", "suspected", "app_does_not_connect", "app_blocks_system"),
        ("breathing white", "fault", "app_does_not_connect", "doctor_app_left_behind"),
        ("breathing magenta", "suspected", "", "module_dependency_unmet firmware_too_old"),
        ("blinking blue", "fault", "credentials_missing", "wifi_wrong_password"),
        (
            "blinking green, then back to blinking blue",
            "suspected",
            "wifi_wrong_password",
            "security_mode_mismatch ssid_not_found",
        ),
        ("red SOS, then 8 blinks", "fault", "app_crashes", ""),
        ("the light is off", "suspected", "power_insufficient", "led_not_system"),
        ("solid cyan", "suspected", "", "app_crashes app_blocks_system led_not_system"),
        ("breathing cyan", "healthy", "", ""),
    ],
)
def test_the_light_alone_leads_to(phrase: str, verdict: str, first: str, others: str) -> None:
    one = judged(*light(phrase))
    assert one.verdict == Verdict(verdict)
    assert not first or standing(one)[0] == first
    assert set(others.split()) <= set(standing(one))


def test_what_the_light_got_past_is_unlikely() -> None:
    found = {finding.cause: finding.level for finding in judged(*light("slow cyan")).findings}
    assert found["wifi_wrong_password"] is found["dhcp_no_server"] is Level.UNLIKELY
    found = {
        finding.cause: finding.level
        for finding in judged(*light("fast cyan, then one red")).findings
    }
    assert found["cloud_port_blocked"] is Level.UNLIKELY


@pytest.mark.parametrize(
    ("phrase", "open_rungs", "implied"),
    [
        ("slow green", {Stage.RADIO}, {Stage.POWER}),
        ("blinking green", {Stage.RADIO, Stage.JOIN}, {Stage.POWER}),
        ("fast green", set(), {Stage.RADIO}),
        ("slow cyan", {Stage.GATEWAY, Stage.DNS, Stage.INTERNET}, {Stage.RADIO}),
        ("blinking cyan", {Stage.GATEWAY, Stage.DNS, Stage.INTERNET, Stage.TCP}, {Stage.RADIO}),
        ("fast cyan", set(), {Stage.GATEWAY, Stage.DNS}),
    ],
)
def test_blinking_that_stands_for_several_rungs_proves_none_of_them(
    phrase: str, open_rungs: set[Stage], implied: set[Stage]
) -> None:
    ladder = judged(*light(phrase)).ladder
    assert {rung.stage for rung in ladder if rung.state is State.UNTESTED} == open_rungs
    assert implied <= {rung.stage for rung in ladder if rung.state is State.IMPLIED}


def test_a_broken_radio_is_not_the_first_guess_where_set_up_finds_no_device() -> None:
    said = answers.observations(
        [answers.parse("setup_error=No nearby Photons detected")], ASKED, START
    )
    assert judged(*light("blinking blue"), *said).findings[0].cause != "module_damaged"


def test_the_light_is_never_decisive() -> None:
    clues = [clue for cause in load().causes.values() for clue in cause.clues]
    mine = [clue for clue in clues if {is_of_light(fact) for fact in facts_of(clue)} == {True}]
    assert len(mine) > 100
    assert not [clue for clue in mine if clue.weight is Weight.DECISIVE]


def test_who_sees_it_breathe_is_not_told_of_a_network_that_was_never_tested() -> None:
    assert (
        judged(*light("breathing cyan")).headline
        == "By its light this Photon is online; nothing but its light was seen of it."
    )


# --------------------------------------------------------------------------------------- by version


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], EVERY),
        (["nonsense"], EVERY),
        (["0.4.7"], {Era.OLD}),
        (["0.5.5"], {Era.OLD}),
        (["0.6.0"], {Era.MUTE}),
        (["0.6.1"], {Era.MIDDLE}),
        (["1.5.2"], {Era.MIDDLE}),
        (["2.0.0"], {Era.NEW}),
        (["3.3.1"], {Era.NEW}),
        (["0.6.0-rc.1"], {Era.MUTE}),
        ([">=0.7.0 <=1.5.4"], {Era.MIDDLE}),
        ([">=0.6.0"], {Era.MUTE, Era.MIDDLE, Era.NEW}),
        (["0.4.5 to 1.5"], {Era.OLD, Era.MUTE, Era.MIDDLE}),
        (["2.0 and later"], {Era.NEW}),
        (["<2.0.0"], {Era.OLD, Era.MUTE, Era.MIDDLE, Era.NEW}),
        ([">=0.7.0", "<=1.5.4"], {Era.MIDDLE}),
    ],
)
def test_versions_belong_to_eras(texts: list[str], expected: set[Era]) -> None:
    assert eras(texts) >= expected if "<2.0.0" in texts else eras(texts) == expected


@pytest.mark.parametrize(
    ("phrase", "firmware", "cause", "is_named"),
    [
        # a broken name service: three flashes before 2.0, two since
        ("slow cyan, 3 orange", "1.5.2", "dns_unreachable", True),
        ("slow cyan, 3 orange", "2.3.1", "dns_unreachable", False),
        ("slow cyan, 2 orange", "2.3.1", "dns_unreachable", True),
        ("slow cyan, 2 orange", "1.5.2", "dns_unreachable", False),
        ("slow cyan, 3 orange", "", "dns_unreachable", False),
        # 0.6.0 makes no orange flashes
        ("slow cyan, 3 orange", "0.6.0", "cloud_port_blocked", False),
        ("slow cyan, 3 orange", "0.6.1", "cloud_port_blocked", True),
        ("slow cyan, 2 orange", "0.6.0", "internet_down", False),
        # in 0.4.0 they were red; where the version is not known they may be
        ("slow cyan, 3 red", "0.4.0", "cloud_port_blocked", True),
        ("slow cyan, 3 red", "", "cloud_port_blocked", True),
        ("slow cyan, 3 red", "1.5.2", "cloud_port_blocked", False),
    ],
)
def test_flashes_mean_what_they_mean_in_that_version(
    phrase: str, firmware: str, cause: str, *, is_named: bool
) -> None:
    states_alone = weight_for(judged(*light("slow cyan"), *version(firmware)), cause)
    assert (
        weight_for(judged(*light(phrase), *version(firmware)), cause) > states_alone
    ) == is_named


@pytest.mark.parametrize(
    ("phrase", "firmware", "first", "absent"),
    [
        ("fast cyan, one orange", "1.5.2", "device_key_mismatch", "handshake_signature_invalid"),
        ("fast cyan, one magenta", "1.5.2", "handshake_signature_invalid", "device_not_registered"),
        ("fast cyan, one magenta", "2.3.1", "device_key_mismatch", "handshake_signature_invalid"),
        ("fast cyan, one red", "2.3.1", "device_key_mismatch", "handshake_signature_invalid"),
    ],
)
def test_one_flash_has_a_colour_up_to_1_5(
    phrase: str, firmware: str, first: str, absent: str
) -> None:
    found = standing(judged(*light(phrase), *version(firmware)))
    assert found[0] == first
    assert absent not in found


def test_one_red_and_three_orange_are_one_failure_since_2_0() -> None:
    one = judged(*light("fast cyan, one red, then three orange"), *version("2.3.1"))
    assert standing(one)[0] == "device_key_mismatch"
    assert "cloud_port_blocked" not in standing(one)


def test_flashes_that_the_version_does_not_make_are_remarked_on() -> None:
    one = judged(*light("blinking cyan, 3 orange"), *version("0.6.0"))
    assert (
        "Device OS 0.6.0 makes no two or three orange flashes: version or flashes are not what they"
        " seem." in one.notes
    )


# ------------------------------------------------------------------------------- beside instruments


@pytest.mark.parametrize(
    ("phrase", "note"),
    [
        (
            "fast cyan, then one red flash",
            (
                "The light came past tcp, yet the device failed at tcp (test.pcap#6): what"
                " was recorded counts"
            ),
        ),
        ("breathing cyan", "The light came past session, yet the device failed at tcp"),
        ("slow green", "The light does not get past join, yet the device reached internet"),
        ("slow cyan, 3 orange", ""),
    ],
)
def test_a_capture_counts_and_the_contradiction_is_named(phrase: str, note: str) -> None:
    alone, one = judged(*case(BLOCKED)), judged(*case(BLOCKED), *light(phrase))
    assert (one.verdict, one.headline) == (alone.verdict, alone.headline)
    assert [rung.state for rung in one.ladder] == [rung.state for rung in alone.ladder]
    assert standing(one) == standing(alone)
    noted = without_counterfactual(one.notes)
    assert [bool(note) and text.startswith(note) for text in noted] == [True] * bool(note)


def test_a_light_beside_an_open_session_may_be_the_programs() -> None:
    one = judged(*case(ONLINE), *light("blinking green"))
    assert one.verdict is Verdict.HEALTHY
    assert "led_not_system" in standing(one)
    assert any("what was recorded counts" in note for note in one.notes)


def test_a_light_that_agrees_changes_nothing() -> None:
    assert judged(*case(ONLINE), *light("breathing cyan")).notes == judged(*case(ONLINE)).notes


def test_the_light_goes_on_where_the_capture_ends() -> None:
    one = judged(*case(DEVICE + "dev dhcp.lease ok @1"), *light("fast cyan, one red flash"))
    assert one.verdict is Verdict.FAULT
    assert standing(one)[0] == "device_key_mismatch"


@pytest.mark.parametrize(
    ("phrase", "note"),
    [
        (
            "fast cyan, one red",
            "By its light your Photon came past tcp, while this computer failed at tcp",
        ),
        (
            "blinking green",
            (
                "By its light your Photon does not even get past address; what stops this computer"
                " comes after that: fix both."
            ),
        ),
        ("slow cyan, 3 orange", ""),
    ],
)
def test_a_computer_that_is_stopped_beside_the_light(phrase: str, note: str) -> None:
    one = judged(*case(COMPUTER_BLOCKED, source="probe:cloud_port/1"), *light(phrase))
    assert (one.verdict, standing(one)[0]) == (Verdict.FAULT, "cloud_port_blocked")
    noted = without_counterfactual(one.notes)
    assert [bool(note) and text.startswith(note) for text in noted] == [True] * bool(note)


TESTS = (
    "\nctl internet.test failed >8.8.8.8:53 orange_flashes=2 @5\nctl internet.test ok"
    " >pool.ntp.org:123 orange_flashes=3 @6"
)


@pytest.mark.parametrize(
    ("phrase", "firmware", "differs"),
    [
        ("slow cyan, 3 orange", "2.3.1", False),
        ("slow cyan, 2 orange", "1.5.2", False),
        ("slow cyan, 2 orange", "", False),
        ("slow cyan, 2 orange", "2.3.1", True),
        ("slow cyan, 3 orange", "1.5.2", True),
        ("slow cyan", "1.5.2", False),
    ],
)
def test_flashes_are_compared_with_what_this_network_would_make(
    phrase: str, firmware: str, *, differs: bool
) -> None:
    ranges = {"8.8.8.8:53": "0.4.5 to 1.5", "pool.ntp.org:123": "2.0 and later"}
    seen = case(COMPUTER_BLOCKED + TESTS, source="probe:cloud_port/1")
    seen = [
        replace(o, data=(*o.data, ("firmware", ranges[o.target]))) if o.target in ranges else o
        for o in seen
    ]
    one = judged(*seen, *light(phrase), *version(firmware))
    assert any(
        note.startswith("The light to expect from a Photon here: 2 orange flashes")
        for note in one.notes
    )
    assert (
        any(
            note.endswith("then your Photon fails in another way than this computer.")
            for note in one.notes
        )
        == differs
    )


def test_a_computer_that_is_not_stopped_is_a_control() -> None:
    one = judged(*case(COMPUTER_FINE, source="probe:cloud_port/1"), *light("fast cyan, one red"))
    assert (one.verdict, standing(one)[0]) == (Verdict.FAULT, "device_key_mismatch")


# ------------------------------------------------------------------------------------ what was said


def gathered(lights: list[str], pairs: list[str]) -> list[Observation]:
    evidence = GatheredEvidence()
    read_user(evidence, lights, [answers.parse(pair) for pair in pairs], ASKED, START)
    return [o for o in evidence.observations if o.fact.startswith("led.")]


def test_an_answer_of_the_light_is_read_as_the_option_is() -> None:
    assert gathered([], ["led=fast cyan, one red"]) == gathered(["fast cyan, one red"], [])


def test_the_newest_answer_of_the_light_counts() -> None:
    assert gathered([], ["led=slow green", "led=fast cyan"]) == gathered(["fast cyan"], [])


def test_what_is_said_in_two_options_is_one_sequence() -> None:
    assert gathered(["slow green", "fast cyan"], []) == gathered(["slow green. fast cyan"], [])
    assert gathered(["slow green"], ["led=fast cyan"]) == gathered(["slow green. fast cyan"], [])


def test_an_answer_that_says_nothing_of_the_light_is_refused_by_its_words() -> None:
    with pytest.raises(
        answers.UserAnswerError, match="2 of its words are not known, such as gadget, zonk"
    ):
        answers.parse("led=gadget zonk")


def test_of_two_days_the_newer_light_counts() -> None:
    assert (
        judged(*light("slow green", START), *light("breathing cyan", START + 86_400)).verdict
        is Verdict.HEALTHY
    )


def test_words_not_understood_are_counted_in_the_answer() -> None:
    assert (
        "Of what you said about the light this many words were not understood: 1."
        in judged(*light("blinking green like a zonk")).notes
    )


def test_a_rhythm_without_a_colour_is_asked_for_it() -> None:
    assert any(
        "fits no state: name the colour" in note for note in judged(*light("it blinks fast")).notes
    )


def test_who_sees_no_colours_is_told_how_it_was_read() -> None:
    one = judged(*light("fast blink, then 3 slower flashes of another colour"))
    assert any(note.startswith("You named no colour") for note in one.notes)
    assert "cloud_port_blocked" in standing(one)


def test_safe_mode_is_explained() -> None:
    assert any(
        note.startswith("Safe mode was entered")
        for note in judged(*light("magenta blinking, white, then green blinking")).notes
    )


def test_a_fall_from_online_cites_the_rungs_that_were_lost() -> None:
    lines = [
        Line.read("dev led.state ok value=cyan_breathing"),
        Line.read("dev led.state ok @1 value=cyan_blinking"),
        Line.read("dev led.session failed"),
    ]
    found = every_rule()["falls_back_from_online"](view(lines))
    assert list(found) == [line.made() for line in lines]
