"""Plays the serial log of a Photon: what each line of firmware prints when a given step of its way
to the cloud fails.

Written from the firmware's sources and public logs, and not from the program's own table of
messages: device-os at v0.4.7, v0.5.3, v0.6.0, v0.7.0, v1.0.1, v1.5.2, v2.3.1, v3.3.1
(system/src/system_network_internal.h, system_task.cpp, system_cloud_internal.cpp,
system_cloud_connection_compat.cpp; hal/src/photon/wlan_hal.cpp; communication/src/), and the README
of rickkas7/photon-clouddebug.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

CLOUD = "192.52.193.10"
PORTAL = "192.168.178.1"
SSID = "Lab Net"
LEVELS = ("TRACE", "DEBUG", "LOG", "INFO", "WARN", "ERROR", "PANIC")

Style = Literal["serial", "source", "json"]

VERSIONS = ("0.5.3", "0.6.0", "0.7.0", "1.0.1", "1.5.2", "2.3.1", "3.3.1")
"""Of each line of firmware one."""


def number(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@dataclass
class Player:
    """A device of one version. `level`: the least that its log handler shows."""

    version: str
    level: str = "INFO"
    style: Style = "serial"
    ms: int = 1500
    lines: list[str] = field(default_factory=list)

    def is_from(self, version: str) -> bool:
        """Is it this version or a later one?"""
        return number(self.version) >= number(version)

    def after(self, seconds: float) -> None:
        """Time goes by."""
        self.ms += round(seconds * 1000)

    def say(
        self, category: str, level: str, message: str, function: str = "void system_function(bool)"
    ) -> None:
        """One line of the system."""
        self.ms += 1
        if LEVELS.index(level) >= LEVELS.index(self.level):
            self.lines.append(self._line(category, level, message, function))

    def print(self, text: str) -> None:
        """One line of the program on the device."""
        self.lines.append(text)

    def _line(self, category: str, level: str, message: str, function: str) -> str:
        if not self.is_from("0.6.0"):
            level = "DEBUG" if level == "TRACE" else level
            return f"{self.ms:010d}:{level:<5}: {function} (283):{message}"
        if self.style == "json":
            return json.dumps({"l": level.lower(), "m": message, "c": category, "t": self.ms})
        if self.style == "source":
            return (
                f"{self.ms:010d} [{category}] system_file.cpp:283, {function.split()[-1]}: {level}:"
                f" {message}"
            )
        return f"{self.ms:010d} [{category}] {level}: {message}"

    # -- the way to the cloud

    def boots(self) -> None:
        """From the start to the begin of the join."""
        self.ms = 1500
        self.begins_to_join()

    def begins_to_join(self) -> None:
        if not self.is_from("0.7.0"):
            self.say(
                "system",
                "INFO",
                "ready():false,connecting():false,listening():false",
                "virtual void ManagedNetworkInterface::connect(bool)",
            )
        if self.is_from("0.6.0"):
            self.say("hal.wlan", "INFO", "Using internal antenna")
            self.say("system", "INFO", "ARM_WLAN_WD 1")

    def tries_to_join(self, code: int = 0) -> None:
        """Tries of the one stored network, three of them where they fail."""
        for _ in range(3 if code else 1):
            if self.is_from("0.7.0"):
                self.say("hal.wlan", "INFO", f"Joining {SSID}")
                self.say("hal.wlan", "TRACE", "Free RAM connect: 53232")
            self.after(2.5)
            if code and self.is_from("0.7.0"):
                self.say("hal.wlan", "ERROR", f"wiced_join_ap_specific(), result: {code}")
        if not code and self.is_from("0.6.0"):
            self.say("system", "INFO", "ARM_WLAN_WD 2")

    def gives_up_network(self) -> None:
        """Join or lease failed: two seconds later the next try."""
        if self.is_from("0.7.0"):
            self.say("system", "INFO", "DHCP fail, ARM_WLAN_WD 4")
        elif self.is_from("0.6.0"):
            self.say("system", "INFO", "DHCP fail, ARM_WLAN_WD 5")
        self.after(30 if not self.is_from("0.6.0") else 2)
        self.say(
            "system",
            "WARN",
            "Resetting WLAN due to WLAN_WD_TO()",
            "void manage_network_connection()",
        )
        self.begins_to_join()

    def asks_for_address(self, *, static: bool = False) -> None:
        if self.is_from("0.6.0"):
            self.say(
                "hal.wlan",
                "INFO",
                f"Bringing WiFi interface up with {'static IP' if static else 'DHCP'}",
            )
        self.after(0.2 if static else 2)

    def has_address(self) -> None:
        if self.is_from("0.6.0"):
            self.say("system", "INFO", "CLR_WLAN_WD 1, DHCP success")

    def on_the_network(self, *, static: bool = False) -> None:
        """Joined, with an address."""
        self.boots()
        self.tries_to_join()
        self.asks_for_address(static=static)
        self.has_address()

    def begins_cloud(self) -> None:
        self.say("system", "INFO", "Cloud: connecting", "void establish_cloud_connection()")
        if self.is_from("1.2.1"):
            self.say("system", "WARN", "Failed to load session data from persistent storage")
        server = "type:1,domain:device.spark.io"
        is_new = self.is_from("0.7.0")
        read = "Read Server Address" if is_new else "HAL_FLASH_Read_ServerAddress()"
        self.say("system", "TRACE", f"{read} = {server}")

    def resolves(self, address: str = CLOUD) -> None:
        if self.is_from("1.2.1"):
            self.say("system", "TRACE", "Resolving device.spark.io")
        self.after(0.03)
        self.say(
            "system",
            "INFO",
            f"Resolved {'' if self.is_from('1.2.1') else 'host '}device.spark.io to {address}",
        )

    def finds_no_name(self) -> None:
        if self.is_from("1.2.1"):
            self.say("system", "TRACE", "Resolving device.spark.io")
        self.after(15)
        if self.is_from("1.2.1"):
            self.say("system", "ERROR", "Unable to resolve IP for device.spark.io (-230)")
            self.say("system", "ERROR", "Failed to determine server address")
        else:
            self.say(
                "system",
                "ERROR",
                "Cloud: unable to resolve IP for device.spark.io",
                "int determine_connection_address(IPAddress&)",
            )

    def socket_fails(self, code: int) -> None:
        self.say(
            "system",
            "ERROR",
            f"Cloud socket connection failed: {code}",
            "void establish_cloud_connection()",
        )

    def dials(self, address: str = CLOUD) -> None:
        self.say(
            "system",
            "TRACE",
            f"{'Connection' if self.is_from('1.2.1') else 'connection'} attempt to {address}:5683",
        )

    def connects(self, address: str = CLOUD) -> None:
        self.dials(address)
        self.after(0.037)
        if self.is_from("1.2.1"):
            self.say("system", "ERROR", f"Connected to {address}:5683")
        else:
            self.say(
                "system",
                "INFO",
                f"connected to cloud {address}:5683",
                "int spark_cloud_socket_connect()",
            )
        self.say("system", "INFO", "Cloud socket connected", "void establish_cloud_connection()")

    def is_not_connected(self, code: int, after_s: float, address: str = CLOUD) -> None:
        self.dials(address)
        self.after(after_s)
        if self.is_from("1.2.1"):
            self.say("system", "ERROR", f"Failed to connect to {address}:5683 ({code})")
        else:
            self.say("system", "ERROR", f"connection failed to {address}:5683, code={code}")
        self.socket_fails(code)

    def tests_internet(self, result: str) -> None:
        """`ok`, or how it failed: DNS, timeout or network, which from 2.0 on is printed."""
        new = self.is_from("2.0.0")
        self.after(
            {"ok": 0.1, "DNS": 5, "timeout": 10, "network": 0}[result]
            if new
            else 0.05
            if result == "ok"
            else 5
        )
        if result == "ok":
            self.say(
                "system",
                "WARN",
                f"Internet available, {'cloud' if new else 'Cloud'} not"
                f" reachable{'' if new else '!'}",
            )
        else:
            self.say(
                "system",
                "WARN",
                f"Internet test failed: {result}" if new else "Internet Test Failed!",
            )
        if self.is_from("0.6.0"):
            self.say("system", "WARN", f"Handling cloud error: {3 if result == 'ok' else 2}")

    # -- the handshake, step by step

    def begins_handshake(self) -> None:
        if self.is_from("0.7.0"):
            self.say("system", "INFO", "Starting handshake: presense_announce=1")
            self.say("comm.protocol.handshake", "INFO", "Establish secure connection")
            self.say("comm.lightssl.handshake", "TRACE", "Started, receive nonce")
        else:
            self.say(
                "system", "TRACE", "starting handshake announce=1", "int Spark_Handshake(bool)"
            )

    def gets_nonce(self) -> None:
        self.after(0.03)
        if self.is_from("0.7.0"):
            self.say("comm.lightssl.handshake", "TRACE", "Encrypting nonce")
        elif not self.is_from("0.6.0"):
            self.say(
                "",
                "DEBUG",
                "Socket 0 receive bytes 40 of 40",
                "int read_packet_and_dispose(tcp_packet_t&, void*, int)",
            )

    def sends_request(self) -> None:
        self.after(0.05)
        if self.is_from("0.7.0"):
            self.say("comm.lightssl.handshake", "TRACE", "Sending encrypted nonce")
            self.say("comm.lightssl.handshake", "TRACE", "Receive key")
        elif not self.is_from("0.6.0"):
            self.say(
                "",
                "DEBUG",
                "Write 256 bytes to socket 536895672 result=0",
                "sock_result_t socket_send(sock_handle_t, const void*)",
            )

    def gets_key(self) -> None:
        self.after(0.04)
        if not self.is_from("0.6.0"):
            self.say(
                "",
                "DEBUG",
                "Socket 0 receive bytes 384 of 384",
                "int read_packet_and_dispose(tcp_packet_t&, void*, int)",
            )

    def accepts_key(self) -> None:
        self.after(0.19)
        if self.is_from("0.7.0"):
            self.say("comm.lightssl.handshake", "TRACE", "Setting key")
            self.say("comm.lightssl.handshake", "TRACE", "Completed")
            self.say("comm.protocol.handshake", "INFO", "Sending HELLO message")
            self.say("comm.protocol.handshake", "INFO", "Receiving HELLO response")

    def is_welcomed(self) -> None:
        self.after(0.034)
        message = "Handshake completed" if self.is_from("0.7.0") else "Hanshake: completed"
        self.say(
            "comm.protocol.handshake" if self.is_from("0.7.0") else "comm",
            "INFO",
            message,
            "int SparkProtocol::handshake()",
        )
        self.after(0.006)
        self.say("system", "INFO", "Cloud connected", "void handle_cloud_connection(bool)")

    def fails_handshake(self, code: int, new_code: int) -> None:
        """The two summaries; `code` is that of the protocol, `new_code` what the system layer
        prints from 2.0 on.
        """
        if self.is_from("2.0.0"):
            self.say("comm.protocol.handshake", "ERROR", f"Handshake failed: {code}")
        elif self.is_from("0.7.0"):
            self.say("comm.protocol.handshake", "ERROR", f"handshake failed with code {code}")
        self.say(
            "system",
            "WARN",
            f"Cloud handshake failed, code={new_code if self.is_from('2.0.0') else code}",
        )
        if self.is_from("2.0.0"):
            self.tests_internet("ok")
        self.after(1)

    def missing_code(self, new: int) -> int:
        """The number for bytes that did not come: telling only from 0.8.0-rc.3 on."""
        return new if self.is_from("1.0.0") else -1

    def handshake_to(self, step: int) -> None:
        """Connect, and pass that many steps: 1 nonce, 2 request, 3 key."""
        self.begins_cloud()
        self.resolves()
        self.connects()
        self.begins_handshake()
        for pass_it in (self.gets_nonce, self.sends_request, self.gets_key)[:step]:
            pass_it()

    def comes_online(self) -> None:
        self.handshake_to(3)
        self.accepts_key()
        self.is_welcomed()

    def loses_session(self, code: int) -> None:
        self.say("comm.protocol", "ERROR", f"Event loop error {code}")
        self.say("system", "WARN", "Communication loop error, closing cloud socket")
        self.say("system", "INFO", "Cloud: disconnecting")
        self.say("system", "INFO", "Cloud: disconnected")


# ------------------------------------------------------------------------------------------- faults


def healthy(player: Player) -> None:
    player.on_the_network()
    player.comes_online()


def healthy_reboot(player: Player) -> None:
    healthy(player)
    player.after(40)
    healthy(player)


def healthy_static(player: Player) -> None:
    player.on_the_network(static=True)
    player.comes_online()


def not_joined(code: int) -> Callable[[Player], None]:
    def play(player: Player) -> None:
        player.boots()
        for _ in range(3):
            player.tries_to_join(code)
            player.gives_up_network()

    return play


def no_lease(player: Player) -> None:
    player.boots()
    for _ in range(3):
        player.tries_to_join()
        player.asks_for_address()
        player.after(13)
        player.gives_up_network()


def no_answer(test: str, *, static: bool = False) -> Callable[[Player], None]:
    """No name, and the internet test as it goes; from 2.0 on that begins with a name, too."""

    def play(player: Player) -> None:
        player.on_the_network(static=static)
        for _ in range(3):
            player.begins_cloud()
            player.finds_no_name()
            player.socket_fails(-230 if player.is_from("1.1.0") else -1)
            player.tests_internet(test)
            player.after(1)

    return play


def false_name(player: Player) -> None:
    player.on_the_network()
    for _ in range(3):
        player.begins_cloud()
        player.resolves(PORTAL)
        player.is_not_connected(-18, 0.004, PORTAL)
        player.tests_internet("ok")
        player.after(1)


def not_connected(code: int, after_s: float) -> Callable[[Player], None]:
    def play(player: Player) -> None:
        player.on_the_network()
        for _ in range(3):
            player.begins_cloud()
            player.resolves()
            player.is_not_connected(code, after_s)
            player.tests_internet("ok")
            player.after(1)

    return play


def no_nonce(waited_s: float) -> Callable[[Player], None]:
    def play(player: Player) -> None:
        player.on_the_network()
        for _ in range(3):
            player.handshake_to(0)
            player.after(waited_s)
            code = player.missing_code(25)
            prefix = "Could" if player.is_from("0.7.0") else "Handshake: could"
            player.say(
                "comm.lightssl.handshake",
                "ERROR",
                f"{prefix} not receive nonce: {code}",
                "int SparkProtocol::handshake()",
            )
            player.fails_handshake(code, -220)

    return play


def no_key(waited_s: float) -> Callable[[Player], None]:
    def play(player: Player) -> None:
        player.on_the_network()
        for _ in range(3):
            player.handshake_to(2)
            player.after(waited_s)
            code = player.missing_code(26)
            prefix = "" if player.is_from("0.7.0") else "Handshake: "
            player.say(
                "comm.lightssl.handshake",
                "ERROR",
                f"{prefix}Unable to receive key {code}",
                "int SparkProtocol::handshake()",
            )
            player.fails_handshake(code, -220)

    return play


def unusable_key(message: str, code: int, new_code: int) -> Callable[[Player], None]:
    def play(player: Player) -> None:
        player.on_the_network()
        for _ in range(3):
            player.handshake_to(3)
            player.after(0.19)
            if player.is_from("0.7.0"):
                player.say("comm.lightssl.handshake", "ERROR", f"{message} {code}")
            player.fails_handshake(code, new_code)

    return play


def server_key_damaged(player: Player) -> None:
    player.on_the_network()
    for _ in range(3):
        player.handshake_to(1)
        player.after(0.05)
        player.say("comm.lightssl.handshake", "ERROR", "RSA encrypt error 7")
        player.fails_handshake(7, -240)


def no_welcome(player: Player) -> None:
    player.on_the_network()
    for _ in range(3):
        player.handshake_to(3)
        player.accepts_key()
        player.after(4 if player.is_from("1.0.0") else 2)
        code = player.missing_code(10)
        player.say(
            "comm.protocol.handshake",
            "ERROR",
            f"Handshake: could not receive HELLO response {code}",
        )
        player.fails_handshake(code, -160)


def app_blocks(player: Player) -> None:
    player.on_the_network()
    for _ in range(3):
        player.comes_online()
        player.after(16)
        player.say("system", "WARN", "Disconnecting cloud due to inactivity!")
        player.say("system", "INFO", "Cloud: disconnecting")
        player.say("system", "INFO", "Cloud: disconnected")
        player.after(1)


def lost_after(seconds: float, code: int) -> Callable[[Player], None]:
    """The session is lost again and again, so long after it began."""

    def play(player: Player) -> None:
        player.on_the_network()
        for _ in range(3):
            player.comes_online()
            player.after(seconds)
            player.loses_session(code)

    return play


FAULTS: dict[str, Callable[[Player], None]] = {
    "healthy": healthy,
    "healthy_reboot": healthy_reboot,
    "healthy_static": healthy_static,
    "wrong_password": not_joined(1062),
    "not_found": not_joined(1024),
    "not_let_in": not_joined(1025),
    "no_lease": no_lease,
    "name_unanswered": no_answer("ok"),
    "names_unanswered": no_answer("DNS"),
    "internet_dead": no_answer("DNS"),
    "static_dead": no_answer("DNS", static=True),
    "name_false": false_name,
    "port_dropped": not_connected(-2, 5.0),
    "port_refused": not_connected(-18, 0.004),
    "proxy_silent": no_nonce(20.0),
    "closed_at_accept": no_nonce(0.04),
    "closed_after_request": no_key(0.28),
    "silent_after_request": no_key(20.0),
    "device_key": unusable_key("decryption failed with code", 6, -240),
    "other_signature": unusable_key("signature validation failed with code", 8, -130),
    "server_key_damaged": server_key_damaged,
    "no_welcome": no_welcome,
    "app_blocks": app_blocks,
    "reset_at_first_ping": lost_after(15.6, 2),
    "silent_at_first_ping": lost_after(25.0, 1),
}


def log(version: str, fault: str, level: str = "INFO", style: Style = "serial") -> list[str]:
    """The lines that a device of this version logs when this is wrong."""
    player = Player(version, level, style)
    FAULTS[fault](player)
    return player.lines


def written(lines: list[str], end: str = "\r\n") -> bytes:
    """As a terminal program saves it."""
    return "".join(line + end for line in lines).encode()


def clouddebug(player: Player) -> Iterator[str]:
    """What photon-clouddebug prints before it lets the device connect."""
    yield "configured credentials:"
    yield f"ssid={SSID} security=wpa2 cipher=1"
    yield "available access points:"
    yield f"SSID={SSID} security=wpa2 channel=1 rssi=-66"
    yield "connecting to WiFi"
