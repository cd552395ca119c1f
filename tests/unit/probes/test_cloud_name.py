"""The cloud's name: what this network's resolvers and others say of it."""

from __future__ import annotations

import pytest
from netcheck.probes.cloud_name import cloud_name

from netcheck.model import Target
from netcheck.probing import Reply, Vantage
from netcheck.probing.testing import FakeNet, named, refusal
from tests.helpers.probe_lines import (
    CLOUD,
    CONTROL,
    GATEWAY,
    NAME,
    OTHER_CLOUD,
    PUBLIC,
    by_fact,
    line,
    lines,
)


@pytest.mark.parametrize(
    ("own", "public", "control", "expected"),
    [
        (
            named(CLOUD),
            named(CLOUD),
            named(PUBLIC),
            {"dns.cloud_name ok", "dns.compare ok", "dns.other_name ok"},
        ),
        # The cloud hands out addresses from a pool: other ones are no evidence.
        (
            named(CLOUD),
            named(OTHER_CLOUD),
            named(PUBLIC),
            {"dns.cloud_name ok", "dns.compare unclear differs", "dns.other_name ok"},
        ),
        (
            refusal("nxdomain"),
            named(CLOUD),
            named(PUBLIC),
            {"dns.cloud_name failed nxdomain", "dns.compare failed differs", "dns.other_name ok"},
        ),
        (
            refusal("timeout"),
            refusal("timeout"),
            refusal("timeout"),
            {
                "dns.cloud_name failed timeout",
                "dns.compare unclear timeout",
                "dns.other_name failed timeout",
            },
        ),
        # Its own firewall lets nothing out: no word about the network.
        (
            refusal("no_route"),
            refusal("no_route"),
            refusal("no_route"),
            {
                "dns.cloud_name unclear no_route",
                "dns.compare unclear no_route",
                "dns.other_name unclear no_route",
            },
        ),
        (
            named("10.0.0.1"),
            named(CLOUD),
            named(PUBLIC),
            {"dns.cloud_name failed bogon", "dns.compare failed differs", "dns.other_name ok"},
        ),
        # Queries to a foreign resolver are answered falsely as well: somebody intercepts them.
        (
            named("0.0.0.0"),
            named("0.0.0.0"),
            named(PUBLIC),
            {"dns.cloud_name failed bogon", "dns.compare failed bogon", "dns.other_name ok"},
        ),
    ],
)
def test_the_name_and_what_others_say_of_it(
    own: Reply, public: Reply, control: Reply, expected: set[str]
) -> None:
    net = FakeNet(
        {
            ("resolve", NAME, GATEWAY): own,
            ("resolve", NAME, PUBLIC): public,
            ("resolve", CONTROL, GATEWAY): control,
        },
    )

    assert lines(cloud_name, net) == expected


def test_a_silent_second_resolver_stops_no_device() -> None:
    net = FakeNet(
        {
            ("resolve", NAME, "192.168.1.2"): named(CLOUD),
            ("resolve", NAME, PUBLIC): named(CLOUD),
            ("resolve", NAME, GATEWAY): named(CLOUD),
        },
        here=Vantage(
            address="192.168.1.5", gateway=GATEWAY, resolvers=("192.168.1.9", "192.168.1.2")
        ),
    )

    seen = list(cloud_name.run(Target(), net))

    assert [line(one) for one in by_fact(seen, "dns.cloud_name")] == ["dns.cloud_name ok"]
    assert "dns.compare unclear timeout" in map(line, seen)


def test_a_hijacking_second_resolver_is_named_although_the_first_is_honest() -> None:
    net = FakeNet(
        {
            ("resolve", NAME, GATEWAY): named(CLOUD),
            ("resolve", NAME, "192.168.1.2"): named("192.168.1.2"),
        },
        here=Vantage(address="192.168.1.5", gateway=GATEWAY, resolvers=(GATEWAY, "192.168.1.2")),
    )

    assert {"dns.cloud_name ok", "dns.cloud_name failed bogon"} <= lines(cloud_name, net)


def test_without_resolvers_the_gateway_and_the_public_one_are_asked_as_the_device_would() -> None:
    net = FakeNet(here=Vantage(address="192.168.1.5", gateway=GATEWAY))

    list(cloud_name.run(Target(), net))

    assert [question for question in net.asked if question[1] == NAME] == [
        ("resolve", NAME, GATEWAY),
        ("resolve", NAME, PUBLIC),
    ]


def test_a_cloud_that_the_user_named_may_have_a_private_address() -> None:
    net = FakeNet({("resolve", "cloud.lan", GATEWAY): named("192.168.1.77")})

    assert "dns.cloud_name ok" in lines(cloud_name, net, Target(cloud_host="cloud.lan"))


def test_an_address_needs_no_name() -> None:
    net = FakeNet()

    assert lines(cloud_name, net, Target(cloud_host="192.168.1.77")) == {
        "dns.cloud_name skipped not_asked"
    }
    assert net.asked == []
