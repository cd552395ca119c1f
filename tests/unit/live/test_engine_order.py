"""In which order probes run: those that listen run beside the others, those that need a failure
wait for one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator

import msgspec
import pytest

from netcheck.live import observe
from netcheck.model import Observation, Outcome, Stage, Target
from netcheck.probing import CannotRun, Net, Probe, Seen, Vantage
from netcheck.probing.testing import HOME, FakeNet

FAILED = Seen(fact="tcp.cloud", outcome=Outcome.FAILED, reason="timeout")
LEASE = Seen(fact="dhcp.lease", outcome=Outcome.OK)
ARP = Seen(fact="gateway.arp", outcome=Outcome.OK)


def made(
    run: Callable[[Target, Net], Iterable[Seen]],
    *,
    stage: Stage,
    settles: str,
    name: str = "sample",
    **traits: object,
) -> Probe:
    plain = Probe(
        name=name,
        ask="Is it so?",
        stage=stage,
        settles=frozenset({settles}),
        needs=frozenset(),
        sends=(),
        within_s=5.0,
        run=run,
    )
    return msgspec.structs.replace(plain, **traits)


def saying(*items: Seen) -> Callable[[Target, Net], Iterator[Seen]]:
    return lambda target, net: iter(items)


def facts(observations: Iterable[Observation]) -> list[str]:
    return [one.fact for one in observations if one.fact != "probe.run"]


def ends(observations: Iterable[Observation]) -> dict[str, str]:
    return {
        one.target: f"{one.outcome} {one.reason}".strip()
        for one in observations
        if one.fact == "probe.run"
    }


def test_who_listens_beside_holds_nobody_up() -> None:
    climbed = threading.Event()

    def listening(target: Target, net: Net) -> Iterator[Seen]:
        assert climbed.wait(5)
        yield LEASE

    def above(target: Target, net: Net) -> Iterator[Seen]:
        climbed.set()
        yield FAILED

    probes = [
        made(
            listening, stage=Stage.ADDRESS, settles="dhcp.lease", name="listening", background=True
        ),
        made(above, stage=Stage.TCP, settles="tcp.cloud", name="above"),
    ]

    assert facts(observe(Target(), FakeNet(), probes)) == ["tcp.cloud", "dhcp.lease"]


def test_a_listener_that_hangs_ends_with_its_time() -> None:
    released = threading.Event()

    def hanging(target: Target, net: Net) -> Iterator[Seen]:
        released.wait(5)
        yield LEASE

    probe = made(
        hanging,
        stage=Stage.ADDRESS,
        settles="dhcp.lease",
        name="hanging",
        background=True,
        within_s=0.05,
    )

    observations = list(observe(Target(), FakeNet(), [probe]))
    released.set()

    assert ends(observations) == {"hanging": "unclear budget"}


@pytest.mark.parametrize(
    ("outcome", "asked"), [(Outcome.FAILED, True), (Outcome.OK, False), (Outcome.UNCLEAR, False)]
)
def test_who_needs_a_failure_is_asked_only_after_one(outcome: Outcome, asked: bool) -> None:
    where = Seen(fact="tcp.reset_origin", outcome=Outcome.OK)
    probes = [
        made(
            saying(where),
            stage=Stage.TCP,
            settles="tcp.reset_origin",
            name="a_follower",
            only_if_failed=frozenset({"tcp.cloud"}),
        ),
        made(
            saying(Seen(fact="tcp.cloud", outcome=outcome)),
            stage=Stage.TCP,
            settles="tcp.cloud",
            name="first",
        ),
    ]

    observations = list(observe(Target(), FakeNet(), probes))

    assert facts(observations) == ["tcp.cloud", *(["tcp.reset_origin"] if asked else [])]
    assert ends(observations)["a_follower"] == ("ok" if asked else "skipped not_asked")


def test_nobody_is_told_of_a_question_that_is_not_asked() -> None:
    told: list[str] = []
    probe = made(
        saying(FAILED),
        stage=Stage.TCP,
        settles="tcp.cloud",
        only_if_failed=frozenset({"tcp.cloud"}),
    )

    list(observe(Target(), FakeNet(), [probe], progress=told.append))

    assert told == []


class Learning(FakeNet):
    """A network whose gateway's MAC is known once it was pinged."""

    def vantage(self) -> Vantage:
        return HOME if self.asked else msgspec.structs.replace(HOME, gateway_mac=None)


def test_what_comes_before_the_gateway_has_the_same_site_as_what_comes_after() -> None:
    net = Learning()

    def asking(target: Target, door: Net) -> Iterator[Seen]:
        net.asked.append(("ping", "192.168.1.1"))
        yield ARP

    probes = [
        made(saying(LEASE), stage=Stage.ADDRESS, settles="dhcp.lease"),
        made(asking, stage=Stage.GATEWAY, settles="gateway.arp"),
    ]

    observations = list(observe(Target(), net, probes))

    assert facts(observations) == ["dhcp.lease", "gateway.arp"]
    assert {one.site for one in observations} == {HOME.gateway_mac}


@pytest.mark.parametrize(("gateway", "expected"), [(HOME.gateway, HOME.gateway), (None, "")])
def test_without_a_gateway_that_shows_its_mac_nothing_is_held_back_for_good(
    gateway: str | None, expected: str
) -> None:
    here = msgspec.structs.replace(HOME, gateway=gateway, gateway_mac=None)
    observations = list(
        observe(
            Target(),
            FakeNet(here=here),
            [made(saying(LEASE), stage=Stage.ADDRESS, settles="dhcp.lease")],
        )
    )

    assert facts(observations) == ["dhcp.lease"]
    assert {one.site for one in observations} == {expected}


def test_a_fact_that_could_not_be_asked_says_what_is_missing() -> None:
    def lacking(target: Target, net: Net) -> Iterator[Seen]:
        raise CannotRun("type `sudo netcheck`")

    lease, _ = observe(
        Target(), FakeNet(), [made(lacking, stage=Stage.ADDRESS, settles="dhcp.lease")]
    )

    assert (lease.fact, lease.outcome, lease.text("says")) == (
        "dhcp.lease",
        Outcome.SKIPPED,
        "type `sudo netcheck`",
    )
