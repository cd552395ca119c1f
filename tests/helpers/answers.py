"""One answer with everything in it, for the tests of reports, redaction and the command line."""

from __future__ import annotations

from netcheck.model import (
    Clue,
    Device,
    Diagnosis,
    Evidence,
    Finding,
    Level,
    NextTest,
    Observation,
    Owner,
    Rung,
    Stage,
    State,
    Untested,
    Verdict,
    Weight,
)
from netcheck.report.answer import Answer
from tests.helpers.notation import DEV, case

DEVICE_ID = "1f0056dfe347343232361234"
OBSERVATIONS = tuple(
    case("""
        net capture.coverage ok @0 span_s=61.2 link=EN10MB packets=1234 relevant=87 cannot_show=past
        dev dhcp.lease ok @1 address=192.168.1.7 server=192.168.1.1
        dev dns.cloud_name ok @2 >device.spark.io addresses=192.0.2.10
        dev tcp.cloud failed timeout >192.0.2.10:5683 @3
        dev tcp.cloud failed timeout >192.0.2.10:5683 @13
        ctl tcp.cloud failed timeout >192.0.2.10:5683 @4
        ctl dhcp.lease ok @5 address=192.168.1.66 ssid=annas-phone
        ctl internet.reach ok @6 >198.51.100.9:443
        """)
)
FALLEN = tuple(one for one in OBSERVATIONS if one.fact == "tcp.cloud")
STATES = {
    Stage.ADDRESS: State.PASSED,
    Stage.DNS: State.PASSED,
    Stage.TCP: State.FAILED,
    Stage.HANDSHAKE: State.UNREACHED,
}


def clue(says: str, *seen: Observation) -> Evidence:
    return Evidence(clue=Clue(weight=Weight.STRONG, says=says), seen=seen)


def finding(cause: str, level: Level, **changes: object) -> Finding:
    fields: dict[str, object] = {
        "stage": Stage.TCP,
        "owner": Owner.ROUTER,
        "stops_connection": True,
        "held_in": 2,
        "out_of": 2,
        "remedy": ("Allow outgoing TCP 5683.", "Try a hotspot."),
        "ask_it": "Please open port 5683.",
    }
    return Finding(cause=cause, level=level, **(fields | changes))  # type: ignore[arg-type]  # fields go in by name


def rung(stage: Stage) -> Rung:
    state = STATES.get(stage, State.UNTESTED)
    return Rung(stage=stage, state=state, because=FALLEN if state is State.FAILED else ())


def diagnosis(**changes: object) -> Diagnosis:
    fields: dict[str, object] = {
        "device": Device(mac=DEV, id=DEVICE_ID, ip="192.168.1.7", firmware=">=0.7.0"),
        "verdict": Verdict.FAULT,
        "headline": "The network blocks TCP port 5683.",
        "owner": Owner.ROUTER,
        "ladder": tuple(rung(stage) for stage in Stage),
        "findings": (
            finding(
                "cloud_port_blocked", Level.LIKELY, support=(clue("no answer on 5683", *FALLEN),)
            ),
            finding("cloud_unreachable", Level.POSSIBLE),
            finding("client_isolation", Level.POSSIBLE, stops_connection=False),
            finding(
                "internet_down",
                Level.RULED_OUT,
                oppose=(clue("others reach the Internet", OBSERVATIONS[-1]),),
            ),
        ),
        "unexplained": ("The second try ended earlier.",),
        "not_tested": (
            Untested(fact="wifi.join", why="no 802.11 frames"),
            Untested(fact="gateway.arp", why="no 802.11 frames"),
        ),
        "next_tests": (
            NextTest(
                test="cloud_port",
                settles=("cloud_port_blocked",),
                cost_s=180,
                how="Run netcheck there.",
            ),
        ),
        "notes": (f"{DEV} asked 192.168.1.1 as annas-phone did.",),
    }
    return Diagnosis(**(fields | changes))  # type: ignore[arg-type]  # fields go in by name


def answer(*diagnoses: Diagnosis, **changes: object) -> Answer:
    fields: dict[str, object] = {
        "diagnoses": diagnoses or (diagnosis(),),
        "observations": OBSERVATIONS,
        "unread": ("lost.pcap: is no capture.",),
        "prove": "Run `netcheck pcap NEW_FILE`.",
    }
    return Answer(**(fields | changes))  # type: ignore[arg-type]  # fields go in by name
