"""What the author of a probe imports, besides `netcheck.model`; `netcheck.probing.testing` has a
network for their tests.
"""

from netcheck.host.vantage import Vantage
from netcheck.photon.addresses import ANNOUNCE_GROUP, INTERNET_TEST, MAKER_PREFIXES, NO_PORTAL
from netcheck.photon.fingerprint import RANKS, announced_id
from netcheck.photon.nonce import NONCE_BYTES, flaw_of_nonce, greeting, is_text
from netcheck.probing.helpers import (
    CONNECT_PATIENCE_S,
    MOST_CLOUD_ADDRESSES,
    RESOLVERS,
    CloudPlaces,
    Resolvers,
    addresses_of,
    cloud_addresses,
    cloud_lookups,
    cloud_places,
    connections_by_ttl,
    device_resolvers,
    expired_at,
    is_askable,
    is_impossible_for,
    is_neighbour,
    lookups,
    named_address,
    public_address,
    web_address,
)
from netcheck.probing.net import (
    NEW_CLIENT,
    QUERIES_A_LOOKUP,
    CannotRun,
    ClientAnswers,
    Datagram,
    DhcpOffer,
    HeardNeighbour,
    Need,
    Net,
    Reply,
)
from netcheck.probing.plugin import Kind, OwnFact, Probe, Seen, Traffic, probe, seen, skipped
from netcheck.probing.webchecks import WEB_CHECKS, WebCheck
from netcheck.wifi import wanted as wanted_network
from netcheck.wifi.names import ssid_text
from netcheck.wifi.scan import ScannedBss, WifiScan
from netcheck.wire.addresses import is_bogon, is_private, is_shared, is_unicast, same_subnet

__all__ = [
    "ANNOUNCE_GROUP",
    "CONNECT_PATIENCE_S",
    "INTERNET_TEST",
    "MAKER_PREFIXES",
    "MOST_CLOUD_ADDRESSES",
    "NEW_CLIENT",
    "NONCE_BYTES",
    "NO_PORTAL",
    "QUERIES_A_LOOKUP",
    "RANKS",
    "RESOLVERS",
    "WEB_CHECKS",
    "CannotRun",
    "ClientAnswers",
    "CloudPlaces",
    "Datagram",
    "DhcpOffer",
    "HeardNeighbour",
    "Kind",
    "Need",
    "Net",
    "OwnFact",
    "Probe",
    "Reply",
    "Resolvers",
    "ScannedBss",
    "Seen",
    "Traffic",
    "Vantage",
    "WebCheck",
    "WifiScan",
    "addresses_of",
    "announced_id",
    "cloud_addresses",
    "cloud_lookups",
    "cloud_places",
    "connections_by_ttl",
    "device_resolvers",
    "expired_at",
    "flaw_of_nonce",
    "greeting",
    "is_askable",
    "is_bogon",
    "is_impossible_for",
    "is_neighbour",
    "is_private",
    "is_shared",
    "is_text",
    "is_unicast",
    "lookups",
    "named_address",
    "probe",
    "public_address",
    "same_subnet",
    "seen",
    "skipped",
    "ssid_text",
    "wanted_network",
    "web_address",
]
