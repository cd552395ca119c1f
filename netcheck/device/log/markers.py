"""The table of log messages that say how far a connection came: what to look for, in which
versions, and what it means.

A message is known by the shortest literal that no other has; `data` then takes its values. `event`
names what the state machine (`wifi`, `cloud`, `session`, `diagnostic_programs`) does with it.
Literals are those of the firmware, its misspellings too.

Sources: device-os at v0.4.7, v0.5.3, v0.6.0, v0.7.0, v1.0.1, v1.5.2, v2.3.1 and v3.3.1:
system/src/{system_network_internal.h,
system_task.cpp,system_cloud_internal.cpp,system_cloud_connection_compat.cpp},
hal/src/photon/wlan_hal.cpp,
communication/src/{handshake,spark_protocol,protocol,lightssl_message_channel}.cpp;
rickkas7/photon-clouddebug:clouddebug.cpp; particle-iot/cloud-debug.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

FIRST, LAST = "0.4.0", "3.3.1"
_IP = r"(?P<address>\d{1,3}(?:\.\d{1,3}){3})"
_PLACE = _IP + r":(?P<port>\d{1,5})"
_HOST = r"(?P<host>[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4})"
"""A name that the device looks up: that of a cloud. Nothing else is kept of what stands there."""
_VERSION = r"version:\s*(?P<version>\d{1,2}\.\d{1,2}\.\d{1,3}(?:-?(?:rc|alpha|beta|b)\.?\d{1,3})?)"
_SECURITY = r"(?:unsecured|wep|wpa2?|WEP|WPA2?|\w{3,10}|\d{1,2})"
_CODE = r"(?P<code>-?\d{1,7})"


@dataclass(frozen=True)
class Marker:
    """One message. `data`: a regular expression for its values, searched for from the literal on;
    `by_program`: a program prints it.

    `since`, `until`: the versions that write it so.
    """

    literal: str
    event: str
    data: str = ""
    since: str = FIRST
    until: str = LAST
    by_program: bool = False
    pattern: re.Pattern[str] | None = field(init=False, default=None, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "pattern", re.compile(self.data) if self.data else None)


def _marker(
    event: str, literal: str, data: str = "", since: str = FIRST, until: str = LAST
) -> Marker:
    return Marker(literal, event, data, since, until)


def _printed(event: str, literal: str, data: str = "") -> Marker:
    return Marker(literal, event, data, by_program=True)


OF_SYSTEM = (
    # radio and join
    _marker("antenna", "Using internal antenna", r"Using (?P<which>internal)", "0.6.0"),
    _marker("antenna", "Using external antenna", r"Using (?P<which>external)", "0.6.0"),
    _marker("antenna", "Using auto antenna", r"Using (?P<which>auto)", "0.6.0"),
    _marker(
        "join_begins",
        "ready():",
        r"ready\(\):(?P<ready>true|false),\s?connecting\(\):(?P<connecting>true|false)",
        "0.5.3",
        "0.6.4",
    ),
    _marker("join_begins", "Network Connect:", "", "0.5.3", "0.6.4"),
    _marker("join_begins", "ARM_WLAN_WD 1", "", "0.6.0"),
    _marker("joining", "Joining ", r"^Joining (?P<ssid>.{1,32})$", "0.7.0"),
    _marker("join_result", "wiced_join_ap_specific(), result:", r"result: " + _CODE, "0.7.0"),
    _marker("supplicant", "Starting supplicant", "", "0.7.0"),
    _marker("joined", "ARM_WLAN_WD 2", "", "0.6.0"),
    # address
    _marker("dhcp_begins", "Bringing WiFi interface up with DHCP", "", "0.6.0"),
    _marker("static_begins", "Bringing WiFi interface up with static IP", "", "0.6.0"),
    _marker("address_set", "DHCP success", "", "0.6.0"),
    _marker("network_failed", "DHCP fail", "", "0.6.0"),
    _marker("link_lost", "ARM_WLAN_WD 3", "", "0.6.0"),
    _marker("join_broke_off", "ARM_WLAN_WD 4", "", "0.6.0", "0.6.4"),
    _marker("radio_restarts", "Resetting WLAN due to WLAN_WD_TO()", "", "0.5.3"),
    # the cloud's name and port
    _marker("cloud_begins", "Cloud: connecting", "", "0.5.3"),
    _marker(
        "server_address",
        "Read Server Address =",
        r"type:(?P<type>\d+),.*?(?:ip: " + _IP + r", port: (?P<port>\d{1,5}))?$",
        "0.7.0",
    ),
    _marker(
        "server_address",
        "HAL_FLASH_Read_ServerAddress()",
        r"type:(?P<type>\d+),.*?(?:ip: " + _IP + r", port: (?P<port>\d{1,5}))?$",
    ),
    _marker("looks_up", "Resolving ", r"Resolving " + _HOST + r"(?!\S)", "1.2.1"),
    _marker(
        "resolved",
        "Resolved host ",
        r"Resolved host " + _HOST + " to " + _IP,
        "0.5.0",
        "1.1.1",
    ),
    _marker("resolved", "Resolved ", r"Resolved " + _HOST + " to " + _IP, "1.2.1"),
    _marker(
        "unresolved", "unable to resolve IP for", r"for " + _HOST + r"(?![\w.-])", FIRST, "1.1.1"
    ),
    _marker(
        "unresolved",
        "Unable to resolve IP for",
        r"for " + _HOST + r"(?![\w.-])(?: \(" + _CODE + r"\))?",
        "1.2.1",
    ),
    _marker("no_server", "Failed to determine server address", "", "1.2.1"),
    _marker("dials", "connection attempt to ", _PLACE, FIRST, "1.1.1"),
    _marker("dials", "Connection attempt to ", _PLACE, "1.2.1"),
    _marker("opened", "connected to cloud ", _PLACE, FIRST, "1.1.1"),
    # At level ERROR, though it is success.
    _marker("opened", "Connected to ", _PLACE, "1.1.0"),
    _marker("opened", "Cloud socket connected", "", "0.5.3"),
    _marker(
        "unopened", "connection failed to ", _PLACE + r"(?:, code=" + _CODE + ")?", FIRST, "1.1.1"
    ),
    _marker("unopened", "Failed to connect to ", _PLACE + r"(?: \(" + _CODE + r"\))?", "1.2.1"),
    _marker("socket_failed", "Cloud socket connection failed", r"failed: " + _CODE, "0.5.3"),
    _marker("test_failed", "Internet Test Failed!", "", "0.4.5", "1.5.4"),
    _marker("test_failed", "Internet test failed:", r"failed: (?P<kind>\w+)", "2.0.0"),
    _marker("test_passed", "Internet available, Cloud not reachable!", "", "0.4.5", "1.5.4"),
    _marker("both_tests_passed", "Internet available, cloud not reachable", "", "2.0.0"),
    # handshake; 0.5.x debug builds write the sizes of what is sent and received
    _marker("got_40", "receive bytes 40 of 40", "", FIRST, "0.5.5"),
    _marker("got_40", "received 40", r"received 40\b", FIRST, "0.5.5"),
    _marker("sent_256", "Write 256 bytes", "", FIRST, "0.5.5"),
    _marker("sent_256", "send 256", "", FIRST, "0.5.5"),
    _marker("got_384", "receive bytes 384 of 384", "", FIRST, "0.5.5"),
    _marker("got_384", "received 384", r"received 384\b", FIRST, "0.5.5"),
    _marker("handshake_begins", "Starting handshake:", "", "0.7.0"),
    _marker("handshake_begins", "starting handshake announce", "", FIRST, "0.6.4"),
    _marker("handshake_begins", "receive nonce", "", "0.7.0"),
    _marker("got_40", "Encrypting nonce", "", "0.7.0"),
    _marker("got_40", "Sending encrypted nonce", "", "0.7.0"),
    _marker("sent_256", "Receive key", "", "0.7.0"),
    _marker("got_384", "Setting key", "", "0.7.0"),
    _marker("hello_begins", "Sending HELLO message", "", "0.7.0"),
    _marker("hello_sent", "Receiving HELLO response", "", "0.7.0"),
    _marker("no_nonce", "ould not receive nonce", r"nonce:?\s*" + _CODE),
    _marker("no_key", "Unable to receive key", r"key:?\s*" + _CODE),
    _marker("cannot_encrypt", "RSA encrypt error", ""),
    _marker("cannot_decrypt", "decryption failed with code", ""),
    _marker("other_signature", "signature validation failed with code", ""),
    _marker("no_welcome", "could not receive HELLO response", r"response:?\s*" + _CODE),
    _marker("handshake_failed", "handshake failed with code", r"code " + _CODE),
    _marker("handshake_failed", "Handshake failed: ", r"failed: " + _CODE, "2.0.0"),
    _marker("handshake_failed", "Cloud handshake failed, code=", r"code=" + _CODE, "0.4.7"),
    _marker("handshake_completed", "Hanshake: completed", "", FIRST, "0.6.4"),
    _marker("handshake_completed", "Handshake: completed", "", "0.6.0", "0.6.4"),
    _marker("handshake_completed", "Handshake completed", "", "0.7.0"),
    # session
    _marker("online", "Cloud connected", "", "0.5.3"),
    _marker("session_error", "Event loop error", r"error:?\s*" + _CODE),
    _marker("session_error", "message type=", r"error=" + _CODE),
    _marker("session_error", "receive error ", r"error " + _CODE),
    _marker("session_error", "Communication loop error", ""),
    _marker("session_error", "receive timeout", ""),
    _marker("app_blocks", "Disconnecting cloud due to inactivity", "", "0.4.6"),
    _marker("cloud_over", "Cloud: disconnect", ""),
    _marker("keys_restored", "spark/device/key/error=", r"error=" + _CODE, "0.7.0"),
    _marker("safe_mode", "safe mode event", ""),
    _marker("safe_mode", "spark/device/safemode", ""),
    # relatives: a cellular modem, or the network processor of a later family
    _marker("relative", "Sim Ready", ""),
    _marker("relative", "ncp-client", ""),
)
OF_PROGRAMS = (
    # photon-clouddebug
    _printed("stored", "configured credentials:"),
    _printed("stored", "Configured credentials:"),
    _printed("scan", "available access points:"),
    _printed("scan", "Available access points:"),
    _printed("network", "ssid=", r"^ssid=(?P<ssid>.{1,32}?) security=" + _SECURITY + r"\b"),
    _printed(
        "network",
        "SSID=",
        r"^SSID=(?P<ssid>.{1,32}?) security=" + _SECURITY + r" channel=(?P<channel>\d+)"
        r" rssi=(?P<rssi>-?\d+)",
    ),
    _printed("wifi_begins", "connecting to WiFi"),
    _printed("wifi_begins", "Connecting to Wi-Fi"),
    _printed(
        "wifi_waits",
        "Still trying to connect to Wi-Fi",
        r"Wi-Fi (?P<minutes>\d+):(?P<seconds>\d\d)",
    ),
    _printed("wifi_done", "connected to WiFi!"),
    _printed("wifi_done", "Connected to Wi-Fi in"),
    _printed("own_address", "localIP", r"localIP[=:]\s*" + _IP),
    _printed("gateway", "gatewayIP", r"gatewayIP[=:]\s*" + _IP),
    _printed("pinged_gateway", "ping gateway=", r"gateway=(?P<count>\d+)"),
    _printed("pinged_outside", "ping addr ", r"addr " + _IP + r"=(?P<count>\d+)"),
    _printed("name_retried", "failed to get device.spark.io from DNS"),
    _printed("name_tested", "device.spark.io=", r"io=" + _IP),
    _printed("port_tested", "connected to device server CoAP"),
    _printed("port_refused", "could not connect to device server by CoAP"),
    _printed("program_online", "connected to the cloud!"),
    _printed("program_online", "Successfully connected to the Particle"),
    _printed(
        "address_mode", "IP Address Configuration:", r"Configuration: (?P<mode>dynamic|static)"
    ),
    _printed("version", "System version:", _VERSION),
    _printed("version", "system firmware version:", _VERSION),
    _printed("device_id", "Device ID:", r"ID:\s*(?P<id>[0-9A-Fa-f]{24})\b"),
    _printed("device_id", "Your device id is", r"is\s+(?P<id>[0-9A-Fa-f]{24})\b"),
    _printed(
        "device_mac", "MAC address:", r"address:\s*(?P<mac>(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2})"
    ),
    _printed("mac_follows", "Your device MAC address is"),
    _printed("relative", "Modem::"),
)


ALONE = (
    "ready():",
    "Network Connect:",
    "ARM_WLAN_WD ",
    "CLR_WLAN_WD ",
    "DHCP fail, ARM_WLAN_WD",
    "wiced_join_ap_specific(), result:",
    "Bringing WiFi interface up with ",
    "Resetting WLAN due to ",
    "Read Server Address =",
    "HAL_FLASH_Read_ServerAddress()",
    "Cloud: unable to resolve IP for",
    "Unable to resolve IP for",
    "Failed to determine server address",
    "Cloud socket connect",
    "connected to cloud ",
    "connection failed to ",
    "Internet Test Failed!",
    "Internet test failed:",
    "Internet available, ",
    "Handling cloud error:",
    "Starting handshake: presense",
    "Could not receive nonce",
    "Handshake: could not receive ",
    "Unable to receive key",
    "RSA encrypt error",
    "decryption failed with code",
    "signature validation failed with code",
    "handshake failed with code",
    "Cloud handshake failed, code=",
    "Disconnecting cloud due to inactivity",
    "Communication loop error, closing",
)
"""How a line of the system begins that no program is likely to print: it is known without its
head.
"""


class Table:
    """Markers of one kind, and the one search that finds any of them."""

    def __init__(self, markers: tuple[Marker, ...]) -> None:
        self._markers: Mapping[str, tuple[Marker, ...]] = {
            literal: tuple(one for one in markers if one.literal == literal)
            for literal in {one.literal for one in markers}
        }
        longest_first = sorted(self._markers, key=lambda literal: (-len(literal), literal))
        self._search = re.compile("|".join(map(re.escape, longest_first))).search

    def find(self, text: str) -> tuple[Marker, Mapping[str, str]] | None:
        """The first marker in the text, with its values; None where there is none, or its values
        are not as they should be.
        """
        found = self._search(text)
        if found is None:
            return None
        for marker in self._markers[found[0]]:
            if marker.pattern is None:
                return marker, {}
            values = marker.pattern.search(text, found.start())
            if values is not None:
                return marker, {
                    name: value for name, value in values.groupdict().items() if value is not None
                }
        # A code that damage or a reduced build took away leaves the message itself.
        first = self._markers[found[0]][0]
        return (first, {}) if first.event in WITHOUT_VALUES else None


WITHOUT_VALUES = frozenset(
    {
        "no_nonce",
        "no_key",
        "no_welcome",
        "unresolved",
        "socket_failed",
        "handshake_failed",
        "test_failed",
        "session_error",
        "join_begins",
    }
)
"""Events that mean something even where their values are missing."""


@cache
def tables() -> tuple[Table, Table]:
    """What the system logs, and what programs print."""
    return Table(OF_SYSTEM), Table(OF_PROGRAMS)
