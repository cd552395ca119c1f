"""Would the device's own internet test, of either era, pass here?

Sends: one connection to TCP 53 of 8.8.8.8, lookups of pool.ntp.org at two resolvers, and up to
three NTP requests to the first address they give.
Settles: internet.test (one for each era), internet.name_test.
Cannot tell: what a device on firmware before 0.4.5 would find: it has no test. The connection is
waited for longer than the device does, because only a late answer tells a slow line from a dead
one.
Source: TCP 8.8.8.8:53 for 5 s up to 1.5 (device-os@v1.5.2:system/src/system_task.cpp);
pool.ntp.org, then up to five requests 2 s apart, from 2.0
(device-os@v2.3.1:hal/network/util/simple_ntp_client.cpp). The flashes that the result makes of a
failed connection: same files; RFC 5905 §7.3 (the 48 bytes).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial

import msgspec

from netcheck.model import Scalar, Stage, Target
from netcheck.probing import (
    CONNECT_PATIENCE_S,
    INTERNET_TEST,
    Kind,
    Need,
    Net,
    Reply,
    Seen,
    Traffic,
    device_resolvers,
    is_bogon,
    lookups,
    probe,
    seen,
    skipped,
)

TIME_NAME = "pool.ntp.org"
_RESOLVER_PORT, _TIME_PORT = 53, 123
_OLD = f"{INTERNET_TEST}:{_RESOLVER_PORT}"
_NEW = f"{TIME_NAME}:{_TIME_PORT}"
_LATEST_S = 7.0
_REQUESTS, _APART_S = 3, 1.5
"""Fewer than the device's five, 2 s apart: 4.5 s of silence after three datagrams are no loss."""
_CLIENT, _SERVER = 3, 4  # NTP modes
_NTP_BYTES = 48
_COOKIE = slice(24, 32)
"""The originate timestamp, where a server repeats the request's transmit timestamp."""
_ERAS = {_OLD: "0.4.5 to 1.5", _NEW: "2.0 and later"}
_FLASHES = {True: 3, False: 2}
"""Orange flashes of a device that cannot reach the cloud, by whether its test passes (none on
0.6.0).
"""


@probe(
    stage=Stage.INTERNET,
    settles={"internet.test", "internet.name_test"},
    needs={Need.INTERNET},
    sends=(
        Traffic(kind=Kind.TCP_CONNECTION, to=_OLD, at_most=1),
        lookups(TIME_NAME, ", unless known"),
        Traffic(kind=Kind.UDP_DATAGRAM, to=_NEW, at_most=_REQUESTS),
    ),
    within_s=16,
    background=True,  # silence takes its seconds, and no probe above waits for the answer
)
def internet_test(target: Target, net: Net) -> Iterator[Seen]:
    old, new = net.together([partial(_by_tcp, net), partial(_by_time, target, net)])
    yield from (*old, *new)


def _by_tcp(net: Net) -> list[Seen]:
    reply = in_time(net.connect(INTERNET_TEST, _RESOLVER_PORT, _LATEST_S))
    return [seen("internet.test", reply, _OLD, **_light(_OLD, reply.ok))]


def in_time(reply: Reply) -> Reply:
    """The reply; not ok if the connection opened after the device had given it up."""
    is_late = reply.ok and reply.took_s > CONNECT_PATIENCE_S
    return msgspec.structs.replace(reply, ok=False, reason="late") if is_late else reply


def _by_time(target: Target, net: Net) -> list[Seen]:
    """The look-up, and what the first address that it gives answers. A private one is not asked: it
    shows nothing about the Internet.
    """
    replies = net.together(
        [
            partial(net.resolve, TIME_NAME, server)
            for server in device_resolvers(net, target).servers
        ]
    )
    named = next((reply for reply in replies if reply.ok), replies[0])
    address = next(iter(named.words("addresses")), "")
    if not named.ok:
        missing = skipped(
            "internet.test",
            "not_asked",
            _NEW,
            says=f"{TIME_NAME} did not resolve",
            **_light(_NEW, False),
        )
        return [seen("internet.name_test", named, TIME_NAME), missing]
    if is_bogon(address):
        false = msgspec.structs.replace(named, ok=False, reason="bogon")
        missing = skipped(
            "internet.test", "not_asked", _NEW, says=f"{TIME_NAME} has a local address here"
        )
        return [seen("internet.name_test", false, TIME_NAME), missing]
    request = time_request()
    reply = judged(
        net.exchange(address, _TIME_PORT, request, sendings=_REQUESTS, apart_s=_APART_S), request
    )
    tested = seen("internet.test", reply, _NEW, address=address, **_light(_NEW, reply.ok))
    return [seen("internet.name_test", named, TIME_NAME), tested]


def time_request() -> bytes:
    """A request of NTP version 4 whose transmit timestamp is random, so that only an answer to it
    can match.
    """
    return bytes([4 << 3 | _CLIENT]).ljust(_NTP_BYTES - 8, b"\0") + os.urandom(8)


def judged(reply: Reply, request: bytes) -> Reply:
    """The reply; not ok if it is not a server's answer to this request."""
    answer = reply.payload
    is_answer = (
        len(answer) >= _NTP_BYTES and answer[0] & 7 == _SERVER and answer[_COOKIE] == request[-8:]
    )
    return (
        reply
        if not reply.ok or is_answer
        else msgspec.structs.replace(reply, ok=False, reason="malformed")
    )


def _light(test: str, passes: bool) -> dict[str, Scalar]:
    """The versions that make this test, and how such a device's light would flash if it cannot
    reach the cloud.
    """
    return {"firmware": _ERAS[test], "orange_flashes": _FLASHES[passes]}
