"""Who is offered an address: what the probe says of a network that is a table, and which cause that
comes to.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from netcheck.probes.cloud_port import cloud_port
from netcheck.probes.dhcp_lease import NEW_CLIENT, dhcp_lease

from netcheck.correlator.diagnosis import diagnose
from netcheck.live import observe
from netcheck.live.net.raw.arp import most_arp_requests
from netcheck.live.send_limits import MeteredNet
from netcheck.model import NETWORK, STANDING, Outcome, Target
from netcheck.probing import DhcpOffer, Kind, Need, Seen
from netcheck.probing.testing import HOME, FakeNet, opened, refusal

THIS, DEVICE, SERVER, RIVAL = (
    "02:00:00:00:00:05",
    "6c:0b:84:00:00:01",
    "192.168.1.1",
    "192.168.1.66",
)
AS_DEVICE = Target(as_device=DEVICE)


def offer(client: str, **changes: object) -> DhcpOffer:
    """What a home router offers."""
    usual = DhcpOffer(
        client=client,
        server=SERVER,
        server_mac="02:00:00:00:00:01",
        address={NEW_CLIENT: "192.168.1.100", THIS: "192.168.1.5", DEVICE: "192.168.1.101"}[client],
        mask="255.255.255.0",
        routers=(SERVER,),
        resolvers=(SERVER,),
        lease_s=3600,
        after_s=0.1,
    )
    return msgspec.structs.replace(usual, **changes)


def rival(client: str) -> DhcpOffer:
    """What a forgotten second router offers: a gateway that is not there."""
    gone = ("192.168.1.254",)
    return offer(
        client,
        server=RIVAL,
        server_mac="02:00:00:00:00:66",
        address="192.168.1.200",
        routers=gone,
        resolvers=gone,
    )


def seen(net: FakeNet, target: Target | None = None) -> list[Seen]:
    return list(dhcp_lease.run(target or Target(), net))


def lines(net: FakeNet, target: Target | None = None) -> list[str]:
    """What is said of DHCP and of what it offers."""
    names = {NEW_CLIENT: "new", THIS: "this", DEVICE: "device", NETWORK: "net"}
    return [
        f"{names[one.subject]} {one.fact} {one.outcome} {one.reason}".strip()
        for one in seen(net, target)
        if one.fact != "computer.address"
    ]


def standing(net: FakeNet, target: Target | None = None) -> list[str]:
    """The causes that stand after a run of this probe alone, best first."""
    target = target or Target()
    (diagnosis,) = diagnose(observe(target, net, [dhcp_lease]), target)
    return [finding.cause for finding in diagnosis.findings if finding.level in STANDING]


def test_a_healthy_network() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT), offer(THIS)))

    assert lines(net) == [
        "new dhcp.offer ok",
        "this dhcp.offer ok",
        "net dhcp.servers ok",
        "new dhcp.options ok",
        "new address.conflict ok",
    ]
    assert standing(net) == []


@pytest.mark.parametrize(
    ("owner", "more", "expected"),
    [
        (None, {}, ["ok"]),
        ("02:00:00:00:00:77", {}, ["failed"]),
        (HOME.gateway_mac, {}, ["ok"]),
        ("02:00:00:00:00:77", {"other_networks": ("wlan1",)}, []),
        ("02:00:00:00:00:77", {"address": None}, []),
    ],
    ids=["nobody", "another machine", "proxy ARP", "on two networks", "no address"],
)
@pytest.mark.parametrize("offers", [(), (offer(NEW_CLIENT),)], ids=["no offer", "an offer"])
def test_who_else_has_this_computers_address(
    owner: str | None, more: dict[str, Any], expected: list[str], offers: tuple[DhcpOffer, ...]
) -> None:
    here = msgspec.structs.replace(HOME, **more)
    owners = {HOME.address or "": owner} if owner else {}
    found = seen(FakeNet(here=here, offers=offers, neighbours=owners))

    assert [one.outcome for one in found if one.fact == "computer.address"] == expected


def test_what_another_machine_may_have_been_answered_accuses_nobody() -> None:
    net = FakeNet(
        {("connect", "8.8.8.8", 443): opened()},
        offers=(offer(NEW_CLIENT),),
        neighbours={HOME.address or "": "02:00:00:00:00:77"},
    )
    (one,) = diagnose(observe(Target(), net, [dhcp_lease, cloud_port]), Target())

    assert [f.cause for f in one.findings if f.level in STANDING] == ["computer_blocks_test"]
    assert "computer's address" in one.headline


@pytest.mark.parametrize(
    ("served", "target", "first"),
    [
        ((), Target(), "dhcp_no_server"),
        ((), AS_DEVICE, "dhcp_no_server"),
        ((THIS,), Target(), "dhcp_pool_exhausted"),
        ((THIS,), AS_DEVICE, "dhcp_pool_exhausted"),
        ((NEW_CLIENT, THIS), AS_DEVICE, "dhcp_refuses_device"),
        ((NEW_CLIENT,), AS_DEVICE, "dhcp_refuses_device"),
        ((NEW_CLIENT,), Target(), None),
        ((NEW_CLIENT, THIS, DEVICE), AS_DEVICE, None),
        ((THIS, DEVICE), AS_DEVICE, None),
    ],
)
def test_who_is_offered_an_address_says_what_is_wrong(
    served: tuple[str, ...], target: Target, first: str | None
) -> None:
    net = FakeNet(offers=tuple(offer(client) for client in served))

    assert next(iter(standing(net, target)), None) == first


def test_without_the_devices_mac_nobody_asks_with_it() -> None:
    net = FakeNet()

    seen(net)
    assert [question for question in net.asked if question[0] == "discover"] == [
        ("discover", NEW_CLIENT),
        ("discover", THIS),
    ]

    seen(net, AS_DEVICE)
    assert ("discover", DEVICE) in net.asked


def test_a_second_server_with_a_dead_gateway() -> None:
    net = FakeNet(offers=(rival(NEW_CLIENT), offer(NEW_CLIENT), rival(THIS), offer(THIS)))

    assert {(one.target, one.reason) for one in seen(net) if one.fact == "dhcp.options"} == {
        (SERVER, ""),
        (RIVAL, "timeout"),
    }
    assert standing(net)[0] == "dhcp_rogue_server"


def test_two_servers_that_say_the_same_are_no_rivals() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT), offer(NEW_CLIENT, server="192.168.1.2")))

    assert "net dhcp.servers ok" in lines(net)
    assert standing(net) == []


@pytest.mark.parametrize(
    ("changes", "reason", "stands"),
    [
        ({"routers": ()}, "missing_router", True),
        ({"routers": ("192.168.254.1",)}, "off_subnet", True),
        ({"routers": ("192.168.1.254",)}, "timeout", True),
        ({"resolvers": ("192.168.1.253",)}, "timeout", True),
        ({"resolvers": ("192.168.1.253", "8.8.8.8")}, "", False),
        ({"resolvers": ("8.8.8.8",)}, "", False),
        ({"mask": "255.255.0.0", "routers": ("192.168.254.1",)}, "timeout", True),
    ],
)
def test_an_offer_that_leads_nowhere(changes: dict[str, object], reason: str, stands: bool) -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT, **changes),))

    options = next(one for one in seen(net) if one.fact == "dhcp.options")

    assert options.reason == reason
    assert (standing(net)[:1] == ["dhcp_options_wrong"]) is stands


def test_without_a_resolver_an_offer_is_still_usable() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT, resolvers=()),))

    assert "new dhcp.options failed missing_dns" in lines(net)
    assert diagnosed_levels(net) <= {"possible", "unlikely", "ruled_out"}


def diagnosed_levels(net: FakeNet) -> set[str]:
    (diagnosis,) = diagnose(observe(Target(), net, [dhcp_lease]), Target())
    return {finding.level.value for finding in diagnosis.findings}


def test_a_gateway_that_is_another_machine_and_answers_is_fine() -> None:
    net = FakeNet(
        offers=(offer(NEW_CLIENT, routers=("192.168.1.254",)),),
        neighbours={"192.168.1.254": "02:00:00:00:00:99"},
    )

    assert "new dhcp.options ok" in lines(net)


def test_a_dead_gateway_of_this_computer_too_is_no_matter_of_dhcp() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT, server="192.168.1.2"),))

    assert "new dhcp.options ok" in lines(net)
    assert ("who_has", SERVER) not in net.asked


def test_an_offered_address_that_somebody_has() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT),), neighbours={"192.168.1.100": "02:00:00:00:00:44"})

    assert "new address.conflict failed conflict" in lines(net)
    assert standing(net) == ["ip_conflict"]


def test_an_offered_address_that_another_was_leased_since_is_no_conflict() -> None:
    rival = {"192.168.1.100": "02:00:00:00:00:44"}
    net = FakeNet(
        offers=(offer(NEW_CLIENT),),
        later_offers=(offer(NEW_CLIENT, address="192.168.1.107"),),
        neighbours=rival,
    )

    assert not [line for line in lines(net) if "address.conflict" in line]
    assert standing(net) == []


def test_another_servers_new_offer_says_nothing_of_an_address() -> None:
    later = (offer(NEW_CLIENT, server="192.168.1.2", address="192.168.1.107"),)
    net = FakeNet(
        offers=(offer(NEW_CLIENT),),
        later_offers=later,
        neighbours={"192.168.1.100": "02:00:00:00:00:44"},
    )

    assert "new address.conflict failed conflict" in lines(net)


def test_the_device_may_have_the_address_that_it_is_offered() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT), offer(DEVICE)), neighbours={"192.168.1.101": DEVICE})

    assert "device address.conflict ok" in lines(net, AS_DEVICE)


def test_no_offer_waits_for_the_whole_time() -> None:
    silent = next(one for one in seen(FakeNet()) if one.fact == "dhcp.offer")

    assert (silent.outcome, silent.reason, silent.took_s) == (Outcome.FAILED, "no_offer", 1.0)


def test_without_rights_it_is_said_and_nothing_reads_as_a_fault() -> None:
    missing = refusal("needs", says="type `sudo netcheck`")
    observations = list(
        observe(Target(), FakeNet(missing={Need.RAW_SOCKETS: missing}), [dhcp_lease])
    )

    assert {one.outcome for one in observations} == {Outcome.SKIPPED}
    assert (
        "sudo netcheck"
        in {one.text("says") for one in observations if one.fact == "probe.run"}.pop()
    )


def test_a_portal_and_a_proxy_script_that_the_server_names_are_kept() -> None:
    net = FakeNet(
        offers=(
            offer(
                NEW_CLIENT,
                portal="https://login.example/",
                proxy_script="http://wpad.example/x.pac",
            ),
        )
    )

    options = next(one for one in seen(net) if one.fact == "dhcp.options")

    assert dict(options.data)["portal"] == "https://login.example"
    assert dict(options.data)["proxy_script"] == "http://wpad.example"
    assert dict(options.data)["offer_only"] is True


def test_the_worst_case_stays_within_the_declared_traffic() -> None:
    crowd = tuple(
        offer(
            client,
            server=f"192.168.1.{last}",
            address=f"192.168.1.1{last}",
            routers=(f"192.168.1.2{last}",),
        )
        for client in (NEW_CLIENT, THIS, DEVICE)
        for last in range(10, 40)
    )
    net = FakeNet(offers=crowd, neighbours={"192.168.1.139": "02:00:00:00:00:44"})
    metered = MeteredNet(net, dhcp_lease.sends, DEVICE)

    list(dhcp_lease.run(AS_DEVICE, metered))

    declared = {traffic.kind: traffic.at_most for traffic in dhcp_lease.sends}
    asked = [question[0] for question in net.asked]
    assert (
        asked.count("discover") == 4
        and metered.sent["dhcp_discover"] <= declared[Kind.DHCP_DISCOVER] == 9
    )
    assert most_arp_requests(asked.count("who_has")) == declared[Kind.ARP_REQUEST]


def test_no_client_is_asked_with_more_than_three_discovers() -> None:
    crowd = tuple(offer(client, after_s=1.9) for client in (NEW_CLIENT, THIS))
    net = FakeNet(offers=crowd, neighbours={crowd[0].address: "02:00:00:00:00:44"})
    metered = MeteredNet(net, dhcp_lease.sends, DEVICE)

    list(dhcp_lease.run(AS_DEVICE, metered))

    assert metered.sent["dhcp_discover"] == 2 + 2 + 3 + 1


def test_the_silence_of_a_server_that_is_slow_for_others_accuses_nobody() -> None:
    net = FakeNet(offers=(offer(NEW_CLIENT, after_s=3.1), offer(THIS, after_s=3.0)))

    assert "device dhcp.offer unclear late" in lines(net, AS_DEVICE)
    assert standing(net, AS_DEVICE) == []
