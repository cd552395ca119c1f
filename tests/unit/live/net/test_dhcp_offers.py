"""What DHCP servers offered in a run, for probes that wait for it."""

from __future__ import annotations

import threading

from netcheck.live.net.dhcp_offers import ReceivedOffers
from netcheck.probing import NEW_CLIENT, DhcpOffer

THIS = "02:00:00:00:00:05"


def offer(client: str, address: str) -> DhcpOffer:
    return DhcpOffer(
        client=client, server="192.168.1.1", server_mac="02:00:00:00:00:01", address=address
    )


def test_an_offer_to_a_stranger_goes_before_one_to_this_computer() -> None:
    offers = ReceivedOffers()
    with offers.listening():
        offers.add(offer(THIS, "192.168.1.5"))
        later = threading.Timer(0.05, offers.add, [offer(NEW_CLIENT, "192.168.1.100")])
        later.start()

        found = offers.to_a_stranger(THIS, 5.0)

    assert found is not None
    assert found.client == NEW_CLIENT


def test_an_offer_to_this_computer_alone_is_better_than_none() -> None:
    offers = ReceivedOffers()
    with offers.listening():
        offers.add(offer(THIS, "192.168.1.5"))

    found = offers.to_a_stranger(THIS, 5.0)

    assert found is not None
    assert found.client == THIS


def test_nobody_waits_where_no_offer_is_listened_for() -> None:
    offers = ReceivedOffers()
    with offers.listening():
        pass

    assert offers.to_a_stranger(THIS, 60.0) is None
