"""What conditions mean: comparisons, absence, one target for all, and what is cited."""

from __future__ import annotations

import pytest

from netcheck.correlator.catalogue import Condition, Pattern
from netcheck.correlator.rules.conditions import compiled
from netcheck.model import Observation
from tests.helpers.examples import Line, view


def found(pattern: Pattern, *lines: str) -> list[Observation]:
    rule = compiled({"it": pattern}, {})["it"]
    return list(rule(view([Line.read(line) for line in lines])))


def made(*lines: str) -> list[Observation]:
    return [Line.read(line).made() for line in lines]


@pytest.mark.parametrize(
    ("comparison", "holds", "fails"),
    [
        ("rtt_ms >= 2", "rtt_ms=2", "rtt_ms=1.9"),
        ("rtt_ms > 2", "rtt_ms=2.1", "rtt_ms=2"),
        ("rtt_ms <= 2", "rtt_ms=2", "rtt_ms=2.1"),
        ("rtt_ms < 2", "rtt_ms=1.9", "rtt_ms=2"),
        ("rtt_ms < 2", "rtt_ms=0", "ttl=1"),
        ("rtt_ms < 2", "rtt_ms=-1", "rtt_ms=true"),
        ("version < 1.5.0", "version=1.5.0-rc.1", "version=1.10.0"),
        ("version >= 0.7.0", "version=0.10.0", "version=unknown"),
        ("place = router|isp", "place=isp", "place=building"),
        ("place != router|isp", "place=building", "place=isp"),
        ("place != router", "ttl=1", "place=router"),
        ("start_seen = true", "start_seen=true", "start_seen=false"),
        ("portal", "portal=x", "portal="),
        ("no portal", "ttl=1", "portal=x"),
    ],
)
def test_comparisons(comparison: str, holds: str, fails: str) -> None:
    pattern = Pattern(all_of=(Condition(fact="tcp.cloud", data=(comparison,)),))
    assert found(pattern, f"dev tcp.cloud ok {holds}")
    assert not found(pattern, f"dev tcp.cloud ok {fails}")


def test_a_malformed_comparison_raises() -> None:
    pattern = Pattern(all_of=(Condition(fact="tcp.cloud", data=("ttl ~ 3",)),))
    with pytest.raises(ValueError, match="no comparison"):
        found(pattern, "dev tcp.cloud ok")


def test_what_is_given_is_needed_and_not_cited() -> None:
    pattern = Pattern(
        given=(Condition(fact="gateway.arp"),),
        all_of=(Condition(fact="tcp.cloud"),),
        any_of=(Condition(fact="internet.test"), Condition(fact="internet.reach")),
    )
    needed = ("dev gateway.arp ok", "dev tcp.cloud ok", "dev internet.reach ok")
    assert found(pattern, *needed) == made(*needed[1:])
    assert not found(pattern, *needed[1:])
    assert not found(pattern, *needed[:2])


def test_all_are_of_one_target() -> None:
    pattern = Pattern(
        given=(Condition(fact="gateway.arp", outcome=None),),
        all_of=(Condition(of="control", fact="gateway.arp"),),
        same_target=True,
    )
    lines = ("dev gateway.arp failed timeout >a", "ctl gateway.arp ok >a", "ctl gateway.arp ok >b")
    assert found(pattern, *lines) == made(lines[1])
    assert not found(pattern, lines[0], lines[2])


def test_words_are_found_in_lower_case_and_taken_back() -> None:
    pattern = Pattern(any_of=(Condition(fact="told.router_text", words="wpa3", unless="wpa2"),))
    assert found(pattern, "dev told.router_text ok text=WPA3")
    assert not found(pattern, "dev told.router_text ok text=WPA2%20or%20WPA3")
    assert not found(pattern, "dev told.router_text ok text=WPA2")


def test_one_rule_may_name_another() -> None:
    rules = compiled(
        {
            "inner": Pattern(any_of=(Condition(fact="tcp.cloud"),)),
            "outer": Pattern(
                all_of=(Condition(rule="inner", reason=("timeout",)),),
                none_of=(Condition(rule="code"),),
            ),
        },
        {"code": lambda view: view.attempt.own if len(view.attempt.own) > 1 else ()},
    )
    timeout = Line.read("dev tcp.cloud failed timeout")
    assert rules["outer"](view([timeout]))
    assert not rules["outer"](view([Line.read("dev tcp.cloud failed refused")]))
    assert not rules["outer"](view([timeout, Line.read("dev gateway.arp ok")]))
