"""Addresses: what a computer's own settings show about those that DHCP offers."""

from __future__ import annotations

import pytest

from netcheck.correlator import diagnose
from netcheck.model import Level, Target
from tests.helpers.notation import CTL, case

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
