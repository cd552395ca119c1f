"""The closed lists: which facts there are, on which rung they hang, and why something did not work.

Public: added to, never renamed. A plugin may use its own facts under a prefix of its own
(`acme.fact`).
"""

from __future__ import annotations

import errno
import re

from netcheck.model import Stage, Struct
from netcheck.vocabulary.questions import QUESTIONS, of_fact


class Fact(Struct, frozen=True, kw_only=True):
    """A question that an observation answers. `rung` false: it informs, but does not pass or fail
    its stage.
    """

    stage: Stage
    meaning: str
    rung: bool = True


def _fact(stage: Stage, meaning: str, *, rung: bool = True) -> Fact:
    return Fact(stage=stage, meaning=meaning, rung=rung)


FACTS: dict[str, Fact] = {
    # who and what was looked at
    "device.identity": _fact(
        Stage.POWER,
        "names of one device that belong together: mac, id, ip, firmware, and by which sign",
        rung=False,
    ),
    "device.relative": _fact(
        Stage.POWER, "a Particle device that is no Photon; data: family, transport", rung=False
    ),
    "device.restart": _fact(
        Stage.POWER, "the device started anew: its clock fell back", rung=False
    ),
    "device.keys": _fact(
        Stage.POWER,
        "were the stored keys or the server's address blank or damaged at a start; data: value",
        rung=False,
    ),
    "device.safe_mode": _fact(Stage.POWER, "the device said that it runs in safe mode", rung=False),
    "capture.coverage": _fact(
        Stage.POWER, "what a capture spans and what its silence cannot mean", rung=False
    ),
    "computer.vantage": _fact(
        Stage.POWER,
        "has this computer an address and a gateway, and which; data: where it stands",
        rung=False,
    ),
    "computer.vpn": _fact(
        Stage.POWER,
        "do this computer's packets leave by this network, and not through a VPN",
        rung=False,
    ),
    "computer.proxy": _fact(
        Stage.POWER,
        "do this computer's programs connect directly, and not through a web proxy",
        rung=False,
    ),
    "probe.run": _fact(Stage.POWER, "how one probe ended; data: probe, sent packets", rung=False),
    # the device over its own access point
    "softap.reach": _fact(
        Stage.POWER, "can this computer talk to the device's own access point", rung=False
    ),
    "device.key": _fact(
        Stage.HANDSHAKE,
        "can the device read its own public key; data: key_sha256, key_head",
        rung=False,
    ),
    "wifi.scan": _fact(
        Stage.RADIO,
        "does the device's own radio hear any network; data: networks, strongest_dbm",
        rung=False,
    ),
    "wifi.signal": _fact(
        Stage.RADIO,
        "how strongly does the device's own radio hear the network it should join; data: rssi_dbm",
        rung=False,
    ),
    # the device over USB
    "usb.port": _fact(Stage.POWER, "does the device show this computer a serial port", rung=False),
    "usb.access": _fact(
        Stage.POWER, "may this computer use that port, or in DFU mode the device itself", rung=False
    ),
    "device.mode": _fact(
        Stage.POWER,
        "is the device alive, on USB or over its own access point; data: value, a word of MODES",
    ),
    "device.answers": _fact(
        Stage.POWER,
        "did the device answer to the end what it was asked over USB; data: asked",
        rung=False,
    ),
    "device.firmware": _fact(
        Stage.POWER, "which Device OS version the device says it runs; data: version", rung=False
    ),
    "device.modules": _fact(
        Stage.POWER,
        "did every module in the device's flash pass its checks; data: version, parts, needs",
        rung=False,
    ),
    "device.claimed": _fact(
        Stage.OWNERSHIP,
        "the device's own mark that a claim code of its was taken; it may be out of date",
        rung=False,
    ),
    "device.radio_error": _fact(
        Stage.RADIO, "did the device's last join since its start find the network, as it remembers"
    ),
    "device.network_error": _fact(
        Stage.JOIN, "did the device's last join since its start end well, as it remembers"
    ),
    "device.cloud_reach": _fact(
        Stage.TCP,
        "did the device ever open its connection to the cloud since its start, as it remembers",
    ),
    "device.cloud_error": _fact(
        Stage.HANDSHAKE,
        "which was the device's last error in a handshake or session since its start, as it"
        " remembers",
    ),
    # radio and join: 802.11 frames
    # radio and join: 802.11 frames, or the device's log
    "radio.antenna": _fact(
        Stage.RADIO,
        "which antenna the device uses; data: value, internal, external or auto",
        rung=False,
    ),
    "wifi.network": _fact(
        Stage.RADIO,
        "does the network that the device asks for by name exist on the air, and can the module"
        " join it",
    ),
    "wifi.join": _fact(
        Stage.JOIN,
        "did the access point take the device (authentication, association, 4-way handshake)",
    ),
    # address
    "dhcp.lease": _fact(Stage.ADDRESS, "did a DHCP exchange end with an acknowledged address"),
    "dhcp.offer": _fact(
        Stage.ADDRESS,
        "does any DHCP server offer an address to a client of this MAC; DISCOVER alone, nothing is"
        " leased",
    ),
    "dhcp.own_lease": _fact(
        Stage.ADDRESS,
        "did a DHCP server give this computer its address, and when last; data: renewed_s",
        rung=False,
    ),
    "dhcp.options": _fact(
        Stage.ADDRESS, "are gateway, mask and resolver of the lease, or the offer, there and usable"
    ),
    "dhcp.servers": _fact(
        Stage.ADDRESS, "did one server answer, or several with different leases", rung=False
    ),
    "address.ipv4": _fact(Stage.ADDRESS, "does this network give IPv4 addresses, or IPv6 alone"),
    "address.conflict": _fact(Stage.ADDRESS, "does a second machine use the device's address"),
    "address.static": _fact(
        Stage.ADDRESS,
        "the device uses an address it was not seen to lease, and whether that fits this network",
    ),
    # gateway
    "gateway.arp": _fact(Stage.GATEWAY, "does the gateway answer ARP"),
    "gateway.icmp": _fact(Stage.GATEWAY, "does the gateway answer ping", rung=False),
    "gateway.as_device": _fact(
        Stage.GATEWAY,
        "does the gateway answer ARP to a client of the device's MAC, which a computer plays",
    ),
    "gateway.as_new_client": _fact(
        Stage.GATEWAY, "the same for a client of a made-up MAC, for comparison", rung=False
    ),
    "gateway.neighbour": _fact(
        Stage.GATEWAY,
        "does the device, heard on this network, answer this computer's ARP or ping",
        rung=False,
    ),
    # dns
    "dns.cloud_name": _fact(Stage.DNS, "does the cloud's name resolve to a usable public address"),
    "dns.resolver_arp": _fact(
        Stage.DNS, "does a resolver on the local network answer ARP, so that it can be asked at all"
    ),
    "dns.other_name": _fact(Stage.DNS, "do other names resolve", rung=False),
    "dns.compare": _fact(
        Stage.DNS,
        "does another resolver or client get the same answer for the cloud's name",
        rung=False,
    ),
    # internet
    "internet.test": _fact(
        Stage.INTERNET, "the device's own internet test of its era (TCP 8.8.8.8:53, or NTP)"
    ),
    "internet.name_test": _fact(
        Stage.INTERNET, "the look-up of pool.ntp.org before the NTP test", rung=False
    ),
    "internet.reach": _fact(Stage.INTERNET, "does anything on another port or host outside answer"),
    "internet.loss": _fact(
        Stage.INTERNET,
        "do most of a series of echoes to a host outside come back; data: rtt_ms, sent, lost",
        rung=False,
    ),
    "internet.as_device": _fact(
        Stage.INTERNET,
        "does a host outside answer a client of the device's MAC, which a computer plays",
    ),
    "internet.as_new_client": _fact(
        Stage.INTERNET, "the same for a client of a made-up MAC, for comparison", rung=False
    ),
    "internet.mtu": _fact(
        Stage.INTERNET,
        "do packets as large as the handshake's leave this network; data: request_bytes,"
        " lost_bytes",
        rung=False,
    ),
    "internet.nat": _fact(
        Stage.INTERNET,
        "does the public Internet begin behind this network's router; data: hop, private_hops,"
        " place",
        rung=False,
    ),
    "internet.redirect": _fact(
        Stage.INTERNET, "is plain web traffic answered by a login page", rung=False
    ),
    "internet.tls": _fact(
        Stage.INTERNET,
        "do hosts of the web show their own certificates to whoever greets them by TLS",
        rung=False,
    ),
    "internet.portal_api": _fact(
        Stage.INTERNET,
        "does the network's own login-page interface (RFC 8908) say that this computer is let"
        " through",
        rung=False,
    ),
    "internet.proxy": _fact(
        Stage.INTERNET,
        "does the web answer through the proxy that a computer here is told to use",
        rung=False,
    ),
    # tcp
    "tcp.cloud": _fact(Stage.TCP, "does a TCP connection to the cloud's port open"),
    "tcp.as_device": _fact(
        Stage.TCP,
        "does the cloud's port answer a client of the device's MAC, which a computer plays",
    ),
    "tcp.as_new_client": _fact(
        Stage.TCP, "the same for a client of a made-up MAC, for comparison", rung=False
    ),
    "tcp.cloud_other_port": _fact(
        Stage.TCP, "does another port of the cloud's address answer", rung=False
    ),
    "tcp.neutral_same_port": _fact(
        Stage.TCP, "does the cloud's port open on a host that is not the cloud", rung=False
    ),
    "tcp.nowhere": _fact(
        Stage.TCP, "does nobody answer at an address where nothing can be", rung=False
    ),
    "udp.cloud": _fact(
        Stage.TCP,
        "does the cloud answer on UDP 5684, where newer Particle devices go and no Photon",
        rung=False,
    ),
    "tcp.false_address": _fact(
        Stage.TCP, "what the device met at an address that a false DNS answer gave", rung=False
    ),
    "tcp.address": _fact(
        Stage.TCP, "was the address the device went to one that the cloud's name gave", rung=False
    ),
    "tcp.left_network": _fact(
        Stage.TCP, "was the opening of a connection seen beyond the router too", rung=False
    ),
    "tcp.blocked_where": _fact(
        Stage.TCP,
        "do connections to the cloud's port get as far on their way as others; data: hop, sender,"
        " place, differs",
        rung=False,
    ),
    "tcp.reset_origin": _fact(
        Stage.TCP,
        "does a reset fit the server's own packets (TTL, sequence number, round trip)",
        rung=False,
    ),
    # handshake
    "handshake.nonce": _fact(
        Stage.HANDSHAKE, "do 40 random bytes arrive after the connection opened"
    ),
    "handshake.patience": _fact(
        Stage.HANDSHAKE, "does the connection stay open after the 40 bytes, for the device's answer"
    ),
    "handshake.request": _fact(
        Stage.HANDSHAKE,
        "does the device answer the nonce with 256 bytes, and are they acknowledged",
    ),
    "handshake.key": _fact(Stage.HANDSHAKE, "does the cloud answer the 256 bytes with 384"),
    "handshake.hello": _fact(
        Stage.HANDSHAKE, "does the device accept the 384 bytes and send its Hello"
    ),
    "handshake.welcome": _fact(Stage.HANDSHAKE, "does the cloud answer the Hello"),
    "handshake.signature": _fact(
        Stage.HANDSHAKE,
        "does the signature in the 384 bytes verify against the cloud's public key",
        rung=False,
    ),
    "handshake.modulus": _fact(
        Stage.HANDSHAKE, "can the 256 bytes have been made with the cloud's public key", rung=False
    ),
    # session
    "session.open": _fact(Stage.SESSION, "did the session carry traffic after the two Hellos"),
    "session.announce": _fact(
        Stage.SESSION, "the device's multicast announcement after a finished handshake"
    ),
    "session.keepalive": _fact(Stage.SESSION, "are the pings of an idle session answered"),
    "session.idle": _fact(
        Stage.SESSION,
        "is a computer's connection still carried after as long a silence as the device keeps;"
        " data: idle_s",
        rung=False,
    ),
    "session.end": _fact(Stage.SESSION, "how an established session ended"),
    # the light, as a person saw it
    "led.join": _fact(Stage.JOIN, "did the light get past the slow green of joining the Wi-Fi"),
    "led.address": _fact(
        Stage.ADDRESS, "did the light get past the fast green of waiting for an address"
    ),
    "led.connect": _fact(
        Stage.TCP, "did the light get past the slow cyan of looking up and connecting"
    ),
    "led.handshake": _fact(
        Stage.HANDSHAKE, "did the light get past the fast cyan of the handshake"
    ),
    "led.session": _fact(Stage.SESSION, "did the light breathe cyan, or in safe mode magenta"),
    "led.state": _fact(
        Stage.POWER,
        "a state that the light showed on its way; data: value, a word of LIGHTS",
        rung=False,
    ),
    "led.last": _fact(
        Stage.POWER,
        "the state in which the light stays, or to which it returns; data: value, a word of LIGHTS",
        rung=False,
    ),
    "led.flash": _fact(
        Stage.HANDSHAKE,
        "a short run of flashes of another colour; data: value, colour_count, as orange_2 or"
        " red_many",
        rung=False,
    ),
    "led.sos": _fact(
        Stage.POWER, "the red SOS of a crash; data: number, the code blinked after it", rung=False
    ),
}
FACTS |= {
    question.fact: _fact(question.stage, question.ask, rung=False)
    for question in QUESTIONS.values()
}
"""Fact name → what it asks."""


ONLINE = frozenset({"cyan_breathing", "magenta_breathing"})
"""States of the light that the firmware shows only while the cloud is connected."""

LIGHTS: dict[str, str] = {
    "off": "no light",
    "white": "white, at the start",
    "white_breathing": "Wi-Fi off: a program that does not ask for it",
    "white_fast": "the device's key is being made",
    "blue_blinking": "listening: waiting for credentials",
    "blue_fast": "the credentials were cleared",
    "blue_breathing": "network on, not connected",
    "green_slow": "joining the Wi-Fi",
    "green_fast": "joined, waiting for an address",
    "green_blinking": "joining or waiting for an address; how fast was not said",
    "green_breathing": "on the Wi-Fi, the cloud not wanted or lost",
    "cyan_slow": "looking up the cloud and connecting",
    "cyan_fast": "connected, handshake under way",
    "cyan_blinking": "connecting or handshake; how fast was not said",
    "cyan_breathing": "online",
    "magenta_breathing": "safe mode, and online",
    "magenta_blinking": "an update, or at start the mark of safe mode",
    "magenta_solid": "waiting for a file over USB",
    "yellow_blinking": "DFU mode",
    "red_blinking": "red without a count: a crash, or flashes of a handshake that failed",
    "rainbow": "a signal to find the device",
    "solid": "one steady colour: a crash, a hang, or the program's own",
    "grey": "switched off",
}
"""State of the light → what it means, where the program does not use the light itself (device-os,
system_led_signal.cpp).
"""

MODES: dict[str, str] = {
    "listening": "listening mode: it waits for credentials and answers questions",
    "logs": "it runs, and writes its log to the port",
    "app": "it runs, and its program writes to the port",
    "doctor_app": "it runs the maker's Doctor program",
    "cloud_debug": "it runs the maker's cloud-debug program",
    "prompt": "it waits for a line of text: somebody has begun a dialogue",
    "silent": "it neither writes nor answers: it is not listening, or its program blocks it",
    "dfu": "DFU mode: it waits for a firmware file",
}
"""Mode of a device that was asked itself → what it means."""

FLASHES = frozenset(
    f"{colour}_{count}"
    for colour in ("red", "orange", "magenta")
    for count in ("1", "2", "3", "many")
) | {"none"}
"""Colour and count of a run of flashes; `many`: more than three, or not counted; `none`: said not
to come (the fact has failed then).
"""

VALUES: dict[str, frozenset[str]] = {
    "led.state": frozenset(LIGHTS),
    "led.last": frozenset(LIGHTS),
    "led.flash": FLASHES,
    "device.mode": frozenset(MODES),
    "radio.antenna": frozenset({"internal", "external", "auto"}),
    "device.keys": frozenset({"device_key", "server_key", "server_address"}),
}
"""Fact → what its data `value` may be; for what a user tells, see `questions`."""

REASONS: dict[str, str] = {
    "": "no reason needed",
    "timeout": "no answer came",
    "refused": "the port answered that it is closed, as its owner would",
    "reset": "the connection was cut by a reset",
    "reset_near": "reset by something much nearer than the server",
    "prohibited": "a router on the way said that its rules forbid it (ICMP 3/9, 3/10, 3/13)",
    "unreachable": "a router or host said that it cannot be reached (other ICMP type 3)",
    "closed": "the other end closed the connection in order",
    "unopened": "the connection did not open; whether it was refused or met silence was not logged",
    "no_route": "who asked has no way there",
    "no_address": "this computer has no usable address",
    # wifi
    "wrong_password": (
        "the 4-way handshake stopped after its second message: the pass phrases differ"
    ),
    "full": "the access point takes no further station, or sends it elsewhere",
    "weak": "access point and device hear each other too weakly",
    "other_security": "the security offered and the security asked for differ",
    "sae_only": "only WPA3 (SAE) is offered",
    "pmf_required": "protection of management frames is required",
    "enterprise": "only 802.1X is offered",
    "wep": "only WEP is offered",
    "only_5ghz": "the name exists on 5 or 6 GHz only",
    "channel": "the network is on channel 12 to 14, where the device does not ask",
    "not_on_air": "no access point of that name was heard",
    "not_in_scan": "the device's own scan, which leaves hidden names out, does not list that name",
    "similar_name": (
        "the device's own scan lists not that name, but one that differs in capitals, spaces or"
        " signs alone"
    ),
    "unknown_security": "the device's radio has no word for the security offered",
    "nothing_heard": "the device's own scan lists no network at all",
    "fair": "a signal neither strong nor too weak to join",
    # softap
    "other_network": "this computer has not joined the device's own access point",
    "route_conflict": "another network of this computer uses the same addresses",
    "mobile_data": "this computer would send it into a mobile network",
    "unreadable": "the device says that it cannot read it",
    "not_photon": "something else answers at that address",
    "not_let_in": "the access point did not let the device in; the device does not know why",
    "not_joined": "the join failed; why was not logged",
    "key_form": "the pass phrase stored has a length or form that no network takes",
    "eap_failed": "the 802.1X authentication came to no good end",
    "radio_fault": "the radio module itself did not answer (results 1022, 1051)",
    "no_memory": "the device had too little memory for it (result 1065 in a join)",
    # dhcp
    "no_offer": "DISCOVER was not answered",
    "no_ack": "REQUEST was not answered",
    "nak": "the server refused the address asked for",
    "declined": "the client refused the address because it is in use",
    "no_lease": "no address was leased; at which step it failed was not logged",
    "no_network": (
        "no address within the time for it; whether the join or the lease failed was not logged"
    ),
    "missing_router": "the lease names no gateway",
    "missing_dns": "the lease names no resolver",
    "off_subnet": "an address lies outside the subnet it must be in",
    "two_servers": "two servers gave different leases",
    "conflict": "two machines answer for one address",
    # dns
    "nxdomain": "the resolver says that the name does not exist",
    "servfail": "the resolver could not find out",
    "dns_refused": "the resolver refuses to answer",
    "empty": "the answer holds no address",
    "bogon": "the answer is a private, zero or otherwise impossible address",
    "no_name": "no usable answer; a device cannot tell silence from a denial",
    "differs": "another resolver gives other addresses",
    "malformed": "what came back cannot be understood",
    # handshake
    "silent": "the connection stayed open and nothing came",
    "short": "fewer bytes came than the protocol sends, and then no more",
    "text": "readable text came where random bytes belong",
    "not_random": "the same or constant bytes came where random bytes belong",
    "unacknowledged": "what was sent was never acknowledged",
    "device_closed": "the device closed the connection by itself",
    "device_silent": "the device sent nothing although it was its turn",
    "late": "the answer came after the device had given up",
    "lossy": "many of a series of packets got no answer",
    # session
    "link_lost": "the Wi-Fi was lost under it",
    "no_ping": "the device sent no keepalive although it was due",
    "other_key": "the signature or modulus belongs to another key than the one compared with",
    "portal": "a login page answered instead",
    "other_host": "the certificate that was shown is another host's",
    "unknown_issuer": "nobody whom this computer trusts vouches for the certificate that was shown",
    "not_in_date": (
        "the certificate that was shown is not valid at this time, or this computer's clock is"
        " wrong"
    ),
    "tunnel": "it goes through a VPN, and so says nothing about this network",
    "proxy": "it goes through a web proxy",
    # usb
    "absent": "there is no such device or port",
    "no_port": "the device is there, and shows no serial port",
    "busy": "another program uses it",
    "denied": "this user may not open it",
    "gone": "the device or its port vanished",
    "stopped": "an answer stayed out",
    # what the device says of itself
    "dependency": "a module needs another one that is missing or older",
    "integrity": "a module is damaged or lies where it should not",
    "wrong_board": "a module was made for another board",
    "unclaimed": "the device says that no claim code of its was taken",
    "bad_key_length": (
        "the stored password has a length or form that this security cannot have (results 1004,"
        " 1043, 1046, 1058)"
    ),
    "not_keyed": (
        "the exchange of keys with the access point was not finished (results 1007, 1061, 1063,"
        " 1064)"
    ),
    "out_of_range": "the access point was found only in part: it is out of range (result 1003)",
    "rejected": "the access point refused the device (results 1006, 1025)",
    "not_connected": "the connection never opened; at which step is not known",
    "no_nonce": "the first 40 bytes of the handshake did not come (error 25)",
    "no_key": "the 384 bytes of the handshake did not come (error 26)",
    "no_nonce_or_key": "the handshake's 40 or its 384 bytes did not come (error -220)",
    "not_decrypted": "the device could not decrypt the cloud's answer (error 6)",
    "not_encrypted": "the device could not use its copy of the cloud's key (errors 7, 16)",
    "not_decrypted_or_encrypted": (
        "the device could not decrypt the answer, or not use its copy of the cloud's key (error"
        " -240)"
    ),
    "no_welcome": "the cloud did not answer the Hello (error 10)",
    "no_ping_answer": "the cloud did not answer a keepalive (error 1)",
    "accepts_all": (
        "something accepts connections to any address, so that an open one says nothing of its host"
    ),
    "second_router": (
        "a router with a private address stands between this network's own and the Internet"
    ),
    # not looked
    "begun_before": "the exchange began before the capture",
    "cut_off": "the capture ended before the answer was due",
    "not_asked": "nobody asked",
    "needs": "something needed to look is missing",
    "crashed": "the probe itself failed: our bug, no word about the network",
    "budget": "the time or packet budget was spent",
    "not_chosen": "the user left it out",
    "interrupted": "the user ended the run before the answer came",
}
"""Reason → meaning."""


DATA: dict[str, str] = {
    "address": "the address leased, used or gone to",
    "asked": "device.answers: the commands sent, a letter each",
    "asked_as": "dhcp.offer: under whose MAC was asked: device, new_client or this_computer",
    "addresses": "the A records of an answer, in its order, space between",
    "after_ms": "from the last word before an end to that end",
    "board": "usb.port, device.mode: which board, by its USB id",
    "by_rhythm": "led.last: was no colour named, so that rhythm and order told it (true or false)",
    "beside": (
        "computer.vpn: resolvers and gateway that are reached on the own subnet, not through the"
        " VPN, space between"
    ),
    "cannot_show": "capture.coverage: what its silence cannot mean, sentences with ` | ` between",
    "differs": "tcp.blocked_where: from what the way to the port differs: port or host",
    "discovers": "dhcp.lease: DISCOVERs of the exchange; 0: a lease renewed",
    "error": "probe.run: the crash of a probe",
    "family": "device.relative: which kind of Particle device, and by what it shows",
    "fallback": "tcp.address: is it the address built into firmware 0.4.9 to 0.5.5",
    "firmware": "device.identity, internet.test: the Device OS versions that do so",
    "first": "device.identity: when the client was first seen, UTC seconds since 1970",
    "gateway": "the gateway's address",
    "gateway_mac": "gateway.arp: the MAC that answered, aa:bb:cc:dd:ee:ff",
    "hop": (
        "tcp.blocked_where: how many routers on the way to the port answered, this network's own"
        " the first"
    ),
    "id": "device.identity: 24 hex digits",
    "idle_s": "session.keepalive, session.end, session.idle: how long the connection had been idle",
    "interface": "computer.*, softap.reach: the network interface in use",
    "ip": "device.identity: the address used last",
    "is_linked": "computer.vantage: false where the interface is not connected, by cable or Wi-Fi",
    "key_head": "device.key: the first 8 bytes of its modulus, in hex",
    "link": "capture.coverage: the link types by their pcap names",
    "ipv6_gateway": "address.ipv4: the router that offers IPv6",
    "local": "computer.vpn, tcp: the own address that was used",
    "lost_bytes": (
        "internet.mtu: the length of requests that got no answer from any host, where shorter"
        " ones did"
    ),
    "networks": "wifi.scan: how many the device's own radio hears",
    "mac": "device.identity: aa:bb:cc:dd:ee:ff",
    "netmask": "computer.vantage: which part of its address is the subnet's",
    "mac_is_random": "computer.vantage: is this computer's MAC made up (true or false)",
    "meaning": "a package's own fact: what it asks, in the package's words",
    "needs": "device.modules: the Device OS version that a part asks for",
    "number": "told.*: a number that the user gave; device.*: the device's own error number",
    "orange_flashes": "internet.test: what the light of a Photon would show for this outcome",
    "other_band": (
        "wifi.join: does the network's name exist on a band that the module has not, too (true or"
        " false)"
    ),
    "others": "dns.compare: the addresses that others were given, and where a cloud answered",
    "packets": "capture.coverage: packets in the file",
    "parts": "device.modules: the modules that did not pass, in words",
    "port": "usb.*: the serial port of this computer",
    "portal": (
        "dhcp.options: the address of a login page's interface that an offer names (RFC 8910)"
    ),
    "proxy_script": (
        "dhcp.options: where an offer says that a script for choosing a web proxy lies (WPAD)"
    ),
    "place": (
        "tcp.blocked_where, internet.nat: whose the last hop is: computer, router, building, isp or"
        " cloud"
    ),
    "private_hops": (
        "internet.nat: the private addresses behind this network's router, in their order, space"
        " between"
    ),
    "questions": "softap.reach: how many were sent",
    "rank": (
        "device.identity: how sure it is a Photon; 0 not at all, 1 by the maker's MAC prefix alone,"
        " 6 by its id"
    ),
    "rcode": "dns.*: the return code of an answer (RFC 1035 §4.1.1)",
    "relevant": "capture.coverage: packets that were looked into",
    "renewed_s": "dhcp.own_lease: how long ago the lease was last given or renewed",
    "resolver": "dns.*: the resolvers asked, space between",
    "resolvers": "the resolvers named in a lease or set here, space between",
    "restarted": "session.end: did the device begin anew without a word (true or false)",
    "rivals": "softap.reach: other interfaces that use the same addresses, space between",
    "router": "dhcp.options: the gateways that the lease names, space between",
    "rtt_ms": "round trip of the connection; -1: a reset without a SYN before it",
    "says": "what is missing so that a probe could look, in words",
    "said": "device.mode: the first line of what a program wrote, without secrets",
    "same_subnet": "internet.nat: is one of them an address of this network itself (true or false)",
    "server": "dhcp.lease: the server's address",
    "servers": "dhcp.servers, dhcp.offer: the servers that answered, space between",
    "server_ttl": "TTL of the server's own packets, beside the reset's in `ttl`",
    "same_ssid_as_device": (
        "computer.vantage: is it in the Wi-Fi that was named for the device (true or false)"
    ),
    "span_s": "capture.coverage: from its first packet to its last",
    "status": "internet.*: the status code of an HTTP response",
    "successes": "tcp.cloud: how many of this computer's attempts opened, out of `tries`",
    "ssid": "computer.vantage, wifi.join: the name of the Wi-Fi, as its owner spelt it",
    "sealed_head": (
        "handshake.key: the first 8 bytes of what the cloud sealed for the device's key, in hex"
    ),
    "security": (
        "wifi.network: the number that the device's radio gives the security offered; only its own"
        " scan has it"
    ),
    "similar": "wifi.network: a name like the one wanted, in the device's own scan",
    "strongest_dbm": "wifi.scan: the strongest network's signal",
    "stops_connection": ("a package's own fact: false where its failure keeps no Photon offline"),
    "start_seen": (
        "address.static: was the address announced with no lease asked for (true or false)"
    ),
    "step": "led.state: its place in the order in which the states were seen",
    "text": "told.*: what the user wrote, without secrets",
    "tls_ms": "how long a TLS greeting took: the host showed its own certificate",
    "tries": "tcp.cloud: this computer's attempts to open that address",
    "ttl": "TTL of the answer, or of the packet that ended it",
    "unread": "led.*: words that were not understood",
    "version": "told.*, device.*: a Device OS version",
    "value": "told.*: which of the answers to choose from; other facts: a word of VALUES",
}
"""Values in `Observation.data` that others than their source read → what they are. A source may add
more, for people to read.
"""


def reason_of(error: OSError) -> str:
    """The reason word for what the operating system says of a connection attempt."""
    return _ERRNO.get(error.errno or 0, "unreachable")


_ERRNO = {
    errno.ECONNREFUSED: "refused",
    errno.ECONNRESET: "reset",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "unreachable",
    errno.ENETUNREACH: "no_route",
    errno.ENETDOWN: "no_route",
    errno.EADDRNOTAVAIL: "no_address",
    errno.EACCES: "prohibited",
    errno.EPERM: "prohibited",
}


def is_of_light(fact: str) -> bool:
    """Is it something that a person saw of the light?"""
    return fact.startswith("led.")


def is_hearsay(fact: str) -> bool:
    """Does a person say so: an answer of his, or the light as he saw it?"""
    return is_of_light(fact) or of_fact(fact) is not None


BESIDE = frozenset(
    {
        "usb.port",
        "usb.access",
        "softap.reach",
        "device.key",
        "device.mode",
        "device.answers",
        "device.firmware",
        "device.modules",
        "device.claimed",
    },
)
"""Facts of a device asked itself, over USB or its own access point, that show nothing of its
connection.
"""
REMEMBERED = frozenset(
    {"device.radio_error", "device.network_error", "device.cloud_reach", "device.cloud_error"}
)
"""What a device remembers of its connection since its start, without saying of when."""


def is_told_by_device(fact: str) -> bool:
    """Does the device say it of itself, at any time, and not in the course of one try?"""
    return fact in BESIDE or fact in REMEMBERED


_OF_PACKAGE = re.compile(r"(?=.{3,80}$)[\w-]+(\.[\w-]+)+", re.ASCII)
_PREFIXES = frozenset(fact.partition(".")[0] for fact in FACTS)


def is_of_package(fact: str) -> bool:
    """Is it a fact that another package may bring: under a prefix of its own, as `acme.hub`?"""
    return bool(_OF_PACKAGE.fullmatch(fact)) and fact.partition(".")[0] not in _PREFIXES


def is_known(fact: str) -> bool:
    """Is it a fact of ours? Others may be used, under a plugin's own prefix."""
    return fact in FACTS
