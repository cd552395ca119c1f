"""What `netcheck` on the laptop must say of each scenario: of some the laptop sees another part
than the device.

The rules for two faults at a time are those of `judge`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from netcheck.correlator.catalogue import load
from tests.lab.judge import Truth, complaints, standing
from tests.lab.live import LIVE, SINGLES, LiveAnswer
from tests.lab.live_pairs import LIVE_PAIRS
from tests.lab.scenarios import BLOCKED, NO_OFFER, any_of

NOT_FROM_HERE = frozenset(
    (
        "ack_lost",
        "answer_swallowed",
        "answer_truncated",
        "app_blocks",
        "app_crashes",
        "app_crashes_old",
        "closed_after_hello",
        "cloud_closes_after_request",
        "cloud_holds_after_request",
        "cloud_resets_after_request",
        "device_key_stale",
        "device_key_stale_new",
        "id_twice",
        "lease_refused",
        "nat_forgets_silently",
        "nat_forgets_with_reset",
        "no_server_hello",
        "payload_reset",
        "payload_swallowed",
        "pings_unanswered",
        "private_cloud_gone",
        "reset_when_idle",
        "server_key_damaged",
        "server_key_other",
        "signature_other",
        "static_leftover",
        "static_leftover_device_only",
        "static_wrong_gateway",
    )
)
"""What only the device, or a REQUEST, or more than a nonce can meet: from the laptop the network is
well.
"""

_DEAD_FAR_END = any_of("cloud_unreachable")
SEEN_FROM_HERE = {
    # more than the device can know, by asking as several clients, at other hosts, and along the way
    "no_dhcp_server": any_of("dhcp_no_server"),
    "no_dhcp_server_old": any_of("dhcp_no_server"),
    "mac_ignored": any_of("dhcp_refuses_device"),
    "gateway_does_not_forward": any_of("gateway_unreachable"),
    "internet_dead_new": any_of("internet_down"),
    "portal_by_dns_device_only": any_of("captive_portal"),
    "port_dropped": BLOCKED,
    "port_dropped_old": BLOCKED,
    "port_dropped_new": BLOCKED,
    "port_dropped_for_a_while": BLOCKED,
    "cloud_host_dropped": any_of("cloud_host_blocked"),
    "port_dropped_outside": _DEAD_FAR_END,  # dropped at its host's own door, which is the far end
    "cloud_host_dead": _DEAD_FAR_END,
    "cloud_holds_at_accept": any_of("cloud_unresponsive"),
    "late_nonce": any_of("cloud_unresponsive"),
    "cloud_resets_at_accept": any_of("cloud_unresponsive"),
    # less, or something else
    # the laptop has a fixed address: whether a server is there, nothing tells
    "pool_exhausted": NO_OFFER,
    "no_dns_option": any_of(
        "dhcp_options_wrong", "dns_unreachable"
    ),  # the laptop's own resolver is the one that is dropped
    "internet_test_blocked": BLOCKED,  # the short block of the port is lifted for devices only
    "path_too_slow": any_of(
        "path_too_slow", "internet_down"
    ),  # nothing answers within anybody's patience
    "port_dropped_laptop_vpn": frozenset[str](),  # and not healthy either: the VPN goes around it
}
"""Scenarios of which the laptop sees another part than a capture does: the causes of which one must
come first; empty: none.
"""

OWNERS = {
    "own_server_down": any_of("you"),
    "port_held_by_provider": any_of("isp"),
    "pair_rogue_server_and_port_held_by_provider": any_of("router"),
    "pair_name_refused_and_port_held_by_provider": any_of("isp", "router"),
    "pair_port_held_by_provider_and_cloud_late": any_of("isp"),
}
"""Who must act, where that is not the owner that the first cause has in the catalogue."""

UNSURE = frozenset({"slow_hello", "port_dropped_laptop_vpn", "slow_round_trip", "only_known_macs"})
"""Where the right answer is not sure of itself: exit code 3."""

ALSO_NOTICED = {"healthy_test_would_fail": any_of("internet_test_blocked")}
"""Networks that stop no device, and what is wrong with them all the same."""

_DHCP = "whom DHCP serves, and with what, only raw frames can ask"
_ARP = "who has an address that was offered, only raw ARP requests can ask"
_POSE = "what a client of another MAC is answered, only raw frames can ask"
_OFFER = "what DHCP announces, only raw frames can ask"
_TTL = "from how far a reset came, only the frame that carried it shows"
_RESOLVERS = "which name servers DHCP names, only an offer tells, and the router serves no names"
RAW_FRAMES = {
    "dns_silent_own_resolver": _RESOLVERS,
    "no_dhcp_server": _DHCP,
    "no_dhcp_server_old": _DHCP,
    "pool_exhausted": _DHCP,
    "pool_exhausted_laptop_known": _DHCP,
    "mac_ignored": _DHCP,
    "rogue_dhcp_server": _DHCP,
    "no_router_option": _DHCP,
    "router_option_off_subnet": _DHCP,
    "dns_option_dead": _ARP,
    "laptop_address_taken": _ARP,
    "address_conflict": _ARP,
    "cloud_resets_at_accept": _TTL,
    "cloud_resets_behind_nonce": _TTL,
    "mac_not_forwarded": _POSE,
    "mac_refused": _POSE,
    "only_known_macs": _POSE,
    "portal_past_laptop": _OFFER,
}
"""Scenarios whose first cause needs raw frames, and why."""
RAW_FACTS = frozenset({"dhcp.offer", "dhcp.options", "dhcp.servers", "address.conflict"})
"""What a user without rights must be told was not looked at, and what would allow it."""
NO_RIGHTS = "CAP_NET_RAW"


SUFFIXES = ("_own_resolver",)
"""Scenarios of another name with a laptop that differs: they show the same."""


def _like(name: str) -> str:
    """The scenario whose truth holds for this one, too."""
    plain = next((name.removesuffix(end) for end in SUFFIXES if name.endswith(end)), name)
    return plain if plain in SINGLES else name


def expected(name: str) -> frozenset[str]:
    """The causes of which one must come first; empty where the laptop can see nothing wrong, or
    must not be sure.
    """
    name = _like(name)
    if name in NOT_FROM_HERE:
        return frozenset()
    return SEEN_FROM_HERE.get(name, LIVE[name].expected)


def owners(name: str) -> frozenset[str]:
    """Of whom one must act."""
    return OWNERS.get(_like(name)) or frozenset(
        load().causes[cause].owner.value for cause in expected(name)
    )


def first(answer: LiveAnswer) -> str:
    """The first standing cause that stops the connection; empty where none does."""
    stopping = {
        finding["cause"] for finding in answer.diagnosis["findings"] if finding["stops_connection"]
    }
    return next((cause for cause in standing(answer.diagnosis) if cause in stopping), "")


THIS_COMPUTERS = any_of("computer_blocks_test")
"""What stops the test and no device: nothing is called healthy, nobody else is accused."""


def _about_this_computer(answer: LiveAnswer) -> Iterator[str]:
    if not THIS_COMPUTERS.intersection(standing(answer.diagnosis)):
        yield f"of {sorted(THIS_COMPUTERS)} none stands"
    if first(answer):
        yield f"first is {first(answer)}, and nothing is known of the network"
    if answer.diagnosis["owner"] != "you":
        yield f"{answer.diagnosis['owner']} must act, not you"
    if answer.code != 3:
        yield f"exit code {answer.code}"


def wrong(name: str, answer: LiveAnswer) -> list[str]:
    """What is wrong with an answer got with all rights; empty if nothing is."""
    leased = (
        [] if answer.leases_after == answer.leases_before else [f"leased: {answer.leases_after}"]
    )
    return [
        *leased,
        *_crashes(answer),
        *(_about_pair(name, answer) if name in LIVE_PAIRS else _about_single(name, answer)),
    ]


def _crashes(answer: LiveAnswer) -> Iterator[str]:
    if answer.code not in (0, 1, 3):
        yield f"exit code {answer.code}"
    for o in answer.document["observations"]:
        if o.get("reason") in ("crashed", "budget"):
            yield f"{o['fact']} {o['reason']}: {o.get('data')}"


def _about_single(name: str, answer: LiveAnswer) -> Iterator[str]:
    causes = expected(name)
    if causes == THIS_COMPUTERS:
        yield from _about_this_computer(answer)
        return
    if not causes:
        yield from () if name in UNSURE else _about_healthy(name, answer)
        if first(answer):
            yield f"first is {first(answer)}, and nothing is to be seen from here"
        return
    if first(answer) not in causes:
        yield f"first is {first(answer) or 'nothing'}, not of {sorted(causes)}"
    if answer.diagnosis["owner"] not in owners(name):
        yield f"{answer.diagnosis['owner']} must act, not of {sorted(owners(name))}"
    if answer.code != (3 if name in UNSURE else 1):
        yield f"exit code {answer.code}"


def _about_healthy(name: str, answer: LiveAnswer) -> Iterator[str]:
    """Exit code 0, and no cause above unlikely."""
    above = {
        f["cause"]
        for f in answer.diagnosis["findings"]
        if f["level"] not in ("unlikely", "ruled_out")
    }
    if answer.code or above != ALSO_NOTICED.get(name, set()):
        yield f"exit code {answer.code}, and there stand {sorted(above)}"


def _about_pair(name: str, answer: LiveAnswer) -> Iterator[str]:
    """The second fault may stay unnamed only where the first masks it, and then the answer says
    that it could not be tested.
    """
    pair = LIVE_PAIRS[name]
    scenario = pair.scenario
    yield from complaints(
        answer.diagnosis,
        Truth(scenario.healthy, scenario.expected, scenario.forbidden, scenario.also),
    )
    if answer.diagnosis["owner"] not in owners(name):
        yield f"{answer.diagnosis['owner']} must act, not of {sorted(owners(name))}"
    for group in scenario.also if not pair.is_masked else ():
        if not group.intersection(standing(answer.diagnosis)):
            yield f"nothing of {sorted(group)}, though the first fault leaves it to see"


def wrong_without_rights(name: str, answer: LiveAnswer) -> list[str]:
    """What is wrong with an answer got without any right over the network: it says less, and
    nothing false.
    """
    return [
        *_crashes(answer),
        *_about_first_without_rights(name, answer),
        *_about_not_tested(answer),
    ]


def _about_first_without_rights(name: str, answer: LiveAnswer) -> Iterator[str]:
    causes = expected(name)
    if causes == THIS_COMPUTERS and name not in RAW_FRAMES:
        yield from _about_this_computer(answer)
    elif not RAW_FRAMES.keys() & {name, _like(name)}:
        if first(answer) not in causes and (causes or first(answer)):
            yield f"first is {first(answer) or 'nothing'}, not of {sorted(causes)}"
    elif first(answer) in causes:
        yield "it does not need raw frames: strike it from RAW_FRAMES"


def _about_not_tested(answer: LiveAnswer) -> Iterable[str]:
    """The missing rights are named, and an address that nobody asked for is not called fine."""
    told = {entry["fact"] for entry in answer.diagnosis["not_tested"] if NO_RIGHTS in entry["why"]}
    if missing := RAW_FACTS - told:
        yield f"of {sorted(missing)} it is not said what would allow to look"
    address = next(
        rung["state"] for rung in answer.diagnosis["ladder"] if rung["stage"] == "address"
    )
    if address not in ("untested", "failed"):
        yield f"the address is called {address}"
    if answer.diagnosis["verdict"] == "healthy" and "DHCP" not in answer.diagnosis["headline"]:
        yield "the headline calls it healthy and does not say that DHCP was not tested"
