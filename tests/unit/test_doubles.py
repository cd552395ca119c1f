"""The software Photon and the local cloud against each other: each of the cloud's faults, in tenths
of seconds.

Socket pairs for the conversation; loopback TCP only where the manner of closing is the point.
"""

from __future__ import annotations

import dataclasses
import socket
import struct
import threading
import time
from contextlib import nullcontext
from itertools import count

import dns.flags
import dns.message
import dns.rcode
import pytest

from tests.doubles import dhcp, frames, messages
from tests.doubles.cloud import Cloud, Fault, Patience, load_cloud_key
from tests.doubles.dhcp_server import RefusingServer
from tests.doubles.dns_server import refusal
from tests.doubles.firmware import FIRMWARE, FirmwareLine, back_off_s
from tests.doubles.handshake import (
    ANSWER_BYTES,
    AuthenticationError,
    DecryptionError,
    Identity,
    Sealer,
    new_credentials,
    new_key,
    new_nonce,
    open_answer,
    open_request,
    public_der,
    seal_answer,
    seal_request,
)
from tests.doubles.session import (
    Channel,
    Deadlines,
    HandshakeFailed,
    SessionEnded,
    introduce,
    keep_alive,
    shake_hands,
)
from tests.doubles.stream import Ended, Stream, TooLate

CLOUD_KEY = load_cloud_key()
DEVICE = Identity.generate("3a00c74de547343232363230")
QUICK = Deadlines(
    nonce_s=0.3, key_s=0.3, ping_after_s=0.15, ping_answer_s=0.2, encrypt_s=0.0, decrypt_s=0.0
)
"""For what must run out."""
CALM = dataclasses.replace(QUICK, nonce_s=30, key_s=30, ping_answer_s=30)
"""For what comes by itself: how long it takes on a busy machine is no matter."""
PATIENCE = Patience(
    request_s=30, hello_s=30, idle_s=30, hold_s=2, late_nonce_s=3, idle_reset_s=0.05
)


def patient(version: str) -> FirmwareLine:
    """A firmware line that waits for the Hello as long as it takes."""
    return dataclasses.replace(FIRMWARE[version], hello_wait_s=30)


LINE = patient("1.5.2")
HASTY = dataclasses.replace(LINE, hello_wait_s=0.3)
RUNS_OUT = {
    "nonce": (LINE, dataclasses.replace(CALM, nonce_s=0.3)),
    "key": (LINE, dataclasses.replace(CALM, key_s=0.3)),
    "hello": (HASTY, CALM),
}
"""Step of the handshake → where only that one runs out of time."""


def meet(
    fault: Fault = Fault.NONE, device: Identity = DEVICE, held_key: bytes | None = None
) -> Stream:
    """The device's end of a connection to a cloud that knows it (under `held_key` if given) and has
    this fault.
    """
    cloud = Cloud(CLOUD_KEY, {DEVICE.device_id: held_key or DEVICE.public_der}, fault, PATIENCE)
    here, there = socket.socketpair()
    threading.Thread(target=cloud.converse, args=(there,), daemon=True).start()
    return Stream(here)


def connect(
    fault: Fault = Fault.NONE, line: FirmwareLine = LINE, deadlines: Deadlines = CALM
) -> Channel:
    return shake_hands(meet(fault), DEVICE, CLOUD_KEY.public_key(), line, deadlines)


def run_session(channel: Channel, seconds: float = 30.0, deadlines: Deadlines = CALM) -> None:
    introduce(channel, LINE)
    keep_alive(channel, deadlines, threading.Event(), time.monotonic() + seconds)


class TestHealthy:
    @pytest.mark.parametrize("version", FIRMWARE)
    def test_every_line_gets_a_session_that_its_pings_keep(self, version: str) -> None:
        channel = connect(line=patient(version))
        run_session(channel, 0.8)

    def test_the_cloud_takes_the_256_bytes_in_pieces(self) -> None:
        stream = meet()
        nonce = stream.exactly(40, 30)
        request = seal_request(nonce, DEVICE, CLOUD_KEY.public_key())
        for start in range(0, 256, 50):
            stream.send(request[start : start + 50])
            time.sleep(0.01)
        answer = stream.exactly(ANSWER_BYTES, 30)
        assert len(open_answer(answer, DEVICE.key, CLOUD_KEY.public_key())) == 40

    def test_an_older_connection_of_the_same_device_is_closed(self) -> None:
        cloud = Cloud(CLOUD_KEY, {DEVICE.device_id: DEVICE.public_der}, Fault.NONE, PATIENCE)
        channels = []
        for _ in range(2):
            here, there = socket.socketpair()
            threading.Thread(target=cloud.converse, args=(there,), daemon=True).start()
            channels.append(shake_hands(Stream(here), DEVICE, CLOUD_KEY.public_key(), LINE, CALM))
        with pytest.raises(SessionEnded):
            run_session(channels[0])
        run_session(channels[1], 0.3)


class TestCloudFaults:
    @pytest.mark.parametrize(
        ("fault", "step"),
        [
            (Fault.HOLD_AT_ACCEPT, "nonce: timed out"),
            (Fault.SHORT_NONCE, "nonce: timed out"),
            (Fault.LATE_NONCE, "nonce: timed out"),
            (Fault.CLOSE_AT_ACCEPT, "nonce: ended"),
            (Fault.RESET_AT_ACCEPT, "nonce: ended"),
            (Fault.HOLD_AFTER_REQUEST, "key: timed out"),
            (Fault.TRUNCATED_ANSWER, "key: timed out"),
            (Fault.CLOSE_AFTER_REQUEST, "key: ended"),
            (Fault.RESET_AFTER_REQUEST, "key: ended"),
            (
                Fault.OTHER_DEVICE_KEY,
                r"key: (bad padding|made for another modulus|[0-9]+ bytes inside)",
            ),
            (Fault.OTHER_SIGNER, "key: signature of another key"),
            (Fault.NO_HELLO, "hello: timed out"),
        ],
    )
    def test_the_handshake_fails_at_its_step(self, fault: Fault, step: str) -> None:
        runs_out = step.endswith("timed out")
        line, deadlines = RUNS_OUT[step.partition(":")[0]] if runs_out else (LINE, CALM)
        with pytest.raises(HandshakeFailed, match=step):
            connect(fault, line, deadlines)

    def test_a_banner_shorter_than_a_nonce_and_an_answer_is_waited_out(self) -> None:
        with pytest.raises(HandshakeFailed, match="key: timed out"):
            connect(Fault.BANNER, deadlines=RUNS_OUT["key"][1])

    @pytest.mark.parametrize("fault", [Fault.CLOSE_AFTER_HELLO, Fault.RESET_WHEN_IDLE])
    def test_the_cloud_ends_the_session(self, fault: Fault) -> None:
        with pytest.raises(SessionEnded, match=r"closed|reset|pipe"):
            run_session(connect(fault))

    def test_pings_that_nobody_answers_end_the_session(self) -> None:
        with pytest.raises(SessionEnded, match="ping not answered"):
            run_session(connect(Fault.NO_PING_ACK), deadlines=QUICK)

    def test_a_nonce_of_zeros_is_taken(self) -> None:
        stream = meet(Fault.ZERO_NONCE)
        assert stream.exactly(40, 30) == bytes(40)


class TestDeviceFaults:
    def test_an_id_that_the_cloud_does_not_know_is_closed_on(self) -> None:
        stranger = Identity.generate("000000000000000000000000")
        with pytest.raises(HandshakeFailed, match="key: ended"):
            shake_hands(meet(), stranger, CLOUD_KEY.public_key(), LINE, CALM)

    def test_another_clouds_key_is_closed_on(self) -> None:
        with pytest.raises(HandshakeFailed, match="key: ended"):
            shake_hands(meet(), DEVICE, new_key(2048).public_key(), LINE, CALM)

    def test_a_damaged_key_sends_nothing(self) -> None:
        stream = meet()
        with pytest.raises(HandshakeFailed, match="server key unusable"):
            shake_hands(stream, DEVICE, None, LINE, CALM)

    def test_a_stale_key_at_the_cloud_gives_384_bytes_that_do_not_open(self) -> None:
        with pytest.raises(HandshakeFailed, match=r"key: (?!ended|timed out)"):
            shake_hands(
                meet(held_key=public_der(new_key(1024))), DEVICE, CLOUD_KEY.public_key(), LINE, CALM
            )


class TestCryptography:
    def test_the_request_says_who_the_device_is(self) -> None:
        nonce = new_nonce()
        message = seal_request(nonce, DEVICE, CLOUD_KEY.public_key())
        request = open_request(message, CLOUD_KEY)
        assert len(message) == 256
        assert (request.nonce, request.device_id, request.public_der) == (
            nonce,
            DEVICE.device_id,
            DEVICE.public_der,
        )

    def test_the_device_key_has_the_header_that_firmware_sends(self) -> None:
        assert (
            DEVICE.public_der[:29].hex()
            == "30819f300d06092a864886f70d010101050003818d0030818902818100"
        )
        assert DEVICE.public_der[-5:].hex() == "0203010001"

    def test_the_signature_is_a_bare_type_1_block(self) -> None:
        signature = seal_answer(new_credentials(), DEVICE.public_der, CLOUD_KEY)[128:]
        numbers = CLOUD_KEY.public_key().public_numbers()
        block = pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(256)
        assert block[:236] == b"\x00\x01" + b"\xff" * 233 + b"\x00"

    def test_a_changed_answer_is_refused(self) -> None:
        answer = seal_answer(new_credentials(), DEVICE.public_der, CLOUD_KEY)
        with pytest.raises(AuthenticationError):
            open_answer(answer[:-1] + bytes((answer[-1] ^ 1,)), DEVICE.key, CLOUD_KEY.public_key())
        with pytest.raises(DecryptionError):
            open_answer(b"\xff" * ANSWER_BYTES, DEVICE.key, CLOUD_KEY.public_key())

    def test_the_next_iv_is_the_first_block_of_the_frame_before(self) -> None:
        credentials = new_credentials()
        sealer, opener = Sealer(credentials), Sealer(credentials)
        long, short = bytes(100), b"abcd"
        first, second = sealer.seal(long), sealer.seal(short)
        assert opener.open(first[2:]) == long
        assert opener.open(second[2:]) == short
        reader = Sealer(credentials[:16] + first[2:18] + credentials[32:])
        assert reader.open(second[2:]) == short


class TestWireSizes:
    @pytest.mark.parametrize(
        ("message", "size"),
        [
            (messages.hello(1, long=False), 18),
            (messages.hello(1, long=True), 34),
            (messages.server_hello(1), 18),
            (messages.ping(1), 18),
            (messages.time_request(1, 2), 18),
            (messages.subscribe(1, 2, "spark"), 18),
            (messages.event(1, "spark/hardware/max_binary", "125952"), 50),
            (messages.event(1, "spark/hardware/ota_chunk_size", "512"), 50),
        ],
    )
    def test_frames_are_as_long_as_firmware_makes_them(self, message: bytes, size: int) -> None:
        assert len(Sealer(new_credentials()).seal(message)) == size

    def test_the_announcement(self) -> None:
        assert (
            messages.announcement(DEVICE.device_id).hex()
            == "50020000b168ff3a00c74de547343232363230"
        )


class TestStream:
    def test_nothing_beyond_what_was_asked_for_is_taken_from_the_kernel(self) -> None:
        here, there = socket.socketpair()
        there.sendall(b"0123456789")
        assert Stream(here).exactly(4, 1) == b"0123"
        assert here.recv(100) == b"456789"

    def test_what_came_before_a_deadline_is_kept(self) -> None:
        here, there = socket.socketpair()
        stream = Stream(here)
        there.sendall(b"01")
        with pytest.raises(TooLate):
            stream.exactly(4, 0.05)
        there.sendall(b"23")
        assert stream.exactly(4, 1) == b"0123"

    def test_unread_bytes_make_a_close_a_reset(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as server:
            device = socket.create_connection(server.getsockname())
            cloud, _ = server.accept()
            cloud.sendall(bytes(100))
            Stream(device).exactly(40, 1)
            device.close()
            with pytest.raises(Ended, match="reset"):
                Stream(cloud).exactly(1, 1)


class TestDhcp:
    def test_a_photons_discover_has_its_size_and_order(self) -> None:
        options = ((53, b"\x01"), (57, b"\x05\xdc"), (55, dhcp.PHOTON_PARAMETERS))
        message = dhcp.Message(False, 0x2A, bytes(6), options)
        frame = frames.udp_broadcast(bytes(6), 68, 67, message.encode(), 1)
        datagram = frames.parse_udp(frame)
        assert datagram is not None
        assert len(datagram.payload) == 308
        assert dhcp.decode(datagram.payload) == message
        assert frames.checksum(frame[14:34]) == 0

    @pytest.mark.parametrize(
        ("manner", "xids"),
        [(dhcp.photon_manner(None), [1, 2, 3, 4]), (dhcp.LAPTOP, [1, 1, 2, 2])],
    )
    def test_which_messages_of_a_photon_have_an_id_of_their_own(
        self, manner: dhcp.Manner, xids: list[int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        server = RefusingServer(address="10.0.0.2", offered="10.0.0.180")
        asked: list[int] = []

        def ask(_: object, __: object, message: dhcp.Message, *___: object) -> dhcp.Message | None:
            if len(asked) == len(xids):
                raise TimeoutError
            asked.append(message.xid)
            return server.reply_to(message)

        monkeypatch.setattr(dhcp, "LinkSocket", lambda *_: nullcontext())
        monkeypatch.setattr(dhcp.Client, "_ask", ask)
        client = dhcp.Client("x", "e0:4f:43:00:00:01", manner, count(1).__next__)
        with pytest.raises(TimeoutError):
            client.acquire()
        assert asked == xids

    def test_the_refusing_server_offers_then_refuses(self) -> None:
        server = RefusingServer(address="10.0.0.2", offered="10.0.0.180")
        offer = server.reply_to(dhcp.Message(False, 7, bytes(6), ((53, b"\x01"),)))
        refused = server.reply_to(dhcp.Message(False, 7, bytes(6), ((53, b"\x03"),)))
        assert offer is not None and refused is not None
        assert (offer.kind, offer.offered, refused.kind) == (
            dhcp.Kind.OFFER,
            "10.0.0.180",
            dhcp.Kind.NAK,
        )

    @pytest.mark.parametrize(
        "junk", [b"", bytes(300), b"\x02" + bytes(235) + dhcp.COOKIE + b"\x35\xff"]
    )
    def test_junk_gives_no_kind(self, junk: bytes) -> None:
        message = dhcp.decode(junk)
        assert message is None or message.kind in (0, 255)


def test_a_refusing_resolver_answers_the_question_with_its_code() -> None:
    query = dns.message.make_query("device.spark.io", "A", id=0)
    reply = dns.message.from_wire(refusal(query.to_wire(), "SERVFAIL"))
    assert reply.rcode() == dns.rcode.SERVFAIL
    assert reply.flags & dns.flags.QR
    assert reply.question == query.question


def test_back_off_doubles_after_every_fifth_failure_up_to_128_s() -> None:
    assert [back_off_s(n) for n in (1, 5, 6, 10, 11, 31, 35, 36, 500)] == [
        1,
        1,
        2,
        2,
        4,
        64,
        64,
        128,
        128,
    ]


def test_a_gratuitous_arp_asks_for_the_senders_own_address() -> None:
    frame = frames.gratuitous_arp(b"\x6c\x0b\x84\x01\x02\x03", "10.0.0.9")
    kind, *_ = struct.unpack("!H", frame[20:22])
    assert kind == 1
    assert frame[28:32] == frame[38:42] == bytes((10, 0, 0, 9))
