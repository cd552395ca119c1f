"""Addresses: what a computer's own settings show about those that DHCP offers."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import Level, Target
from tests.helpers.notation import CTL, DEV, case

HERE = f"{CTL} computer.vantage ok @0 address=192.168.1.5 gateway=192.168.1.1"
REACHED = f"""
{CTL} tcp.cloud ok >device.spark.io:5683 @2
{CTL} handshake.nonce ok >device.spark.io:5683 @2.1
"""


def opposing(text: str, cause: str) -> list[str]:
    [answer] = diagnose(case(HERE + "\n" + text + REACHED, "probe:a/1"), Target())
    [finding] = [one for one in answer.findings if one.cause == cause]
    assert finding.level in (Level.POSSIBLE, Level.UNLIKELY, Level.LIKELY)
    return [e.clue.rule for e in finding.oppose]


@pytest.mark.parametrize(
    ("router", "resolver", "is_witness"),
    [
        ("192.168.1.1", "192.168.1.1", True),
        ("192.168.1.254", "192.168.1.1", False),
        ("192.168.1.1", "192.168.1.53", False),
    ],
)
def test_only_who_has_what_is_offered_speaks_for_the_offer(
    router: str, resolver: str, is_witness: bool
) -> None:
    seen = f"""
    net dhcp.servers failed two_servers @0
    {CTL} dhcp.options ok @0 router={router} resolvers={resolver} offer_only=true
    {CTL} dns.cloud_name ok @1 server=192.168.1.1
    """

    rules = opposing(seen, "dhcp_rogue_server")

    assert ("leased_settings_lead_to_cloud" in rules) is is_witness


REFUSED = "dev dhcp.lease failed nak @0 +3\ndev dhcp.lease failed nak @20 +3"


@pytest.mark.parametrize(
    ("others", "headline"),
    [
        ("", "The router gives this Photon no network address."),
        (
            "ctl dhcp.lease ok @10 discovers=1 address=192.168.1.9",
            "The router gives addresses to others but not to this Photon.",
        ),
    ],
)
def test_that_others_are_given_addresses_is_said_where_it_was_seen(
    others: str, headline: str
) -> None:
    [answer] = diagnose(case(f"{REFUSED}\n{others}"), Target(device=DEV))

    assert answer.headline.endswith(headline)
    [finding] = [one for one in answer.findings if one.cause == "dhcp_refuses_device"]
    assert ("while other clients do" in (finding.ask_it or "")) is bool(others)


def test_a_second_server_is_not_denied_where_one_answers_alone_at_times() -> None:
    text = """
    net dhcp.servers ok @1
    net dhcp.servers failed two_servers @0
    dev dhcp.lease ok @0 server=192.168.1.1
    dev dns.cloud_name failed timeout @2 +15 resolver=192.168.1.1
    """
    [answer] = diagnose(case(text), Target(device=DEV))
    [finding] = [one for one in answer.findings if one.cause == "dhcp_rogue_server"]

    assert [e.clue.says for e in finding.oppose] == []
