"""The faults that tests/doubles/log_player plays, the captures of the same, and the styles of its
lines.
"""

from __future__ import annotations

import json

from tests.doubles import log_player
from tests.helpers.places import TESTS

TRUTHS = {
    row["file"].split(".")[0]: row
    for name in ("captures", "captures/wifi")
    for row in json.loads((TESTS / name / "truth.json").read_text())
}

MATCHING = {
    "wrong_password": ["wrong_password"],
    "not_found": ["only_5ghz", "channel13"],
    "not_let_in": ["mac_filter_deny", "wpa3_only_forced", "pmf_required", "band_steering_reject"],
    "no_lease": [
        "dhcp_no_server_dhclient",
        "dhcp_pool_exhausted",
        "no_dhcp_server",
        "mac_ignored",
        "lease_refused",
        "ack_lost",
    ],
    "name_unanswered": [
        "dns_drop_router",
        "dns_nxdomain",
        "dns_silent",
        "dns_refused",
        "dns_empty",
    ],
    "names_unanswered": ["v231_internet_down_silent", "internet_dead_new"],
    "internet_dead": [
        "internet_dead",
        "gateway_silent",
        "no_router_option",
        "gateway_does_not_forward",
    ],
    "static_dead": ["gw_dead", "static_leftover", "static_wrong_gateway"],
    "name_false": ["dns_hijack_portal", "dns_private"],
    "port_dropped": ["tcp_drop", "tcp_admin_prohibited", "port_dropped", "cloud_host_dropped"],
    "port_refused": ["tcp_rst", "port_reset", "cloud_closed"],
    "proxy_silent": ["proxy_silent", "cloud_holds_at_accept"],
    "closed_at_accept": ["cloud_closes_at_accept", "proxy_closes"],
    "closed_after_request": [
        "srvkey_wrong",
        "devkey_unknown",
        "server_key_other",
        "cloud_closes_after_request",
    ],
    "silent_after_request": ["cloud_holds_after_request", "answer_swallowed"],
    "device_key": ["devkey_mismatch_classic", "device_key_stale", "device_key_stale_new"],
    "other_signature": ["signature_other"],
    "server_key_damaged": ["server_key_damaged"],
    "no_welcome": ["no_server_hello"],
    "app_blocks": ["app_blocks"],
    "reset_at_first_ping": ["nat_idle_rst", "nat_forgets_with_reset"],
    "silent_at_first_ping": ["nat_forgets_silently"],
}
"""Fault → the captures in which it, or what a device cannot tell from it, was brought about."""
HEALTHY = ("healthy", "healthy_reboot", "healthy_static")
SHOWN: list[tuple[str, str, log_player.Style]] = [
    *((version, "INFO", "serial") for version in log_player.VERSIONS),
    *((version, "TRACE", "serial") for version in log_player.VERSIONS),
    ("0.7.0", "TRACE", "source"),
    ("1.5.2", "INFO", "json"),
    ("3.3.1", "TRACE", "json"),
]
NEEDS_0_6 = frozenset({"wrong_password", "not_found", "not_let_in", "no_lease"})
"""What an older log cannot say: it names neither the join nor the lease."""
NEEDS_0_7 = frozenset({"wrong_password", "not_found", "not_let_in"})
"""What 0.6 cannot say: it gives no result of a join."""


def accepted(capture: str) -> frozenset[str]:
    """The causes that the truth of a capture accepts."""
    recorded = TESTS / "recorded" / f"{capture}.json"
    return frozenset(
        json.loads(recorded.read_text())["expected"]
        if recorded.exists()
        else TRUTHS[capture]["accept"]
    )
