"""Captures of clients that are no Photons but resemble one: stock lwIP, ESP8266 and ESP32, what is
built of them, and other products with the radio module's maker's firmware. Each has a trouble.

Sources: lwIP's src/core/dhcp.c (transaction ids from 0xABCD0001 where no random numbers are set up;
options 1, 3, 28, 6), esp-lwip, WICED's lwipopts.h (the "random" number is 42).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from socket import inet_aton

from tests.helpers.wire import DEVICE, ROUTER, ROUTER_MAC, Talk, Wire

FIRST_LWIP_XID, WICED_XID = 0xABCD0001, 0x2A
PLAIN = bytes((1, 3, 28, 6))
OWN_CLOUD, OWN_SERVER = "mqtt.example.com", "203.0.113.9"


@dataclass(frozen=True)
class Stack:
    """How a client asks for an address. `xid` is that of its first message, `step` how much the
    next state adds; `name` its DHCP host name.
    """

    mac: str
    parameters: bytes = PLAIN
    xid: int = FIRST_LWIP_XID
    step: int = 1
    name: str = ""

    @property
    def hardware(self) -> bytes:
        return bytes.fromhex(self.mac.replace(":", ""))

    @property
    def options(self) -> bytes:
        named = bytes((12, len(self.name))) + self.name.encode() if self.name else b""
        return b"\x39\x02\x05\xdc" + bytes((55, len(self.parameters))) + self.parameters + named


STACKS = {
    "lwip_1_4": Stack("00:80:e1:11:22:33"),
    "lwip_2_ntp": Stack("00:80:e1:11:22:34", PLAIN + b"\x2a"),
    "controller": Stack("00:1d:9c:c7:00:11", xid=FIRST_LWIP_XID + 7),
    "esp8266_sdk": Stack("5c:cf:7f:01:02:03", xid=0x6D3F11A0, step=0),
    "esp8266_arduino": Stack(
        "a4:cf:12:01:02:03",
        bytes((1, 3, 28, 6, 15, 44, 46, 47, 31, 33, 121, 43)),
        0x7E2A90C4,
        0,
        "ESP-010203",
    ),
    "esp32": Stack("24:0a:c4:0a:0b:0c", xid=0x19C3D2E1, step=0, name="espressif"),
    "esp_like": Stack(
        "8c:aa:b5:0a:0b:0c", PLAIN + b"\x0f", 0xABCD0003, 1, "3f0024000a47343138333038"
    ),
    "murata_wiced": Stack("44:91:60:0a:0b:0c", xid=WICED_XID, step=0),
}


class _OtherTalk(Talk):
    """A connection with the window and segment size of Espressif's systems."""

    own_window, own_mss = 5744, 1440


class Client:
    """One such client on a wire that is being written."""

    def __init__(self, stack: Stack, wire: Wire) -> None:
        self.stack, self.wire, self.mac = stack, wire, stack.hardware

    def asks_for_address(self, *, is_answered: bool = True) -> None:
        xid = self.stack.xid
        if not is_answered:
            for pause_s in (2, 4, 8):
                self.wire.dhcp(1, mac=self.mac, options=self.stack.options, xid=xid)
                self.wire.wait(pause_s)
            return
        given = b"\x33\x04\0\1\x51\x80\x01\x04\xff\xff\xff\0\x03\x04" + inet_aton(ROUTER)
        given += b"\x06\x04" + inet_aton(ROUTER)
        chosen = b"\x32\x04" + inet_aton(DEVICE) + b"\x36\x04" + inet_aton(ROUTER)
        for kind in (1, 2, 3, 5):
            at = xid + (self.stack.step if kind in (3, 5) else 0)
            options = self.stack.options + (chosen if kind == 3 else b"")
            is_reply = kind in (2, 5)
            self.wire.dhcp(
                kind,
                mac=self.mac,
                options=given if is_reply else options,
                yiaddr=DEVICE if is_reply else "0.0.0.0",
                xid=at,
            )
            self.wire.wait(0.01)

    def asks_gateway(self, *, is_there: bool = True) -> None:
        self.wire.arp(mac=self.mac, ip=DEVICE, wants=ROUTER)
        if is_there:
            self.wire.arp(mac=ROUTER_MAC, ip=ROUTER, wants=DEVICE, answers=self.mac)

    def looks_up(self, *addresses: str, is_answered: bool = True) -> None:
        for ident in range(1, 2 if is_answered else 4):
            self.wire.ask(OWN_CLOUD, ident=ident, mac=self.mac)
            if is_answered:
                self.wire.reply(*addresses, name=OWN_CLOUD, ident=ident, mac=self.mac)
            self.wire.wait(0.1 if is_answered else 5)

    def connection(self, port: int) -> Talk:
        sport = 50000 + len(self.wire.frames)
        return _OtherTalk(self.wire, OWN_SERVER, port, sport, DEVICE, self.mac)


def _no_lease(one: Client) -> None:
    for _ in range(3):
        one.asks_for_address(is_answered=False)
        one.wire.wait(10)


def _no_gateway(one: Client) -> None:
    one.asks_for_address()
    for _ in range(5):
        one.asks_gateway(is_there=False)
        one.wire.wait(1)


def _silent_names(one: Client) -> None:
    one.asks_for_address()
    one.asks_gateway()
    for _ in range(3):
        one.looks_up(is_answered=False)


def _no_server(one: Client) -> None:
    one.asks_for_address()
    one.asks_gateway()
    one.looks_up(OWN_SERVER)
    for _ in range(4):
        one.connection(8883).syn()
        one.wire.wait(5)


def _no_coap_server(one: Client) -> None:
    """CoAP over TCP uses the cloud's port (RFC 8323 §7.2)."""
    one.asks_for_address(is_answered=False)
    one.looks_up(OWN_SERVER)
    for _ in range(4):
        one.connection(5683).syn()
        one.wire.wait(5)


TROUBLES: dict[str, Callable[[Client], None]] = {
    "no_lease": _no_lease,
    "no_gateway": _no_gateway,
    "silent_names": _silent_names,
    "no_server": _no_server,
    "no_coap_server": _no_coap_server,
}


def captures() -> dict[str, Wire]:
    """Forty captures by name, each of one client with one trouble."""
    found = {}
    for stack_name, stack in STACKS.items():
        for trouble_name, trouble in TROUBLES.items():
            wire = Wire()
            trouble(Client(stack, wire))
            wire.wait(20)
            found[f"{stack_name}-{trouble_name}"] = wire
    return found


def controllers(count: int = 6) -> Wire:
    """A gateway and several industrial controllers with stock lwIP, started one after another."""
    wire = Wire()
    for number in range(count):
        mac = f"00:1d:9c:c7:00:{number:02x}"
        one = Client(Stack(mac, xid=FIRST_LWIP_XID + 2 * number), wire)
        one.asks_for_address(is_answered=number % 2 == 0)
        one.asks_gateway()
        wire.wait(3)
    return wire
