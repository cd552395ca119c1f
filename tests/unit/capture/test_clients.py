"""Who the clients of a capture are, by what they send, and which of them are Photons."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netcheck.capture.clients import AddressOwners, Client, Clients, firmware
from netcheck.capture.identification import find_clients
from netcheck.capture.observations import PacketRef
from netcheck.capture.ordering import in_order
from netcheck.capture.photons import FORWARD_NS, photons
from netcheck.capture.protocols.nat_views import nat_views
from netcheck.capture.protocols.tcp import connections
from tests.helpers.tables import tables_of
from tests.helpers.wire import (
    CLOUD,
    DEVICE,
    DEVICE_MAC,
    OTHER,
    OTHER_MAC,
    ROUTER_MAC,
    TEST,
    Wire,
    random_bytes,
)

MAC = DEVICE_MAC.hex(":")
OWNERS = AddressOwners(
    by_address={"192.168.5.20": MAC, "8.8.4.4": MAC}, outer=frozenset({"1.2.3.4"}), repeated={}
)


def found(wire: Wire) -> Clients:
    record = in_order(tables_of(wire))
    views = nat_views(
        connection
        for key, segments in record.conversations.items()
        for connection in connections(key, segments)
    )
    return find_clients(record, views)


# -- whose packet


@pytest.mark.parametrize(
    ("mac", "ip", "ttl", "key"),
    [
        (MAC, "192.168.5.20", 255, MAC),
        ("00:00:00:00:00:02", "192.168.5.20", 64, "00:00:00:00:00:02"),
        ("00:00:00:00:00:02", "192.168.5.20", 254, MAC),
        ("00:00:00:00:00:02", "192.168.5.21", 63, "192.168.5.21"),
        ("00:00:00:00:00:02", "8.8.4.4", 63, "8.8.4.4"),
        (None, "192.168.5.20", 255, MAC),
        ("01:00:5e:00:00:01", "192.168.5.20", 255, MAC),
        (MAC, "1.2.3.4", 255, "1.2.3.4"),
    ],
)
def test_whose_packet_it_is(mac: str | None, ip: str, ttl: int, key: str) -> None:
    assert OWNERS.key_of(mac, ip, ttl) == key


def test_a_mac_owns_an_address_that_it_claims_most() -> None:
    wire = Wire()

    def owner_after(claims: int) -> str:
        for _ in range(claims):
            wire.arp(mac=OTHER_MAC, ip=DEVICE, wants="192.168.5.9")
            wire.wait(0.01)
        return found(wire).owners.by_address[DEVICE]

    assert owner_after(9) == OTHER_MAC.hex(":")
    wire.lease()
    assert owner_after(0) == MAC
    assert owner_after(2) == OTHER_MAC.hex(":")


@pytest.mark.parametrize(("forwarded", "is_owner"), [(1, True), (2, False)])
def test_a_router_owns_no_address_that_it_forwards_for(forwarded: int, *, is_owner: bool) -> None:
    wire = Wire()
    for ttl in (64, 64, *[63] * (forwarded)):
        wire.udp(OTHER, 1000, CLOUD, 123, b"", ttl=ttl, macs=(ROUTER_MAC, OTHER_MAC))
    assert (OTHER in found(wire).owners.by_address) is is_owner


def test_who_answers_dhcp_or_dns_is_a_service() -> None:
    router = ROUTER_MAC.hex(":")
    assert found(wire_of(lambda wire: wire.lease())).services == {router}
    assert found(wire_of(lambda wire: wire.name(CLOUD))).services == {router}
    assert found(wire_of(lambda wire: wire.ask())).services == frozenset()


def wire_of(script: Callable[[Wire], object]) -> Wire:
    wire = Wire()
    script(wire)
    return wire


REPEATER_MAC = bytes.fromhex("f099bf000001")


def under_its_own_mac(wire: Wire, repeater: bytes = REPEATER_MAC) -> Wire:
    """The same behind a repeater that puts its MAC in the place of its client's into the frames."""
    wire.frames = [
        (
            at_ns,
            frame[:12].replace(DEVICE_MAC, repeater) + frame[12:]
            if frame[12:14] == b"\x08\x00"
            else frame.replace(DEVICE_MAC, repeater),
        )
        for at_ns, frame in wire.frames
    ]
    return wire


def test_behind_a_repeater_a_client_is_known_by_its_lease() -> None:
    wire = Wire().lease().gateway().name(CLOUD)
    wire.connection().session()
    wire.ask(client=OTHER, mac=REPEATER_MAC)
    clients = found(under_its_own_mac(wire))
    assert {"dhcp_fingerprint", "asks_cloud", "handshake"} <= clients.by_key[MAC].marks.keys()
    assert clients.by_key[REPEATER_MAC.hex(":")].marks.keys() == {"asks_cloud"}
    assert clients.owners.key_of(REPEATER_MAC.hex(":"), DEVICE, 255) == MAC
    assert clients.owners.key_of_address(DEVICE) == MAC
    assert clients.owners.key_of(REPEATER_MAC.hex(":"), OTHER, 64) == REPEATER_MAC.hex(":")


def test_a_relay_agent_is_no_repeater() -> None:
    wire = Wire()
    for kind, address in ((1, "0.0.0.0"), (5, DEVICE)):
        wire.dhcp(kind, yiaddr=address)
    at_ns, discover = wire.frames[0]
    relayed = discover.replace(bytes(4) + b"\xff" * 4, b"\xc0\xa8\5\1\xc0\xa8\6\1", 1)
    assert relayed != discover
    wire.frames[0] = (at_ns, relayed)
    assert found(under_its_own_mac(wire)).owners.repeated == {}


# -- marks


def asks_then(script: Callable[[Wire], object]) -> Callable[[Wire], object]:
    def asks(wire: Wire) -> None:
        wire.ask()
        script(wire)

    return asks


def handshake(hello: int) -> Callable[[Wire], object]:
    def script(wire: Wire) -> None:
        talk = wire.connection().opened()
        talk.down(random_bytes(40))
        talk.up(random_bytes(256, "r"))
        talk.down(random_bytes(384, "k"))
        talk.up(random_bytes(hello, "h"))

    return script


def joined_late(size: int) -> Callable[[Wire], object]:
    return lambda wire: wire.connection().up(random_bytes(size))


@pytest.mark.parametrize(
    ("script", "marks", "versions"),
    [
        (lambda wire: wire.dhcp(1), {"dhcp_fingerprint"}, {"fixed_xid"}),
        (lambda wire: wire.dhcp(1, options=b"\x37\x04\x01\x03\x06\x1c"), set(), set()),
        (lambda wire: wire.ask(), {"asks_cloud"}, set()),
        (lambda wire: wire.ask(ident=0), {"asks_cloud"}, {"dns_id_zero"}),
        (lambda wire: wire.ask("example.com"), set(), set()),
        (
            asks_then(lambda wire: wire.ask("pool.ntp.org")),
            {"asks_cloud", "internet_test"},
            {"ntp_test"},
        ),
        (lambda wire: wire.ask("pool.ntp.org"), set(), set()),
        (
            asks_then(lambda wire: wire.connection(TEST, 53).syn()),
            {"asks_cloud", "internet_test"},
            {"tcp_test"},
        ),
        (lambda wire: wire.connection(TEST, 53).syn(), set(), set()),
        (lambda wire: wire.connection(TEST, 443).syn(), set(), set()),
        (lambda wire: wire.connection().syn(), {"tries_cloud", "syn_shape"}, set()),
        (
            lambda wire: wire.connection("54.208.229.4").syn(),
            {"tries_cloud", "syn_shape"},
            {"fallback"},
        ),
        (handshake(18), {"tries_cloud", "syn_shape", "handshake"}, {"hello_18"}),
        (handshake(34), {"tries_cloud", "syn_shape", "handshake"}, {"hello_34"}),
        (handshake(33), {"tries_cloud", "syn_shape", "handshake"}, set()),
        (joined_late(18), {"session"}, set()),
        (joined_late(19), set(), set()),
        (lambda wire: wire.connection().opened().up(b"GET / HTTP/1.1" * 20), {"syn_shape"}, set()),
        (lambda wire: wire.connection().opened().up(random_bytes(255)), {"syn_shape"}, set()),
        (
            lambda wire: wire.connection().opened().up(random_bytes(256)),
            {"tries_cloud", "syn_shape"},
            set(),
        ),
        (lambda wire: wire.announce(bytes(12)), {"device_id"}, set()),
    ],
)
def test_what_marks_a_photon(
    script: Callable[[Wire], object], marks: set[str], versions: set[str]
) -> None:
    client = found(wire_of(script)).by_key[MAC]
    assert client.marks.keys() - {"maker_prefix"} == marks
    assert client.version_marks == versions
    assert ("maker_prefix" in client.marks) is (client.mac == MAC)


@pytest.mark.parametrize(
    ("port", "payload", "is_relative"),
    [
        (5684, b"\x16\xfe\xfd", True),
        (5685, b"\x16\xfe\xfd", False),
        (5684, b"\xfe\x16", False),
    ],
)
def test_a_relative_is_known_by_its_protocol(
    port: int, payload: bytes, *, is_relative: bool
) -> None:
    wire = Wire()
    wire.udp(DEVICE, 1000, CLOUD, port, payload, macs=(DEVICE_MAC, ROUTER_MAC))
    assert bool(found(wire).by_key[MAC].relative) is is_relative


@pytest.mark.parametrize(
    ("name", "is_relative"),
    [("1.udp.particle.io", True), ("udp-mesh.particle.io", True), ("xudp.particle.io", False)],
)
def test_a_relative_is_known_by_the_name_it_looks_up(name: str, *, is_relative: bool) -> None:
    wire = Wire()
    wire.ask(name)
    assert bool(found(wire).by_key[MAC].relative) is is_relative


# -- firmware


@pytest.mark.parametrize(
    ("marks", "versions"),
    [
        (set(), None),
        ({"fixed_xid"}, None),
        ({"tcp_test"}, ">=0.4.5 <=1.5.4"),
        ({"ntp_test"}, ">=2.0.0"),
        ({"hello_18"}, "<=2.3.1"),
        ({"tcp_test", "dhcp_host_name"}, ">=0.7.0 <=1.5.4"),
        ({"tcp_test", "fallback"}, ">=0.4.9 <=0.5.5"),
        ({"ntp_test", "tcp_test"}, None),
        ({"dns_id_zero"}, None),
        ({"dns_id_zero", "old_xid"}, ">=0.4.0 <=0.6.4"),
        ({"hello_34", "ntp_test"}, ">=3.0.0"),
    ],
)
def test_the_firmware(marks: set[str], versions: str | None) -> None:
    assert firmware(client("a", versions=frozenset(marks))) == versions


# -- photons


def client(
    key: str,
    *marks: str,
    at_ns: int = 1,
    source: str = "x",
    addresses: tuple[str, ...] = (),
    mac: str | None = "m",
    relative: str = "",
    is_desktop: bool = False,
    versions: frozenset[str] = frozenset(),
) -> Client:
    return Client(
        key=key,
        mac=mac,
        addresses=dict.fromkeys(addresses, (0, 0)),
        marks={mark: PacketRef(at_ns, source, 1) for mark in marks},
        version_marks=versions,
        relative=relative,
        is_desktop=is_desktop,
    )


GOOD = client("good", "handshake", at_ns=5)
ASKS = client("asks", "asks_cloud", addresses=("192.168.5.20",), at_ns=0)


@pytest.mark.parametrize(
    ("clients", "keys"),
    [
        ([GOOD], ["good"]),
        ([client("a", "handshake", at_ns=6), GOOD], ["good", "a"]),
        ([client("a", "device_id", at_ns=6), GOOD], ["a", "good"]),
        ([client("a", "maker_prefix"), GOOD], ["good"]),
        ([client("a", "maker_prefix")], ["a"]),
        ([client("a", "maker_prefix", relative="Argon")], []),
        ([client("a", "asks_cloud", relative="Argon")], []),
        ([client("a", "syn_shape", relative="Argon", mac=None)], ["a"]),
        ([client("a", "tries_cloud", is_desktop=True, mac=None)], ["a"]),
        (
            [
                client("a", "tries_cloud", is_desktop=True, mac=None),
                client("b", "tries_cloud", mac=None),
            ],
            ["b"],
        ),
        ([client("a", "tries_cloud", mac=None), GOOD], ["good"]),
        (
            [client("a", "tries_cloud", mac=None), client("b", "tries_cloud", mac=None)],
            ["a", "b"],
        ),
        ([client("a", "tries_cloud")], []),
        ([client("a", "tries_cloud", "syn_shape")], ["a"]),
        ([client("a", "dhcp_fingerprint")], []),
        ([client("a", "dhcp_fingerprint", "tries_cloud")], []),
        ([client("a", "dhcp_fingerprint", "tries_cloud", mac=None)], ["a"]),
        ([client("a", "dhcp_fingerprint", "maker_prefix")], ["a"]),
        ([client("a", "dhcp_fingerprint", "asks_cloud")], ["a"]),
        ([client("a", "tries_cloud", "maker_prefix"), GOOD], ["good", "a"]),
        ([client("a", "tries_cloud", "maker_prefix"), client("b", "tries_cloud")], ["a"]),
        ([client("a", "internet_test", "asks_cloud", is_desktop=True), GOOD], ["good"]),
        ([client("a", "internet_test", "asks_cloud"), GOOD], ["good", "a"]),
        ([client("a", "dhcp_fingerprint", "internet_test", is_desktop=True), GOOD], ["good", "a"]),
        ([client("service", "asks_cloud"), ASKS], ["asks"]),
        ([client("outer", "handshake"), ASKS], ["asks"]),
        ([ASKS, client("b", "asks_cloud", source="wan", addresses=("203.0.113.7",))], ["asks"]),
        (
            [
                ASKS,
                client(
                    "b", "asks_cloud", source="wan", addresses=("10.0.0.1",), at_ns=FORWARD_NS - 1
                ),
            ],
            ["asks"],
        ),
        (
            [
                ASKS,
                client("b", "asks_cloud", source="wan", addresses=("10.0.0.1",), at_ns=FORWARD_NS),
            ],
            ["asks", "b"],
        ),
        ([ASKS, client("b", "asks_cloud", addresses=("203.0.113.7",))], ["asks", "b"]),
    ],
)
def test_which_are_photons(clients: list[Client], keys: list[str]) -> None:
    owners = AddressOwners(by_address={}, outer=frozenset({"outer"}), repeated={})
    everybody = Clients(
        by_key={one.key: one for one in clients}, services=frozenset({"service"}), owners=owners
    )
    assert [one.key for one in photons(everybody)] == keys
