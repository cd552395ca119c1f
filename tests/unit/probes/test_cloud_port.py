"""The three first probes against a network that is a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

import pytest
from netcheck.probes.cloud_name import cloud_name
from netcheck.probes.cloud_port import cloud_port
from netcheck.probes.gateway import gateway

from netcheck.model import Target
from netcheck.probing import Kind, Probe, Reply, Vantage
from netcheck.probing.testing import HOME, SILENCE, FakeNet, named, opened, refusal
from tests.helpers.fake_net import Answers
from tests.helpers.probe_lines import (
    CLOUD,
    GATEWAY,
    NAME,
    OTHER_CLOUD,
    PUBLIC,
    by_fact,
    home_offer,
    line,
    lines,
)

T = TypeVar("T")
RANDOM = bytes((37 * place + 11) % 256 for place in range(40))


OTHER_RANDOM = bytes((91 * place + 5) % 256 for place in range(40))


def cloud_net(*visits: Reply, **controls: Reply) -> FakeNet:
    """A network whose resolver knows the cloud; `visits` are the connections to it in turn."""
    return FakeNet(
        {
            ("resolve", NAME, GATEWAY): named(CLOUD),
            ("resolve", NAME, PUBLIC): named(CLOUD),
            ("listen", CLOUD, 5683): list(visits),
            ("connect", PUBLIC, 443): controls.get("reach", opened()),
            ("connect", PUBLIC, 5683): controls.get("same_port", refusal("timeout")),
            ("connect", CLOUD, 443): controls.get("web", refusal("timeout")),
        }
    )


def test_two_different_nonces_are_a_cloud() -> None:
    seen = list(cloud_port.run(Target(), cloud_net(opened(RANDOM), opened(OTHER_RANDOM))))

    assert [line(one) for one in by_fact(seen, "tcp.cloud")] == ["tcp.cloud ok", "tcp.cloud ok"]
    assert [line(one) for one in by_fact(seen, "handshake.nonce")] == [
        "handshake.nonce ok",
        "handshake.nonce ok",
    ]
    assert line(by_fact(seen, "internet.reach")[0]) == "internet.reach ok"


def test_the_nonce_itself_is_not_kept() -> None:
    nonce = by_fact(
        cloud_port.run(Target(), cloud_net(opened(RANDOM), opened(OTHER_RANDOM))), "handshake.nonce"
    )[0]

    kept = dict(nonce.data)
    assert kept["received_bytes"] == 40
    assert len(str(kept["sha256"])) == 16
    assert RANDOM.hex() not in repr(kept)


@pytest.mark.parametrize(
    ("visit", "expected"),
    [
        (opened(b""), "handshake.nonce failed silent"),
        (opened(b"", "closed"), "handshake.nonce failed closed"),
        (opened(b"", "reset"), "handshake.nonce failed reset"),
        (opened(RANDOM[:39]), "handshake.nonce failed short"),
        (opened(RANDOM + b"\x80"), "handshake.nonce failed malformed"),
        (opened(b"\x00" * 40), "handshake.nonce failed not_random"),
        (opened(b"SSH-2.0-OpenSSH_9.6 and what more it says"), "handshake.nonce failed text"),
        (opened(b"HTTP/1.1 400 Bad Request\r\n"), "handshake.nonce failed text"),
    ],
)
def test_what_is_no_nonce(visit: Reply, expected: str) -> None:
    found = lines(cloud_port, cloud_net(visit, visit, visit))

    assert expected in found
    assert "tcp.cloud ok" in found
    assert "handshake.nonce ok" not in found


def test_the_same_nonce_twice_is_a_recording() -> None:
    seen = by_fact(
        cloud_port.run(Target(), cloud_net(opened(RANDOM), opened(RANDOM))), "handshake.nonce"
    )

    assert [line(one) for one in seen] == [
        "handshake.nonce ok",
        "handshake.nonce failed not_random",
    ]


def test_hostile_banner_is_kept_as_plain_text() -> None:
    banner = b"\x1b[2Jhello, this is a friendly banner....."

    nonce = by_fact(
        cloud_port.run(Target(), cloud_net(opened(banner), opened(banner))), "handshake.nonce"
    )[0]

    assert dict(nonce.data)["begins"] == "text"


@pytest.mark.parametrize("reason", ["timeout", "refused", "prohibited", "unreachable", "no_route"])
def test_a_connection_that_does_not_open(reason: str) -> None:
    net = cloud_net(*[refusal(reason)] * 3)

    found = lines(cloud_port, net)

    assert f"tcp.cloud failed {reason}" in found
    assert not any(one.startswith("handshake.nonce") for one in found)
    assert net.asked.count(("listen", CLOUD, 5683)) == (1 if reason == "no_route" else 3)


def test_what_does_not_open_is_tried_again_beside_a_neutral_host() -> None:
    seen = list(
        cloud_port.run(Target(), cloud_net(SILENCE, opened(RANDOM), SILENCE, opened(OTHER_RANDOM)))
    )

    assert [line(one) for one in by_fact(seen, "tcp.cloud")] == [
        "tcp.cloud failed timeout",
        "tcp.cloud ok",
        "tcp.cloud failed timeout",
        "tcp.cloud ok",
    ]
    assert [line(one) for one in by_fact(seen, "internet.reach")] == ["internet.reach ok"] * 3


@pytest.mark.parametrize("accident", ["open", "closed", "reset"])
def test_one_connection_without_a_nonce_accuses_nobody(accident: str) -> None:
    net = cloud_net(opened(b"", accident), opened(RANDOM), opened(OTHER_RANDOM))

    found = [line(one) for one in by_fact(cloud_port.run(Target(), net), "handshake.nonce")]

    reason = "silent" if accident == "open" else accident
    assert found == [f"handshake.nonce unclear {reason}", *["handshake.nonce ok"] * 2]


def test_each_answer_is_told_as_it_comes() -> None:
    class Cut(FakeNet):
        """No question beyond the neutral host and the first connections is answered in time."""

        def as_answered(self, questions: Sequence[Callable[[], T]]) -> Iterator[T]:
            for place, answer in enumerate(super().as_answered(questions)):
                if place == 3:
                    raise TimeoutError
                yield answer

    net = Cut(cloud_net(SILENCE).answers)
    told: list[str] = []
    with pytest.raises(TimeoutError):
        told += map(line, cloud_port.run(Target(), net))

    assert told == [
        "internet.reach ok",
        "tcp.neutral_same_port unclear timeout",
        "tcp.cloud failed timeout",
    ]


def test_only_the_address_that_the_device_takes_is_tried_again() -> None:
    net = FakeNet({("resolve", NAME, GATEWAY): named(CLOUD, OTHER_CLOUD)})

    list(cloud_port.run(Target(), net))

    assert [net.asked.count(("listen", ip, 5683)) for ip in (CLOUD, OTHER_CLOUD)] == [3, 1]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("open", "open", ["handshake.patience ok"] * 2),
        ("reset", "reset", ["handshake.patience failed reset"] * 2),
        (
            "closed",
            "reset",
            ["handshake.patience failed closed", "handshake.patience failed reset"],
        ),
        ("reset", "open", ["handshake.patience unclear reset", "handshake.patience ok"]),
        ("open", "closed", ["handshake.patience ok", "handshake.patience unclear closed"]),
    ],
)
def test_what_follows_the_nonce(first: str, second: str, expected: list[str]) -> None:
    net = cloud_net(opened(RANDOM, first), opened(OTHER_RANDOM, second))
    seen = list(cloud_port.run(Target(), net))

    assert [line(one) for one in by_fact(seen, "handshake.patience")] == expected
    assert [line(one) for one in by_fact(seen, "handshake.nonce")] == ["handshake.nonce ok"] * 2


def test_one_nonce_and_a_cut_behind_it_is_an_accident() -> None:
    assert "handshake.patience unclear reset" in lines(
        cloud_port, cloud_net(opened(RANDOM, "reset"), SILENCE, SILENCE)
    )


def test_who_is_cut_without_a_nonce_waited_for_none() -> None:
    assert not by_fact(
        cloud_port.run(Target(), cloud_net(opened(b"", "reset"), *[SILENCE] * 2)),
        "handshake.patience",
    )


@pytest.mark.parametrize(
    ("same_port", "web", "expected"),
    [
        (
            refusal("timeout"),
            refusal("timeout"),
            {"tcp.neutral_same_port unclear timeout", "tcp.cloud_other_port unclear timeout"},
        ),
        (
            refusal("refused"),
            refusal("refused"),
            {"tcp.neutral_same_port failed refused", "tcp.cloud_other_port unclear refused"},
        ),
        (
            refusal("prohibited"),
            opened(),
            {"tcp.neutral_same_port failed prohibited", "tcp.cloud_other_port ok"},
        ),
        (opened(), opened(), {"tcp.neutral_same_port ok", "tcp.cloud_other_port ok"}),
    ],
)
def test_controls_speak_only_when_they_answer(
    same_port: Reply, web: Reply, expected: set[str]
) -> None:
    assert expected <= lines(cloud_port, cloud_net(*[SILENCE] * 3, same_port=same_port, web=web))


def test_without_a_name_the_port_is_not_tested_and_the_internet_still_is() -> None:
    net = FakeNet({("connect", PUBLIC, 443): opened()})

    assert lines(cloud_port, net) == {
        "internet.reach ok",
        "tcp.neutral_same_port unclear timeout",
        "tcp.cloud skipped not_asked",
    }


def test_a_denied_name_is_replaced_by_what_a_public_resolver_knows() -> None:
    net = cloud_net(opened(RANDOM), opened(OTHER_RANDOM))
    net.answers["resolve", NAME, GATEWAY] = refusal("nxdomain")

    assert {"tcp.cloud ok", "handshake.nonce ok"} <= lines(cloud_port, net)


def false_address_net(visit: Reply) -> FakeNet:
    return FakeNet(
        {
            ("resolve", NAME, GATEWAY): named("192.168.1.1"),
            ("listen", "192.168.1.1", 5683): [visit, opened(OTHER_RANDOM)],
        }
    )


@pytest.mark.parametrize(
    ("visit", "reason"),
    [
        (refusal("refused"), "refused"),
        (opened(b""), "silent"),
        (opened(b"login please" * 4), "text"),
    ],
)
def test_what_a_false_address_does_is_no_word_about_the_port(visit: Reply, reason: str) -> None:
    found = lines(cloud_port, false_address_net(visit))

    assert f"tcp.false_address failed {reason}" in found
    assert "tcp.cloud skipped not_asked" in found


def test_a_private_address_that_speaks_the_nonce_is_a_private_cloud() -> None:
    found = lines(cloud_port, false_address_net(opened(RANDOM)))

    assert {"tcp.cloud ok", "handshake.nonce ok"} <= found
    assert not any(one.startswith("tcp.false_address") for one in found)


def test_at_most_three_addresses_are_visited() -> None:
    pool = [f"198.51.100.{host}" for host in range(10, 20)]
    net = FakeNet({("resolve", NAME, GATEWAY): named(*pool)})

    seen = list(cloud_port.run(Target(), net))

    assert (
        list(dict.fromkeys(dict(one.data)["address"] for one in by_fact(seen, "tcp.cloud")))
        == pool[:3]
    )


def test_impossible_addresses_are_not_visited() -> None:
    net = FakeNet({("resolve", NAME, GATEWAY): named("0.0.0.0", "224.0.0.1", "255.255.255.255")})

    list(cloud_port.run(Target(), net))

    assert not [question for question in net.asked if question[0] == "listen"]


@pytest.mark.parametrize("probe", [gateway, cloud_name, cloud_port], ids=lambda probe: probe.name)
def test_a_probe_settles_only_what_it_declares(probe: Probe) -> None:
    for net in (
        FakeNet(),
        cloud_net(opened(RANDOM), opened(OTHER_RANDOM)),
        false_address_net(refusal("timeout")),
    ):
        assert {seen.fact for seen in probe.run(Target(), net)} <= probe.settles


def test_the_worst_case_stays_within_the_declared_traffic() -> None:
    servers, offered = ("192.168.1.2", "192.168.1.3"), ("192.168.1.8", "192.168.1.9")
    pool = named(*[f"198.51.100.{host}" for host in range(10, 20)], HOME.gateway or "")
    answers: Answers = {("resolve", NAME, server): pool for server in (*servers, *offered)}
    answers |= {
        ("listen", f"198.51.100.{host}", 5683): [opened(b"") for _ in range(3)]
        for host in range(10, 20)
    }
    answers |= {
        ("listen", "198.51.100.10", 5683): [SILENCE, SILENCE, *[opened(b"") for _ in range(3)]],
        ("listen", HOME.gateway or "", 5683): [opened(RANDOM), opened(RANDOM)],
    }
    net = FakeNet(
        answers,
        here=Vantage(address=HOME.address, gateway=HOME.gateway, resolvers=servers),
        offers=(home_offer(resolvers=offered),),
    )

    list(cloud_port.run(Target(), net))

    asked = {Kind.TCP_CONNECTION: {"listen", "connect"}, Kind.DNS_QUERY: {"resolve"}}
    for kind, questions in asked.items():
        declared = sum(traffic.at_most for traffic in cloud_port.sends if traffic.kind is kind)
        each = 3 if kind is Kind.DNS_QUERY else 1
        assert each * sum(question[0] in questions for question in net.asked) == declared


@pytest.mark.parametrize("steered", ["10.99.0.1", "169.254.1.1", "127.0.0.1", "224.0.0.1"])
def test_no_resolver_steers_it_into_another_network(steered: str) -> None:
    server = HOME.gateway or ""
    net = FakeNet(
        {("resolve", NAME, server): named(steered)},
        here=Vantage(address=HOME.address, gateway=server, resolvers=(server,)),
    )

    said = list(cloud_port.run(Target(), net))

    assert not [question for question in net.asked if steered in question]
    assert [one.reason for one in said if one.fact == "tcp.cloud"] == ["not_asked"]


def sinkhole_net(*, is_offered: bool) -> FakeNet:
    """The network's resolver sends the cloud's name to a filter's public host; a public one is
    honest. `is_offered`: this computer asks the public one alone.
    """
    answers: Answers = {
        ("resolve", NAME, GATEWAY): named(OTHER_CLOUD),
        ("resolve", NAME, PUBLIC): named(CLOUD),
        ("listen", CLOUD, 5683): [opened(RANDOM), opened(OTHER_RANDOM)],
        ("listen", OTHER_CLOUD, 5683): [refusal("refused")] * 3,
        ("connect", OTHER_CLOUD, 443): opened(),
    }
    if not is_offered:
        return FakeNet(answers)
    here = Vantage(address=HOME.address, gateway=GATEWAY, resolvers=(PUBLIC,))
    return FakeNet(answers, here=here, offers=(home_offer(resolvers=(GATEWAY,)),))


@pytest.mark.parametrize("is_offered", [True, False])
def test_a_false_public_address_is_judged_by_itself(is_offered: bool) -> None:
    seen = list(cloud_port.run(Target(), sinkhole_net(is_offered=is_offered)))

    assert {dict(one.data)["address"] for one in by_fact(seen, "tcp.cloud")} == {OTHER_CLOUD}
    assert {line(one) for one in by_fact(seen, "tcp.cloud")} == {"tcp.cloud failed refused"}
    [compared] = by_fact(seen, "dns.compare")
    assert line(compared) == "dns.compare failed differs"
    assert dict(compared.data) == {"addresses": OTHER_CLOUD, "others": CLOUD}
    assert not by_fact(seen, "tcp.cloud_other_port")


def test_another_address_of_the_cloud_is_no_false_one() -> None:
    net = sinkhole_net(is_offered=False)
    net.answers |= {("listen", OTHER_CLOUD, 5683): [opened(OTHER_RANDOM), opened(RANDOM)]}

    seen = list(cloud_port.run(Target(), net))

    assert not by_fact(seen, "dns.compare")
    assert {line(one) for one in by_fact(seen, "tcp.cloud")} == {"tcp.cloud ok"}


def test_where_the_name_is_denied_the_address_that_others_give_shows_the_port() -> None:
    net = sinkhole_net(is_offered=False)
    net.answers |= {("resolve", NAME, GATEWAY): refusal("nxdomain")}

    seen = list(cloud_port.run(Target(), net))

    assert {line(one) for one in by_fact(seen, "tcp.cloud")} == {"tcp.cloud ok"}
    assert not by_fact(seen, "dns.compare")
