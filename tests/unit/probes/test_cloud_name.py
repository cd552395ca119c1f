"""The cloud's name: what this network's resolvers and others say of it."""

from __future__ import annotations

import pytest
from netcheck.probes.cloud_name import cloud_name

from netcheck.model import Target
from netcheck.probing import DhcpOffer, Reply, Vantage
from netcheck.probing.testing import SILENCE, FakeNet, named, refusal
from tests.helpers.fake_net import Answers
from tests.helpers.probe_lines import (
    CLOUD,
    CONTROL,
    GATEWAY,
    NAME,
    OTHER_CLOUD,
    PUBLIC,
    by_fact,
    home_offer,
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
            refusal("held_here"),
            refusal("held_here"),
            refusal("held_here"),
            {
                "dns.cloud_name unclear held_here",
                "dns.compare unclear held_here",
                "dns.other_name unclear held_here",
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


HANDMADE = "9.9.9.9"
OFFERED = "192.168.1.53"


def with_own_resolver(*offers: DhcpOffer, **answers: Reply) -> FakeNet:
    """A computer whose user set a public resolver, which knows all names; `answers` are those of
    the network's own to the cloud's name and the control name.
    """
    names: Answers = {
        ("resolve", name, server): named(CLOUD if name == NAME else PUBLIC)
        for name in (NAME, CONTROL)
        for server in (HANDMADE, PUBLIC)
    }
    given: Answers = {
        ("resolve", NAME, OFFERED if offers else GATEWAY): answers["cloud"],
        ("resolve", CONTROL, OFFERED if offers else GATEWAY): answers["control"],
    }
    return FakeNet(
        names | given,
        here=Vantage(address="192.168.1.5", gateway=GATEWAY, resolvers=(HANDMADE,)),
        offers=offers,
    )


@pytest.mark.parametrize(
    ("cloud", "control", "said", "compared"),
    [
        (refusal("nxdomain"), named(PUBLIC), "failed nxdomain", "failed differs"),
        (refusal("timeout"), refusal("timeout"), "failed timeout", "failed differs"),
        (named("10.0.0.1"), named(PUBLIC), "failed bogon", "failed differs"),
        (named("146.112.61.106"), named(PUBLIC), "failed block_page", "failed differs"),
        (named(CLOUD), named(PUBLIC), "ok", "ok"),
    ],
)
def test_the_resolver_of_the_offer_is_asked_in_the_devices_place(
    cloud: Reply, control: Reply, said: str, compared: str
) -> None:
    net = with_own_resolver(home_offer(resolvers=(OFFERED,)), cloud=cloud, control=control)

    seen = list(cloud_name.run(Target(), net))

    assert [line(one) for one in by_fact(seen, "dns.cloud_name")] == [f"dns.cloud_name {said}"]
    assert f"dns.compare {compared}" in map(line, seen)


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_resolver_set_by_hand_acquits_no_other(is_heard: bool) -> None:
    offers = (home_offer(resolvers=(OFFERED,)),) if is_heard else ()
    net = with_own_resolver(*offers, cloud=refusal("nxdomain"), control=named(PUBLIC))

    assert "dns.cloud_name failed nxdomain" in lines(cloud_name, net)
    assert "dns.cloud_name ok" not in lines(cloud_name, net)


def test_where_no_offer_is_heard_and_the_gateway_serves_no_names_an_answer_proves_nothing() -> None:
    net = with_own_resolver(cloud=refusal("timeout"), control=refusal("refused"))

    assert {one for one in lines(cloud_name, net) if one.startswith("dns.cloud_name")} == {
        "dns.cloud_name unclear"
    }


def test_a_resolver_set_by_hand_that_fails_where_nothing_else_is_known_is_a_failure() -> None:
    net = FakeNet(here=Vantage(address="192.168.1.5", gateway=GATEWAY, resolvers=(HANDMADE,)))

    assert "dns.cloud_name failed timeout" in lines(cloud_name, net)


def test_an_offer_without_resolvers_makes_the_gateway_and_a_public_one_be_asked() -> None:
    net = with_own_resolver(home_offer(resolvers=()), cloud=SILENCE, control=SILENCE)
    net.answers |= {("resolve", NAME, GATEWAY): refusal("nxdomain")}

    seen = list(cloud_name.run(Target(), net))

    assert [line(one) for one in by_fact(seen, "dns.cloud_name")] == ["dns.cloud_name ok"]
    assert "dns.compare unclear nxdomain" in map(line, seen)


@pytest.mark.parametrize("steered", ["127.0.0.53", "224.0.0.251", "0.0.0.0", "169.254.1.1"])
def test_an_offer_steers_no_lookup_to_what_is_no_host_of_a_network(steered: str) -> None:
    net = with_own_resolver(home_offer(resolvers=(steered,)), cloud=SILENCE, control=SILENCE)

    list(cloud_name.run(Target(), net))

    assert steered not in {question[-1] for question in net.asked}
