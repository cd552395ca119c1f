"""What the engine promises: stamped observations up the ladder, limits kept, and no fault of a
probe read as one of the network.
"""

from __future__ import annotations

import importlib.metadata
import re
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
import pytest

from netcheck.live import observe
from netcheck.live.engine import find, plan
from netcheck.live.registry import flaw_of
from netcheck.model import NETWORK, Observation, Outcome, Stage, Target
from netcheck.probing import (
    CannotRun,
    Kind,
    Need,
    Net,
    OwnFact,
    Probe,
    Reply,
    Seen,
    Traffic,
    Vantage,
    seen,
)
from netcheck.probing.testing import HOME, FakeNet, refusal


def made(
    run: Callable[[Target, Net], Iterable[Seen]],
    *,
    name: str = "sample",
    stage: Stage = Stage.TCP,
    settles: Iterable[str] = ("tcp.cloud",),
    needs: Iterable[Need] = (),
    sends: Iterable[Traffic] = (),
    within_s: float = 5.0,
) -> Probe:
    return Probe(
        name=name,
        ask="Is it so?",
        stage=stage,
        settles=frozenset(settles),
        needs=frozenset(needs),
        sends=tuple(sends),
        within_s=within_s,
        run=run,
    )


def saying(*items: Any) -> Callable[[Target, Net], Iterator[Any]]:
    return lambda target, net: iter(items)


def raising(error: BaseException) -> Callable[[Target, Net], Iterator[Seen]]:
    def run(target: Target, net: Net) -> Iterator[Seen]:
        yield GOOD
        raise error

    return run


def asking(times: int) -> Callable[[Target, Net], Iterator[Seen]]:
    def run(target: Target, net: Net) -> Iterator[Seen]:
        for _ in range(times):
            yield seen("tcp.cloud", net.connect("198.51.100.7", 5683), "cloud")

    return run


GOOD = Seen(fact="tcp.cloud", outcome=Outcome.OK)
TWO_FACTS = ("tcp.cloud", "handshake.nonce")


def told(observations: Iterable[Observation]) -> list[str]:
    return [f"{one.fact} {one.outcome} {one.reason}".strip() for one in observations]


def watched(
    *probes: Probe, net: FakeNet | None = None, target: Target | None = None, budget_s: float = 5.0
) -> list[Observation]:
    return list(observe(target or Target(), net or FakeNet(), probes, budget_s=budget_s))


# stamping


def test_an_observation_is_stamped_with_who_where_and_by_whom() -> None:
    nonce = Seen(fact="handshake.nonce", outcome=Outcome.OK)

    one = watched(made(saying(nonce), settles=TWO_FACTS))[0]

    assert (one.stage, one.subject, one.source, one.site) == (
        Stage.HANDSHAKE,
        HOME.mac,
        "probe:sample/1",
        HOME.gateway_mac,
    )


def test_a_fact_of_a_plug_in_stands_on_the_rung_of_its_probe() -> None:
    probe = made(
        saying(Seen(fact="acme.fact", outcome=Outcome.OK)), settles=["acme.fact"], stage=Stage.DNS
    )

    assert watched(probe)[0].stage is Stage.DNS


def test_a_probe_may_speak_of_the_network() -> None:
    assert (
        watched(made(saying(Seen(fact="tcp.cloud", outcome=Outcome.OK, subject=NETWORK))))[
            0
        ].subject
        == NETWORK
    )


@pytest.mark.parametrize(
    ("here", "target", "expected"),
    [
        (
            Vantage(address="192.168.1.5", gateway="192.168.1.1"),
            Target(),
            ("192.168.1.5", "192.168.1.1"),
        ),
        (HOME, Target(site="lobby"), (HOME.mac, "lobby")),
        (Vantage(), Target(), (NETWORK, "")),
    ],
)
def test_what_stands_in_for_an_unknown_mac(
    here: Vantage, target: Target, expected: tuple[str, str]
) -> None:
    one = watched(made(saying(GOOD)), net=FakeNet(here=here), target=target)[0]

    assert (one.subject, one.site) == expected


def test_the_time_is_that_of_the_question_and_not_of_its_report() -> None:
    net = FakeNet(now=500.0)

    def slow_to_tell(target: Target, door: Net) -> Iterator[Seen]:
        asked = door.clock()
        reply = door.connect("198.51.100.7", 5683)
        net.sleep(60)
        yield seen("tcp.cloud", reply, clock=asked)

    one = watched(
        made(slow_to_tell, sends=[Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=1)]),
        net=net,
    )[0]

    assert one.at == one.number("clock") + 1  # type: ignore[operator]  # the probe above gives it
    assert one.took_s == 5.0


def test_probes_run_from_the_lowest_rung_up() -> None:
    dns = made(
        saying(Seen(fact="dns.cloud_name", outcome=Outcome.OK)),
        name="dns",
        stage=Stage.DNS,
        settles=["dns.cloud_name"],
    )
    heard: list[str] = []

    observations = list(
        observe(Target(), FakeNet(), [made(saying(GOOD)), dns], progress=heard.append)
    )

    assert told(observations) == [
        "dns.cloud_name ok",
        "probe.run ok",
        "tcp.cloud ok",
        "probe.run ok",
    ]
    assert heard == ["dns: Is it so?", "tcp: Is it so?"]


def test_probes_of_one_rung_run_together() -> None:
    both = threading.Barrier(2, timeout=5)

    def meeting(target: Target, net: Net) -> Iterator[Seen]:
        both.wait()
        yield GOOD

    assert (
        told(watched(made(meeting, name="one"), made(meeting, name="two"))).count("tcp.cloud ok")
        == 2
    )


# how a run ends


def test_a_good_run_says_what_it_sent_and_what_it_left_open() -> None:
    sends = [Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=3)]

    run = watched(made(asking(2), settles=TWO_FACTS, sends=sends))[-1]

    assert run.fact == "probe.run"
    assert dict(run.data) == {"probe": "sample", "tcp_connection": 2, "facts": "handshake.nonce"}


def test_a_probe_that_cannot_look_is_skipped_and_says_what_is_missing() -> None:
    *_, fact, run = watched(
        made(raising(CannotRun("needs a spectrum analyser")), settles=TWO_FACTS)
    )

    assert told([fact, run]) == ["handshake.nonce skipped needs", "probe.run skipped needs"]
    assert run.text("says") == "needs a spectrum analyser"


def test_a_crash_is_our_bug_and_leaves_its_facts_open() -> None:
    good, fact, run = watched(made(raising(ValueError("a \x1b[31mbug")), settles=TWO_FACTS))

    assert told([good, fact, run]) == [
        "tcp.cloud ok",
        "handshake.nonce unclear crashed",
        "probe.run unclear crashed",
    ]
    assert run.text("error").endswith("\nValueError")
    assert "bug" not in run.text("error") + run.text("says") + fact.text("says")
    assert "test_engine.py" in run.text("error")
    assert "/" not in run.text("error")


def test_a_long_traceback_is_cut() -> None:
    def deep(levels: int) -> Iterator[Seen]:
        if levels:
            yield from deep(levels - 1)
        raise ValueError

    assert len(watched(made(lambda target, net: deep(200)))[-1].text("error")) <= 2000


class Unspeakable(Exception):
    def __str__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    "error",
    [KeyboardInterrupt(), SystemExit(0), Unspeakable()],
    ids=lambda error: type(error).__name__,
)
def test_whatever_a_probe_raises_ends_it_alone(error: BaseException) -> None:
    good, fact, run = watched(made(raising(error), settles=TWO_FACTS))

    assert told([good, fact, run]) == [
        "tcp.cloud ok",
        "handshake.nonce unclear crashed",
        "probe.run unclear crashed",
    ]
    assert type(error).__name__ in run.text("error")


def _wrong(value: object) -> Any:
    """A value of a type that its field does not have, as a careless plug-in gives it."""
    return value


@pytest.mark.parametrize(
    "rubbish",
    [
        42,
        None,
        Seen(fact="dns.cloud_name", outcome=Outcome.FAILED),
        Seen(fact="tcp.cloud", outcome=_wrong("broken")),
        Seen(fact="tcp.cloud", outcome=Outcome.FAILED, reason="because"),
        Seen(fact="tcp.cloud", outcome=Outcome.OK, data=(("rtt_ms", float("nan")),)),
        Seen(fact="tcp.cloud", outcome=Outcome.OK, data=(("rtt_ms", _wrong(["1"])),)),
        Seen(fact="tcp.cloud", outcome=Outcome.OK, took_s=_wrong("soon")),
    ],
    ids=repr,
)
def test_rubbish_is_a_crash(rubbish: object) -> None:
    assert told(watched(made(saying(rubbish)))) == [
        "tcp.cloud unclear crashed",
        "probe.run unclear crashed",
    ]


def test_a_probe_that_returns_nothing_is_a_crash() -> None:
    assert told(watched(made(lambda target, net: _wrong(None))))[-1] == "probe.run unclear crashed"


def test_a_probe_that_never_stops_talking_is_cut_off() -> None:
    def forever(target: Target, net: Net) -> Iterator[Seen]:
        while True:
            yield GOOD

    found = told(watched(made(forever)))

    assert found[-1] == "probe.run unclear crashed"
    assert len(found) < 500


def test_long_texts_are_cut() -> None:
    one = watched(
        made(
            saying(
                Seen(
                    fact="tcp.cloud",
                    outcome=Outcome.OK,
                    target="x" * 9999,
                    data=(("k", "y" * 9999),),
                )
            )
        )
    )[0]

    assert (len(one.target), len(one.text("k"))) == (500, 500)


# limits


def test_a_hung_probe_is_left_behind_and_its_late_word_dropped() -> None:
    wake, woken = threading.Event(), threading.Event()

    def hanging(target: Target, net: Net) -> Iterator[Seen]:
        wake.wait(5)
        woken.set()
        yield GOOD

    healthy = made(
        saying(Seen(fact="session.open", outcome=Outcome.OK)),
        name="next",
        stage=Stage.SESSION,
        settles=["session.open"],
    )
    found = []
    for one in observe(Target(), FakeNet(), [made(hanging, within_s=0.05), healthy]):
        wake.set()
        woken.wait(5)
        found.append(one)

    assert told(found) == [
        "tcp.cloud unclear budget",
        "probe.run unclear budget",
        "session.open ok",
        "probe.run ok",
    ]


def test_after_its_deadline_a_probe_can_send_no_more() -> None:
    over, tried = threading.Event(), threading.Event()
    net = FakeNet()

    def late(target: Target, door: Net) -> Iterator[Seen]:
        over.wait(5)
        try:
            yield seen("tcp.cloud", door.connect("198.51.100.7", 5683))
        finally:
            tried.set()

    probe = made(
        late, within_s=0.05, sends=[Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=1)]
    )
    watched(probe, net=net)
    over.set()

    assert tried.wait(5)
    assert net.asked == []


def test_a_probe_cannot_sleep_past_its_deadline() -> None:
    ended = threading.Event()

    def sleeping(target: Target, net: Net) -> Iterator[Seen]:
        try:
            net.sleep(3600)
        finally:
            ended.set()
        yield GOOD

    assert told(watched(made(sleeping, within_s=0.05))) == [
        "tcp.cloud unclear budget",
        "probe.run unclear budget",
    ]
    assert ended.wait(5)


@pytest.mark.parametrize(("declared", "asked"), [(0, 0), (2, 2)])
def test_no_more_is_sent_than_was_declared(declared: int, asked: int) -> None:
    net = FakeNet()
    sends = [
        Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=declared),
        Traffic(kind=Kind.DNS_QUERY, to="resolver", at_most=9),
    ]

    run = watched(made(asking(3), sends=sends), net=net)[-1]

    assert told([run]) == ["probe.run unclear budget"]
    assert len(net.asked) == asked


def test_a_look_up_counts_both_queries_that_it_may_send() -> None:
    def looking(target: Target, net: Net) -> Iterator[Seen]:
        yield seen("tcp.cloud", net.resolve("a.example", "192.168.1.1"))

    sends = [Traffic(kind=Kind.DNS_QUERY, to="resolver", at_most=1)]

    assert told(watched(made(looking, sends=sends)))[-1] == "probe.run unclear budget"


def test_without_budget_nothing_is_begun() -> None:
    net = FakeNet()

    found = told(watched(made(asking(1)), net=net, budget_s=0.0))

    assert found == ["tcp.cloud skipped budget", "probe.run skipped budget"]
    assert net.asked == []


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        (refusal("no_route", says="no gateway"), "no_route"),
        (refusal("needs", says="no gateway"), "needs"),
    ],
)
def test_what_a_probe_needs_is_looked_for_first(missing: Reply, reason: str) -> None:
    net = FakeNet(missing={Need.INTERNET: missing})

    fact, run = watched(made(asking(1), needs=[Need.INTERNET]), net=net)

    assert told([fact, run]) == [f"tcp.cloud skipped {reason}", f"probe.run skipped {reason}"]
    assert run.text("says") == "no gateway"


def test_closing_the_iterator_shuts_the_door() -> None:
    begun, over, tried = threading.Event(), threading.Event(), threading.Event()
    net = FakeNet()

    def patient(target: Target, door: Net) -> Iterator[Seen]:
        yield GOOD
        begun.set()
        over.wait(5)
        try:
            door.connect("198.51.100.7", 5683)
        finally:
            tried.set()

    run = observe(
        Target(),
        net,
        [made(patient, sends=[Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=1)])],
    )
    next(run)
    assert begun.wait(5)
    run.close()  # type: ignore[attr-defined]  # the contract promises an iterator; this one is a generator
    over.set()

    assert tried.wait(5)
    assert net.asked == []


def interrupted(
    *probes: Probe, net: FakeNet | None = None, stop: threading.Event
) -> list[Observation]:
    return list(observe(Target(), net or FakeNet(), probes, budget_s=60.0, stop=stop))


def test_interrupted_it_tells_what_was_seen_and_what_was_sent() -> None:
    stop = threading.Event()

    def patient(target: Target, net: Net) -> Iterator[Seen]:
        yield seen("tcp.cloud", net.connect("198.51.100.7", 5683), "cloud")
        stop.set()
        net.sleep(3600)

    probe = made(
        patient,
        settles=TWO_FACTS,
        sends=[Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=1)],
        within_s=60.0,
    )
    good, fact, run = interrupted(probe, stop=stop)

    assert told([good, fact, run]) == [
        "tcp.cloud failed timeout",
        "handshake.nonce unclear interrupted",
        "probe.run unclear interrupted",
    ]
    assert run.number("tcp_connection") == 1


def test_interrupted_it_asks_nobody_any_more_and_says_so() -> None:
    net, stop = FakeNet(), threading.Event()
    stop.set()
    sends = [Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=1)]

    found = interrupted(made(asking(1), sends=sends), net=net, stop=stop)

    assert told(found) == ["tcp.cloud skipped interrupted", "probe.run skipped interrupted"]
    assert net.asked == []


def test_interrupted_before_the_gateway_was_asked_nothing_is_lost() -> None:
    stop = threading.Event()

    def low(target: Target, net: Net) -> Iterator[Seen]:
        yield Seen(fact="dhcp.offer", outcome=Outcome.FAILED, reason="no_offer")
        stop.set()
        net.sleep(3600)

    probe = made(low, stage=Stage.ADDRESS, settles=["dhcp.offer"], within_s=60.0)
    without_mac = Vantage(mac=HOME.mac, address=HOME.address, gateway=HOME.gateway)
    offer, run = interrupted(probe, net=FakeNet(here=without_mac), stop=stop)

    assert told([offer, run]) == ["dhcp.offer failed no_offer", "probe.run unclear interrupted"]
    assert {offer.site, run.site} == {HOME.gateway}


# finding probes


class FakeEntry:
    """An entry point that needs no installed package."""

    def __init__(self, name: str, load: Callable[[], object], package: str = "acme") -> None:
        self.name = name
        self.load = load
        self.dist = type("Distribution", (), {"name": package})()


def failing(error: BaseException) -> Callable[[], object]:
    def load() -> object:
        raise error

    return load


def test_our_own_probes_are_found() -> None:
    problems: list[str] = []

    assert {"gateway", "cloud_name", "cloud_port"} <= {probe.name for probe in find(problems)}
    assert problems == []


def test_a_broken_plug_in_is_named_and_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    good = made(saying(GOOD), name="good")
    entries = [
        FakeEntry("good", lambda: good),
        FakeEntry("import", failing(ImportError("no module \x1b[2J"))),
        FakeEntry("exit", failing(SystemExit(3))),
        FakeEntry("function", lambda: print),
        FakeEntry("again", lambda: good, "zeta"),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)
    problems: list[str] = []

    assert [probe.name for probe in find(problems)] == ["good"]
    assert sorted(problems) == [
        "plug-in again of zeta: another plug-in is already called good; this one is left out",
        "plug-in exit of acme: cannot be loaded: SystemExit: 3",
        "plug-in function of acme: is no probe; declare it with netcheck.probing.probe",
        "plug-in import of acme: cannot be loaded: ImportError: no module ?[2J",
    ]


def test_a_stranger_cannot_take_the_place_of_our_own_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = made(saying(GOOD), name="gateway"), made(saying(), name="gateway")
    entries = [
        FakeEntry("a", lambda: theirs, "acme"),
        FakeEntry("gateway", lambda: ours, "photon-netcheck"),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)

    assert find() == [ours]


def test_nobody_waits_for_a_probe_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [
        FakeEntry("a", lambda: made(saying(), name="theirs")),
        FakeEntry("b", lambda: made(saying(), name="ours"), "photon-netcheck"),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)

    assert {probe.name: probe.background for probe in find()} == {"theirs": True, "ours": False}


@pytest.mark.parametrize("fact", ["dns.my_own", "nodots", ".x", "acme."])
def test_a_plug_in_invents_no_facts_under_our_prefixes(fact: str) -> None:
    assert "settles" in flaw_of(made(saying(), settles=[fact]))


@pytest.mark.parametrize("within_s", [0.0, -1.0, float("inf"), float("nan")])
def test_a_probe_has_a_time_limit(within_s: float) -> None:
    assert "time limit" in flaw_of(made(saying(), within_s=within_s))


def test_the_plan_adds_up_and_names_the_target() -> None:
    traffic = Traffic(kind=Kind.TCP_CONNECTION, to="{cloud_host}:{cloud_port}", at_most=2)
    other = Traffic(kind=Kind.DNS_QUERY, to="{cloud_host}", at_most=1)

    rows = plan(
        [
            made(saying(), name="a", sends=[traffic]),
            made(saying(), name="b", sends=[traffic, other]),
        ],
        Target(cloud_host="c.lan"),
    )

    assert [(row.kind, row.to, row.at_most) for row in rows] == [
        (Kind.TCP_CONNECTION, "c.lan:5683", 4),
        (Kind.DNS_QUERY, "c.lan", 1),
    ]


def test_a_fact_of_a_package_says_what_it_means() -> None:
    meant = msgspec.structs.replace(
        made(saying(Seen(fact="acme.a", outcome=Outcome.OK)), settles=("acme.a",)),
        facts={"acme.a": OwnFact(meaning=" the hub \x1b answers " * 40, stops_connection=False)},
    )
    unmeant = made(saying(), settles=("acme.b",), name="unmeant")

    seen = [one for one in observe(Target(), FakeNet(), [meant, unmeant]) if "acme" in one.fact]

    (said,) = seen
    assert len(said.text("meaning")) <= 200
    assert said.text("meaning").startswith("the hub \\x1b answers")
    assert said.value("stops_connection") is False
    assert unmeant.words_of("acme.b") == (("meaning", unmeant.ask),)
    assert unmeant.words_of("tcp.cloud") == ()


@pytest.mark.parametrize("words", [OwnFact(meaning=_wrong(5)), "the hub answers"])
def test_words_that_are_none_make_a_probe_unusable(words: object) -> None:
    probe = msgspec.structs.replace(made(saying(), settles=("acme.a",)), facts={"acme.a": words})

    assert flaw_of(probe).startswith("brings a fact without a meaning")


def test_what_a_package_says_of_its_probe_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = msgspec.structs.replace(
        made(saying(), name="theirs"),
        ask="Is it \x1b[2J so?" + "x" * 10**6,
        sends=(Traffic(kind=Kind.ICMP_ECHO, to="the \u202e hub", at_most=1),),
    )
    entries = [FakeEntry("a", lambda: hostile)]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: entries)

    (found,) = find()

    assert found.ask.startswith("Is it \\x1b[2J so?")
    assert len(found.ask) <= 500
    assert found.sends[0].to == "the \\u202e hub"


@pytest.mark.parametrize("name", ["", "two words", "\x1b[2J", "x" * 81])
def test_a_name_that_cannot_be_typed_makes_a_probe_unusable(name: str) -> None:
    assert flaw_of(made(saying(), name=name)).startswith("has no usable name")


@pytest.mark.parametrize("fact", ["acme.", ".hub", "acme", "acme.\x1b", "acme hub.x", "tcp.mine"])
def test_a_fact_that_cannot_be_a_package_s_makes_a_probe_unusable(fact: str) -> None:
    assert flaw_of(made(saying(), settles=(fact,))).startswith("settles ")


# what an author reads


def test_a_crash_names_the_probe_and_what_went_wrong_in_one_line() -> None:
    stranger = Seen(fact="bob.yy", outcome=Outcome.OK)
    says = "probe sample crashed: yielded bob.yy, which it does not declare in settles or facts"

    assert watched(made(saying(stranger)))[-1].text("says") == says
    assert re.fullmatch(
        r"probe sample crashed: ValueError at test_engine\.py:\d+ in \w+",
        watched(made(raising(ValueError("two\nlines"))))[-1].text("says"),
    )


@pytest.mark.parametrize(
    "item",
    [
        Seen(fact="my password 1", outcome=Outcome.OK),
        Seen(fact="tcp.cloud", outcome=Outcome.FAILED, reason="my password 1"),
        Seen(fact="tcp.cloud", outcome=_wrong("my password 1")),
        Seen(fact="tcp.cloud", outcome=Outcome.OK, took_s=_wrong("my password 1")),
    ],
    ids=repr,
)
def test_what_a_plug_in_wrote_is_not_repeated_where_it_is_refused(item: Seen) -> None:
    found = watched(made(saying(item)))

    assert "password" not in repr(found)
    assert "probe sample crashed: yielded a" in found[-1].text("says")


def test_a_limit_says_what_to_declare() -> None:
    sends = [Traffic(kind=Kind.TCP_CONNECTION, to="cloud", at_most=1)]

    assert watched(made(asking(2), sends=sends))[-1].text("says") == (
        "probe sample: sends= allows 1 tcp_connection packets; the probe wanted to send 2"
        " (add a Traffic)"
    )


@pytest.mark.parametrize(
    ("probe", "flaw"),
    [
        (made(saying(), settles=["no_prefix"]), "probe sample: settles 'no_prefix'"),
        (
            msgspec.structs.replace(made(saying()), facts={"tcp.cloud": OwnFact(meaning="m")}),
            "gives a meaning to 'tcp.cloud', a fact of netcheck",
        ),
        (msgspec.structs.replace(made(saying()), stage="internett"), "has no usable stage"),
    ],
    ids=["a fact without a prefix", "a fact of netcheck", "a stage that there is not"],
)
def test_what_could_not_be_installed_cannot_be_tried(probe: Probe, flaw: str) -> None:
    with pytest.raises(ValueError, match=flaw):
        watched(probe)
