"""The device on this LAN: its announcement, its place among the neighbours, and what is judged when
only its name is known.
"""

from __future__ import annotations

import os
import socket
import struct
import threading
import time

import pytest
from netcheck.probes.coap_udp import client_hello, coap_udp, is_dtls
from netcheck.probes.device_answers import device_answers
from netcheck.probes.device_here import device_here

from netcheck.correlator import diagnose
from netcheck.live import observe
from netcheck.live.net import multicast
from netcheck.live.net.raw.arp import CLAIM_SENDINGS
from netcheck.model import STANDING, Observation, Target, Verdict
from netcheck.probing import CannotRun, Datagram, HeardNeighbour, Kind, Need, Reply, Seen, Vantage
from netcheck.probing.testing import HOME, FakeNet, refusal
from netcheck.probing.testing import named as named_as
from tests.doubles import dtls
from tests.helpers.fake_net import Answers
from tests.helpers.notation import DEV, START, case

HEAD = bytes.fromhex("50020000b168ff")
ID = bytes(range(12))
ANNOUNCED = Datagram(sender="192.168.1.77", at=1234.5, payload=HEAD + ID)
NETWORK_IS_FINE = "ctl tcp.cloud ok @4 \n ctl handshake.nonce ok @5"
PORT_IS_SHUT = "ctl tcp.cloud failed timeout @4 \n ctl internet.reach ok @4"


def named(mac: str = DEV, ip: str = "192.168.1.77", rank: int = 1) -> str:
    return f"{mac} device.identity ok @3 mac={mac} ip={ip} rank={rank}\n"


def live(text: str) -> list[Observation]:
    return case(text, source="probe:test/1")


# coap_udp


def listened(net: FakeNet) -> list[Seen]:
    """What the listening brought."""
    return [one for one in coap_udp.run(Target(), net) if one.fact != "udp.cloud"]


def test_an_announcement_names_the_device_and_proves_its_handshake() -> None:
    seen = listened(FakeNet(announced=[ANNOUNCED, ANNOUNCED]))

    assert [(one.fact, one.outcome, one.subject, one.at) for one in seen] == [
        ("device.identity", "ok", ID.hex(), 1234.5),
        ("session.announce", "ok", ID.hex(), 1234.5),
    ]
    assert dict(seen[0].data) == {
        "id": ID.hex(),
        "ip": "192.168.1.77",
        "sign": "device_id",
        "rank": 6,
    }


@pytest.mark.parametrize(
    "payload", [b"", HEAD, HEAD + ID[:11], HEAD + ID + b"x", b"\x50\x01" + HEAD[2:] + ID]
)
def test_what_is_no_announcement(payload: bytes) -> None:
    datagram = Datagram(sender="192.168.1.77", at=0.0, payload=payload)
    seen = listened(FakeNet(announced=[datagram]))

    assert [(one.fact, one.outcome, one.reason) for one in seen] == [
        ("session.announce", "unclear", "timeout")
    ]


def test_without_an_address_no_group_is_joined() -> None:
    net = FakeNet(here=Vantage())

    assert [(one.outcome, one.reason) for one in coap_udp.run(Target(), net)] == [
        ("skipped", "no_address")
    ] * 2
    assert net.asked == []


def test_what_is_sent_is_declared() -> None:
    assert [(traffic.kind, traffic.at_most) for traffic in coap_udp.sends] == [
        (Kind.IGMP_REPORT, 4),
        (Kind.DNS_QUERY, 12),
        (Kind.UDP_DATAGRAM, 2),
    ]


def test_the_group_is_heard_on_loopback() -> None:
    ended = threading.Event()

    def announce() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.setsockopt(
                socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1")
            )
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 0))
            while not ended.is_set():
                sock.sendto(HEAD + ID + bytes(100), ("224.0.1.187", port))
                time.sleep(0.02)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    thread = threading.Thread(target=announce, daemon=True)
    thread.start()
    heard = multicast.listen("224.0.1.187", port, "127.0.0.1", 2.0)
    ended.set()
    thread.join()

    assert heard and heard[0].sender == "127.0.0.1"
    assert heard[0].payload[:19] == HEAD + ID and len(heard[0].payload) == 64


def test_a_group_that_cannot_be_joined_is_said() -> None:
    with pytest.raises(CannotRun, match="cannot be joined"):
        multicast.listen("224.0.1.187", 0, "192.0.2.1", 0.1)


# coap_udp: where newer devices go

CLOUD, GATEWAY = "198.51.100.7", HOME.gateway or ""
UDP_HOST = "0" * 24 + ".udp.particle.io"
VERIFY_REQUEST = dtls.verify_request(client_hello(bytes(32)))


def greeted(answer: Reply, target: Target | None = None, host: str = UDP_HOST) -> list[str]:
    """What is said of a cloud whose host for UDP gives that answer."""
    net = FakeNet({("resolve", host, GATEWAY): named_as(CLOUD), ("udp", CLOUD, 5684): answer})
    return [
        f"{one.outcome} {one.reason} >{one.target}"
        for one in coap_udp.run(target or Target(), net)
        if one.fact == "udp.cloud"
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Reply(ok=True, payload=VERIFY_REQUEST), "ok "),
        (
            Reply(
                ok=True, payload=bytes.fromhex("15fefd0000000000000000000202 28".replace(" ", ""))
            ),
            "ok ",
        ),
        (Reply(ok=True, payload=b"HTTP/1.1 400 Bad Request"), "unclear malformed"),
        (refusal("refused"), "failed refused"),
        (refusal("prohibited"), "failed prohibited"),
        (refusal("timeout"), "unclear timeout"),
        (refusal("no_route"), "skipped no_route"),
    ],
)
def test_what_a_dtls_greeting_meets(answer: Reply, expected: str) -> None:
    assert greeted(answer) == [f"{expected} >{UDP_HOST}:5684"]


def test_a_private_cloud_is_greeted_where_it_is() -> None:
    target = Target(cloud_host="cloud.lan")

    assert greeted(refusal("refused"), target, "cloud.lan") == ["failed refused >cloud.lan:5684"]


def test_without_a_name_or_a_gateway_nobody_is_greeted() -> None:
    for net in (FakeNet(), FakeNet(here=Vantage(address="192.168.1.5"))):
        assert [one.outcome for one in coap_udp.run(Target(), net) if one.fact == "udp.cloud"] == [
            "skipped"
        ]
        assert not [question for question in net.asked if question[0] == "udp"]


def test_a_server_takes_the_greeting_for_what_it_is() -> None:
    assert len(VERIFY_REQUEST) == 48
    assert is_dtls(VERIFY_REQUEST)
    assert dtls.verify_request(client_hello(os.urandom(32))[:-1]) == b""


@pytest.mark.parametrize("cut", range(0, 48, 5))
def test_a_cut_record_is_none(cut: int) -> None:
    assert not is_dtls(VERIFY_REQUEST[:cut])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ctl udp.cloud ok @5 \n" + PORT_IS_SHUT, "is answered"),
        ("ctl udp.cloud failed refused @5 \n" + PORT_IS_SHUT, "is refused"),
        ("ctl udp.cloud unclear timeout @5 \n" + PORT_IS_SHUT, ""),
        ("ctl udp.cloud ok @5 \n" + NETWORK_IS_FINE, ""),
        ("ctl udp.cloud ok @5 \n dev device.relative ok @1 \n" + NETWORK_IS_FINE, "is answered"),
    ],
)
def test_newer_devices_get_a_note_and_the_photon_no_verdict_of_it(text: str, expected: str) -> None:
    (one,) = diagnose(live(text), Target())
    (plain,) = diagnose(live(text.partition("\n")[2]), Target())

    assert [note for note in one.notes if "5684" in note and expected in note] == [
        note for note in one.notes if "5684" in note
    ]
    assert bool([note for note in one.notes if "5684" in note]) == bool(expected)
    assert (one.verdict, one.findings) == (plain.verdict, plain.findings)


# device_here


def test_of_a_crowd_the_surest_are_told_and_the_one_asked_about() -> None:
    crowd = tuple(
        HeardNeighbour(mac=f"e0:4f:43:00:{n >> 8:02x}:{n & 255:02x}", said="arp", at=START)
        for n in range(290)
    )
    sure = HeardNeighbour(
        mac="e0:4f:43:01:00:01", said="datagram", at=START, id="6f00631a7f47343232363230"
    )
    meant = HeardNeighbour(mac="00:11:22:33:44:55", said="arp", at=START)
    net = FakeNet(now=START, here=HOME, heard=(*crowd, meant, sure))

    seen = list(observe(Target(device=meant.mac), net, [device_here]))

    (run,) = [one for one in seen if one.fact == "probe.run"]
    assert run.outcome == "ok"
    assert {meant.mac, sure.mac} <= {one.subject for one in seen}


def test_neighbours_of_the_maker_are_named() -> None:
    net = FakeNet(known=(("192.168.1.77", DEV), ("192.168.1.9", "00:11:22:33:44:55")))

    (seen,) = device_here.run(Target(), net)

    assert (seen.fact, seen.subject) == ("device.identity", DEV)
    assert dict(seen.data) == {"mac": DEV, "ip": "192.168.1.77", "sign": "maker_prefix", "rank": 1}


def test_the_device_asked_about_is_named_whatever_its_prefix() -> None:
    net = FakeNet(known=(("192.168.1.9", "00:11:22:33:44:55"),))

    assert [one.subject for one in device_here.run(Target(device="00:11:22:33:44:55"), net)] == [
        "00:11:22:33:44:55"
    ]


def test_a_system_that_shows_no_neighbours_is_said() -> None:
    with pytest.raises(CannotRun, match="arp -a"):
        list(device_here.run(Target(), FakeNet(known=None, here=HOME)))


def heard(said: str, mac: str = DEV, **more: object) -> HeardNeighbour:
    return HeardNeighbour(mac=mac, said=said, at=START + 2.5, **more)  # type: ignore[arg-type]  # fields go in by name


OTHER = "00:11:22:33:44:55"
IP = "192.168.1.77"


@pytest.mark.parametrize(
    ("one", "sign", "rank"),
    [
        (heard("dhcp", address=IP, id=ID.hex(), is_photon=True), "device_id", 6),
        (heard("datagram", OTHER, address=IP, id=ID.hex()), "device_id", 6),
        (heard("dhcp", is_photon=True), "dhcp_fingerprint", 4),
        (heard("dhcp", OTHER, is_photon=True), "", 0),
        (heard("dhcp", OTHER, id=ID.hex(), is_photon=True), "device_id", 6),
        (heard("arp", address=IP), "maker_prefix", 1),
        (heard("arp", OTHER, address=IP), "", 0),
        (heard("dhcp", OTHER), "", 0),
    ],
)
def test_who_is_overheard_is_named_by_the_best_sign(
    one: HeardNeighbour, sign: str, rank: int
) -> None:
    found = [dict(seen.data) for seen in device_here.run(Target(), FakeNet(heard=(one,)))]

    assert [(data["sign"], data["rank"], data["mac"]) for data in found] == (
        [(sign, rank, one.mac)] if sign else []
    )


@pytest.mark.parametrize(
    ("one", "listenings"),
    [
        (heard("dhcp", is_photon=True), 2),
        (heard("dhcp", is_photon=True, id=ID.hex()), 1),
        (heard("dhcp", OTHER), 1),
    ],
    ids=["a Photon without its id", "its id was said", "another client"],
)
def test_a_photon_that_has_not_said_its_id_is_listened_to_longer(
    one: HeardNeighbour, listenings: int
) -> None:
    waits: list[float] = []

    class Listening(FakeNet):
        def listen_to_broadcasts(self, seconds: float) -> tuple[HeardNeighbour, ...]:
            waits.append(seconds)
            return super().listen_to_broadcasts(seconds)

    found = list(device_here.run(Target(), Listening(heard=(one,))))

    assert (len(waits), len(found)) == (listenings, one.mac == DEV)


def test_names_heard_one_after_the_other_are_one_device() -> None:
    sightings = (
        heard("dhcp", is_photon=True),
        heard("arp", address=IP),
        heard("datagram", address=IP, id=ID.hex()),
    )
    net = FakeNet(heard=sightings, announced=[ANNOUNCED])
    seen = list(observe(Target(), net, [device_here, coap_udp]))
    (one,) = diagnose([*seen, *live(NETWORK_IS_FINE)], Target())

    assert (one.device.mac, one.device.id, one.device.ip) == (DEV, ID.hex(), IP)
    assert one.verdict is Verdict.HEALTHY


def test_without_rights_the_known_neighbours_are_named_and_the_rest_is_said() -> None:
    net = FakeNet(
        known=((IP, DEV),),
        missing={Need.RAW_SOCKETS: refusal("needs", says="type `sudo netcheck`")},
    )
    seen = list(observe(Target(), net, [device_here]))

    assert [(one.subject, one.outcome) for one in seen if one.fact == "device.identity"] == [
        (DEV, "ok")
    ]
    assert [one.text("says") for one in seen if one.fact == "probe.run"] == ["type `sudo netcheck`"]


# device_answers


def told(net: FakeNet, target: Target | None = None) -> list[str]:
    return [
        f"{one.fact} {one.outcome} {one.reason}".strip()
        for one in device_answers.run(target or Target(), net)
    ]


def alive(address: str = IP, mac: str = DEV) -> HeardNeighbour:
    return heard("arp", mac, address=address)


ANSWERS, SILENT = "gateway.neighbour ok", "gateway.neighbour failed timeout"
ALONE, RIVAL = "address.conflict ok", "address.conflict failed conflict"
PINGS: Answers = {("ping", IP): Reply(ok=True)}


@pytest.mark.parametrize(
    ("net", "expected"),
    [
        (FakeNet(heard=(alive(),), rivals={IP: (DEV,)}), [ALONE, ANSWERS]),
        (FakeNet(heard=(alive(),), answers=PINGS), [ALONE, ANSWERS]),
        (FakeNet(heard=(alive(),)), [ALONE, SILENT]),
        (FakeNet(heard=(heard("datagram", address=IP),)), [ALONE, SILENT]),
        (FakeNet(heard=(heard("dhcp", address=IP, is_photon=True),)), []),
        (FakeNet(known=((IP, DEV),)), []),
        (FakeNet(known=((IP, DEV),), rivals={IP: (DEV,)}), [ALONE, ANSWERS]),
        (FakeNet(heard=(alive(),), rivals={IP: (OTHER, DEV)}), [RIVAL, ANSWERS]),
        (FakeNet(heard=(alive(),), rivals={IP: (OTHER,)}), [RIVAL]),
        (FakeNet(heard=(alive(), alive(mac=OTHER)), rivals={IP: (DEV,)}), [RIVAL, ANSWERS]),
        (FakeNet(heard=(alive(),), rivals={IP: (DEV, str(HOME.gateway_mac))}), [ALONE, ANSWERS]),
        (FakeNet(heard=(alive(), alive("192.168.1.78", "e0:4f:43:00:00:02"))), []),
        (FakeNet(heard=(alive("10.9.9.9"),)), []),
        (FakeNet(heard=(alive(mac=OTHER),), rivals={IP: (OTHER,)}), []),
        (
            FakeNet(
                heard=(heard("dhcp", OTHER, address=IP, is_photon=True), alive(mac=OTHER)),
                rivals={IP: (OTHER,)},
            ),
            [],
        ),
        (FakeNet(), []),
    ],
    ids=[
        "answers ARP",
        "answers a ping",
        "heard and silent",
        "announced and silent",
        "still asks for its address",
        "known from before and silent",
        "known from before and answers",
        "two answer",
        "another answers",
        "another claims",
        "the gateway answers for all",
        "two of the maker",
        "of another network",
        "nobody's device",
        "asks like stock lwIP",
        "nobody there",
    ],
)
def test_what_answers_for_the_devices_address_and_what_silence_means(
    net: FakeNet, expected: list[str]
) -> None:
    assert told(net) == expected


@pytest.mark.parametrize("target", [Target(device=OTHER), Target(as_device=OTHER)])
def test_the_device_that_was_named_is_asked_whatever_its_prefix(target: Target) -> None:
    assert told(FakeNet(heard=(alive(), alive("192.168.1.9", OTHER))), target) == [ALONE, SILENT]


def test_a_device_that_says_its_id_goes_before_others_of_the_maker() -> None:
    others = alive("192.168.1.9", "e0:4f:43:00:00:02")

    assert told(FakeNet(heard=(others, alive(), heard("datagram", address=IP, id=ID.hex())))) == [
        ALONE,
        SILENT,
    ]


def test_where_no_address_is_known_nothing_is_sent() -> None:
    net = FakeNet()

    told(net)

    assert net.asked == []


def test_what_is_asked_of_the_device_is_declared() -> None:
    assert {traffic.kind: traffic.at_most for traffic in device_answers.sends} == {
        Kind.ARP_REQUEST: CLAIM_SENDINGS,
        Kind.ICMP_ECHO: 1,
    }


# what is judged


def test_clients_that_are_kept_apart_stop_nothing() -> None:
    seen = list(
        observe(Target(), FakeNet(now=START, heard=(alive(),)), [device_here, device_answers])
    )
    (one,) = diagnose([*seen, *live(NETWORK_IS_FINE)], Target())

    assert [
        (finding.cause, finding.level) for finding in one.findings if finding.level in STANDING
    ] == [("client_isolation", "likely")]
    assert (one.device.mac, one.verdict) == (DEV, Verdict.HEALTHY)


def test_two_machines_with_the_devices_address_do() -> None:
    seen = list(
        observe(
            Target(),
            FakeNet(now=START, heard=(alive(),), rivals={IP: (DEV, OTHER)}),
            [device_here, device_answers],
        )
    )
    (one,) = diagnose([*seen, *live(NETWORK_IS_FINE)], Target())

    assert one.best is not None and one.best.cause == "ip_conflict"
    assert (one.device.ip, one.verdict) == (IP, Verdict.FAULT)


@pytest.mark.parametrize(
    ("network", "verdict", "begins"),
    [
        (NETWORK_IS_FINE, Verdict.HEALTHY, "Nothing tested here would stop a Photon"),
        (PORT_IS_SHUT, Verdict.FAULT, "TCP port 5683 is blocked"),
    ],
)
def test_of_a_device_known_by_name_alone_the_network_is_judged(
    network: str, verdict: Verdict, begins: str
) -> None:
    (one,) = diagnose(live(named() + network), Target())

    assert (one.device.mac, one.device.ip) == (DEV, "192.168.1.77")
    assert one.verdict is verdict
    assert one.headline.startswith(begins)


def test_several_neighbours_of_the_maker_name_nobody() -> None:
    (one,) = diagnose(
        live(named() + named("e0:4f:43:00:00:02", "192.168.1.78") + PORT_IS_SHUT), Target()
    )

    assert one.device.mac is None
    assert one.verdict is Verdict.FAULT


def test_the_device_asked_about_is_judged_by_the_network_where_it_is_a_neighbour() -> None:
    (one,) = diagnose(live(named() + PORT_IS_SHUT), Target(device=DEV))

    assert (one.device.mac, one.verdict) == (DEV, Verdict.FAULT)


def test_a_device_asked_about_and_not_seen_stays_unseen() -> None:
    (one,) = diagnose(live(PORT_IS_SHUT), Target(device=DEV))

    assert one.verdict is Verdict.INSUFFICIENT
    assert "was not seen" in one.headline


def test_an_announcement_makes_the_device_healthy_beside_a_network_that_is() -> None:
    device = (
        f"{ID.hex()} device.identity ok @3 id={ID.hex()} rank=6 \n {ID.hex()} session.announce ok"
        " @3 \n"
    )
    (one,) = diagnose(live(device + NETWORK_IS_FINE), Target())

    assert (one.device.id, one.verdict) == (ID.hex(), Verdict.HEALTHY)


def test_a_capture_of_the_device_goes_before_the_network() -> None:
    own = case(named() + f"{DEV} tcp.cloud failed refused @4")
    (one,) = diagnose([*own, *live(NETWORK_IS_FINE)], Target())

    assert one.device.mac == DEV
    assert one.verdict is not Verdict.HEALTHY
