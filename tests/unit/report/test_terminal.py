"""What people and programs are told: complete, current with its schema, safe, and 80 columns
wide.
"""

from __future__ import annotations

import json as standard_json
import re
from importlib.resources import files

import msgspec
import pytest

from netcheck.correlator.catalogue import load
from netcheck.model import Device, Level, Observation, Owner, Stage, State, Untested, Verdict
from netcheck.report import findings, json, layout, screen, terminal, words
from netcheck.report.answer import coverage
from netcheck.report.layout import Style
from netcheck.report.view import view
from netcheck.text.redact import Redaction
from tests.helpers.answers import OBSERVATIONS, answer, clue, diagnosis, finding
from tests.helpers.notation import seen

CREATED = 1_600_000_000.0
CAUSES = {name: load().causes[name] for name in ("cloud_port_blocked",)}
HOSTILE = "\x1b[2J\u202eevil\u2028\x9b"


def shown(*, style: Style | None = None, **changes: object) -> str:
    return terminal.render(view(answer(**changes), CAUSES), style or Style())


# --------------------------------------------------------------------------------------------- JSON


def test_json_holds_what_the_public_document_promises() -> None:
    document = standard_json.loads(json.render(answer(), CREATED))
    assert document["schema"] == "netcheck/1"
    assert document["created"] == "2020-09-13T12:26:40Z"
    one = document["diagnoses"][0]
    assert {
        "device",
        "verdict",
        "headline",
        "owner",
        "ladder",
        "findings",
        "unexplained",
        "not_tested",
        "next_tests",
    } <= set(one)
    assert one["device"] == {
        "mac": "e0:4f:43:00:00:01",
        "id": "1f0056dfe347343232361234",
        "ip": "192.168.1.7",
        "firmware": ">=0.7.0",
        "site": None,
    }
    assert [rung["stage"] for rung in one["ladder"]] == [stage.value for stage in Stage]
    assert one["ladder"][Stage.TCP.height]["because"] == [
        "test.pcap#4",
        "test.pcap#14",
        "test.pcap#5",
    ]
    assert one["findings"][0] == {
        "cause": "cloud_port_blocked",
        "level": "likely",
        "stops_connection": True,
        "stage": "tcp",
        "owner": "router",
        "held_in": 2,
        "out_of": 2,
        "support": [
            {
                "says": "no answer on 5683",
                "weight": "strong",
                "refs": ["test.pcap#4", "test.pcap#14", "test.pcap#5"],
            }
        ],
        "oppose": [],
        "remedy": ["Allow outgoing TCP 5683.", "Try a hotspot."],
        "ask_it": "Please open port 5683.",
    }
    assert one["next_tests"] == [
        {
            "test": "cloud_port",
            "settles": ["cloud_port_blocked"],
            "cost_s": 180,
            "how": "Run netcheck there.",
        }
    ]
    assert document["coverage"] == [
        {
            "source": "test.pcap",
            "span_s": 61.2,
            "link": "EN10MB",
            "packets": 1234,
            "relevant": 87,
            "cannot_show": ["past"],
        }
    ]
    assert document["unread"] == ["lost.pcap: is no capture."]


def test_json_loads_back_with_equal_observations() -> None:
    document = json.load(json.render(answer(), CREATED))
    assert document.observations == OBSERVATIONS
    assert document == json.document(answer(), CREATED)


@pytest.mark.parametrize("devices", [0, 1, 3])
@pytest.mark.parametrize("seen", [(), OBSERVATIONS])
def test_json_in_pieces_is_the_whole_document(devices: int, seen: tuple[Observation, ...]) -> None:
    said = diagnosis(headline='says "diagnoses": []\n  "observations": []')
    many = answer(diagnoses=(said,) * devices, observations=seen)
    pieces = list(json.pieces(many, CREATED))
    assert b"".join(pieces) == json.written(json.document(many, CREATED))
    assert len(pieces) >= devices + len(seen)


def test_json_is_ascii_whatever_it_says() -> None:
    written = json.render(answer(diagnosis(headline="Käfer × 3 – 😀")), CREATED)
    assert written.isascii()
    assert json.load(written).diagnoses[0].headline == "Käfer × 3 – 😀"


def test_unknown_fields_are_null() -> None:
    document = standard_json.loads(json.render(answer(diagnosis(device=Device())), CREATED))
    assert document["diagnoses"][0]["device"] == dict.fromkeys(
        ("mac", "id", "ip", "firmware", "site")
    )


def test_the_published_schema_is_current() -> None:
    published = files("netcheck").joinpath(json.SCHEMA_FILE).read_bytes()
    assert published == json.schema(), (
        "write what netcheck.report.json.schema() returns to netcheck/netcheck-1.schema.json"
    )


def test_a_document_of_another_schema_is_refused() -> None:
    other = json.render(answer(), CREATED).replace(b'"netcheck/1"', b'"netcheck/2"', 1)
    with pytest.raises(msgspec.ValidationError):
        json.load(other)


def test_several_sentences_of_what_a_capture_cannot_show_stay_several() -> None:
    one = msgspec.structs.replace(OBSERVATIONS[0], data=(("cannot_show", "no DHCP | no Wi-Fi"),))
    assert coverage([one])[0].cannot_show == ("no DHCP", "no Wi-Fi")


# --------------------------------------------------------------------------------------------- text


def test_no_line_is_wider_than_80_columns() -> None:
    long = diagnosis(headline="word " * 60, notes=("x" * 300,))
    assert (
        max(
            map(
                len,
                terminal.render(view(answer(long, diagnosis()), CAUSES), Style()).splitlines(),
            )
        )
        <= 80
    )


def test_the_verdict_comes_first_then_headline_and_owner() -> None:
    lines = shown().splitlines()
    assert lines[0] == "FAULT: The network blocks TCP port 5683."
    body = "\n".join(lines)
    order = [
        "FAULT",
        "Who must act: ",
        "Device: Photon e0",
        "Unexplained: ",
        "How far it came",
        "Why",
        "To prove a fix",
    ]
    assert [body.index(part) for part in order] == sorted(body.index(part) for part in order)


def test_the_ladder_has_one_line_a_rung_with_its_state_in_words() -> None:
    lines = shown().splitlines()
    start = lines.index("How far it came") + 1
    assert [line.split()[1:3] for line in lines[start : start + 11]] == [
        [rung.stage.value, rung.state.value] for rung in diagnosis().ladder
    ]
    assert "test.pcap#4 #14 #5" in lines[start + Stage.TCP.height]


def test_every_state_and_owner_has_words() -> None:
    assert set(layout.SIGNS) == set(State)
    assert set(words.OWNERS) == set(Owner) - {Owner.UNKNOWN}
    assert set(Verdict) <= set(layout.COLOURS)


def test_findings_say_level_tries_evidence_and_remedy() -> None:
    body = shown()
    assert "1. Outbound TCP port 5683 is blocked: likely, 2 of 2 tries" in body
    assert "for: no answer on 5683 (strong; test.pcap#4 #14 #5)" in body
    assert "1. Allow outgoing TCP 5683." in body
    assert '"Please open port 5683."' in body
    assert "More: netcheck causes cloud_unreachable" in body
    assert "- internet_down: ruled out (others reach the Internet)" in body


def test_evidence_is_told_once() -> None:
    same = diagnosis().findings[0].support
    body = shown(
        diagnoses=(
            diagnosis(
                findings=(
                    finding("a", Level.LIKELY, support=same),
                    finding("b", Level.POSSIBLE, support=same),
                )
            ),
        )
    )
    assert body.count("no answer on 5683") == 1
    assert (
        "2. b: possible; nothing seen tells it from what stands above (netcheck causes b)"
        in re.sub(r"\s+", " ", body)
    )


def test_evidence_of_two_that_something_parts_is_told_once() -> None:
    same, against = diagnosis().findings[0].support, (clue("another port answers"),)
    findings = (
        finding("a", Level.LIKELY, support=same),
        finding("b", Level.POSSIBLE, support=same, oppose=against),
    )
    body = shown(diagnoses=(diagnosis(findings=findings),))
    assert body.count("no answer on 5683") == 1
    assert body.index("for: the same as above") < body.index("against: another port answers")


def test_a_computers_one_look_is_no_try_of_a_device() -> None:
    own = msgspec.structs.replace(OBSERVATIONS[3], source="probe:cloud_port/1", ref="")
    looked = finding(
        "a", Level.LIKELY, held_in=1, out_of=1, support=(clue("no answer on 5683", own),)
    )
    assert "1. a: likely\n     for: no answer on 5683 (strong; probe:cloud_port/1)" in shown(
        diagnoses=(diagnosis(findings=(looked,)),)
    )


def test_the_link_type_of_a_capture_is_said_in_words() -> None:
    assert "- test.pcap: 61 s, Ethernet, 87 of 1234 packets matter here" in shown()


def test_many_causes_of_the_same_evidence_are_named_together() -> None:
    same = diagnosis().findings[0].support
    many = tuple(
        finding(f"cause_{number}", Level.POSSIBLE, support=same) for number in range(1, 10)
    )
    body = shown(diagnoses=(diagnosis(findings=many),))
    assert (
        " ".join(body.split()).count("nothing seen tells it from what stands above")
        == findings.MOST_APART - 1
    )
    assert all(f"cause_{number}" in body for number in range(1, 10))
    assert "Possible by the same signs: cause_6 (cause_6); cause_7 (cause_7);" in " ".join(
        body.split()
    )


def test_as_many_places_as_fit_stand_on_a_rung() -> None:
    places = [f"{'long' * 10}.pcap#{number}" for number in ("1", "200", "300000-300010")]
    assert layout.where(places) == f"{places[0]} #200 #300000-300010"
    assert layout.where(places, 64) == f"{places[0]} #200 and 1 more"
    assert layout.where(places, 10) == f"{places[0]} and 2 more"


def test_what_does_not_stop_the_connection_is_apart() -> None:
    body = shown()
    assert body.index("Also noticed") < body.index("client_isolation") < body.index("Not the cause")


def test_what_was_not_tested_stays_visible_and_grouped() -> None:
    assert "- wifi.join, gateway.arp: no 802.11 frames" in shown()


def test_the_end_of_a_run_names_its_probe_and_no_sentence_stands_twice() -> None:
    crash = "probe time_servers crashed: boom"
    failure = "internet: a time server answers: failed (no answer; bob.ntp, probe:x/1)"
    headline = f"Something fails that no known cause explains: {failure}."
    text = shown(
        diagnoses=[
            msgspec.structs.replace(
                diagnosis(),
                headline=headline,
                unexplained=(failure, "tcp: another one"),
                not_tested=(Untested(fact="probe.run", why=crash),),
            )
        ]
    )

    assert f"- {crash}" in text
    assert "probe.run:" not in text
    assert " ".join(text.split()).count(failure) == 1
    assert "Unexplained: tcp: another one" in text


def test_input_not_read_interruption_and_redaction_are_said() -> None:
    body = shown(partial=True, redaction=Redaction.IT)
    assert "- lost.pcap: is no capture." in body
    assert "Partial: interrupted, so only what was seen until then is judged." in body
    assert "pseudonyms (level it)" in body


@pytest.mark.parametrize(
    ("held_in", "out_of", "words"),
    [(1, 1, "confirmed"), (2, 5, "confirmed, 2 of 5 tries"), (0, 1, "confirmed")],
)
def test_tries_are_counted_in_words(held_in: int, out_of: int, words: str) -> None:
    one = diagnosis(findings=(finding("x", Level.CONFIRMED, held_in=held_in, out_of=out_of),))
    assert f"x: {words}\n" in terminal.render(view(answer(one), CAUSES), Style())


def test_colour_carries_no_meaning_alone() -> None:
    coloured = shown(style=Style(colour=True))
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == shown()
    assert "\x1b" not in shown()


def test_plain_style_is_ascii() -> None:
    assert shown(style=Style(plain=True)).isascii()


def test_several_devices_have_a_block_each() -> None:
    body = terminal.render(
        view(answer(diagnosis(), diagnosis(device=Device(ip="192.168.1.9"))), CAUSES), Style()
    )
    assert body.count("How far it came") == 2
    assert body.count("What was read") == 1
    assert body.startswith(
        "2 devices, worst first: 2 fault\n\n"
        "FAULT  Photon e0:4f:43:00:00:01  Outbound TCP port 5683 is blocked (likely)\n"
        "FAULT  Photon 192.168.1.9        Outbound TCP port 5683 is blocked (likely)\n"
    )


def test_without_a_device_the_answer_is_about_any_photon() -> None:
    assert (
        shown(diagnoses=(diagnosis(device=Device()),)).splitlines()[3]
        == "Device: any Photon on this network"
    )


def test_quiet_is_one_line_for_each_device() -> None:
    assert screen.line(view(answer(), {})).startswith("fault: Photon e0:4f:43:00:00:01")
    assert screen.line(view(answer(), {})).count("\n") == 1
    assert screen.line(view(answer(diagnosis(), diagnosis()), {})).count("\n") == 2


def test_verbose_lists_every_observation() -> None:
    body = re.sub(r"\s+", " ", shown())
    assert (
        "2020-09-13T12:26:43.000Z e0:4f:43:00:00:01 tcp.cloud failed timeout > 192.0.2.10:5683"
        " [test.pcap#4]" in body
    )
    assert all(f"[{one.ref}]" in body for one in OBSERVATIONS)


def test_a_code_is_shown_as_the_standard_calls_it() -> None:
    refused = seen("dev wifi.join failed full code=17 code_of=status")
    assert "(DENIED_NO_MORE_STAS: the access point takes" in shown(observations=(refused,))
    ended = seen("dev wifi.link failed steered code=12 code_of=reason")
    assert "(BSS_TRANSITION_DISASSOC: BSS transition" in shown(observations=(ended,))
    assert "(" not in shown(observations=(seen("dev wifi.join failed full code=17"),))[-70:]


def test_a_moment_beyond_the_calendar_is_shown_as_it_is() -> None:
    far = msgspec.structs.replace(OBSERVATIONS[1], at=1e300)
    assert "1e+300" in shown(observations=(far,))


def test_nothing_hostile_reaches_the_reader() -> None:
    odd = seen("dev tcp.cloud failed timeout")
    odd = msgspec.structs.replace(
        odd, target=HOSTILE, source=HOSTILE, ref=HOSTILE, data=((HOSTILE, HOSTILE),)
    )
    one = diagnosis(
        headline=HOSTILE,
        notes=(HOSTILE,),
        unexplained=(HOSTILE,),
        device=Device(mac=HOSTILE, site=HOSTILE),
    )
    whole = answer(one, observations=(odd,), unread=(HOSTILE,), prove=HOSTILE)
    for out in (
        terminal.render(view(whole, {}), Style()),
        screen.line(view(whole, {})),
        json.render(whole, CREATED).decode(),
    ):
        assert all(character.isprintable() or character == "\n" for character in out)
    loaded = json.load(json.render(whole, CREATED))
    assert loaded.diagnoses[0].headline == "\\x1b[2J\\u202eevil\\u2028\\x9b"
