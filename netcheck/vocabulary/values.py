"""What stands in `Observation.data`: the names of values with their units, and the closed lists of
words that some of them take.

Public: added to, never renamed.
"""

from __future__ import annotations

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

DATA: dict[str, str] = {
    "address": "the address leased, used or gone to",
    "age_s": "computer.scan: how old the newest of what the system had kept is",
    "answered": "tcp.left_network: beyond the router an answer was seen",
    "asked": "device.answers: the commands sent, a letter each",
    "asked_as": "dhcp.offer: under whose MAC was asked: device, new_client or this_computer",
    "addresses": "the A records of an answer, in its order, space between",
    "after_ms": "from the last packet before an end to that end",
    "board": "usb.port, device.mode: which board, by its USB id",
    "by_rhythm": (
        "led.last: was no colour named, so that it was concluded from rhythm and order"
        " (true or false)"
    ),
    "band_ghz": "computer.wifi: the band that this computer is on: 2.4, 5 or 6",
    "bssid": "wifi.*, computer.wifi: the access point's MAC",
    "beside": (
        "computer.vpn: resolvers and gateway that are reached on the own subnet, not through the"
        " VPN, space between"
    ),
    "characters": (
        "told.ssid: plain (letters, digits, space, dot, hyphen, underscore), odd (quotes and signs"
        " that set-up apps change, and all beyond ASCII) or other"
    ),
    "acknowledged": (
        "wifi.join: true where the access point's radio acknowledged a question that it did not"
        " answer"
    ),
    "answers_others": (
        "wifi.probe: does the access point answer other stations at the time (true or false)"
    ),
    "channels": "wifi.network: on how many channels of 2.4 GHz the capture listened",
    "channel": "computer.wifi, wifi.network, wifi.own_network: the number of its channel",
    "coarse": (
        "wifi.network: true where the list came from a tool that shows no 802.11w, rates and width"
    ),
    "code": "wifi.join, wifi.link: the status or reason code of the frame that decides",
    "code_of": "wifi.join, wifi.link: is that code a status (of an answer) or a reason (of an end)",
    "by": (
        "computer.sends: how it was seen: frames (what the interface sends) or ttl (whether the"
        " first router answers)"
    ),
    "cannot_show": (
        "capture.coverage: what its silence does not prove, sentences with ` | ` between"
    ),
    "differs": "tcp.blocked_where: what gets farther than the cloud's port: another port or host",
    "discovers": "dhcp.lease: DISCOVERs of the exchange; 0: a lease renewed",
    "error": "probe.run: the crash of a probe",
    "family": "device.relative: which kind of Particle device, and by what it shows",
    "fallback": "tcp.address: is it the address built into firmware 0.4.9 to 0.5.5",
    "firmware": "device.identity, internet.test: the Device OS versions that do so",
    "first": "device.identity: when the client was first seen, UTC seconds since 1970",
    "gateway": "the gateway's address",
    "gateway_mac": "gateway.arp: the MAC that answered, aa:bb:cc:dd:ee:ff",
    "here_dbm": "computer.wifi, wifi.network: the signal at this computer",
    "icmp_code": "code of the ICMP message that ended it: 3 is a port, others hosts and rules",
    "hop": (
        "tcp.blocked_where: how many routers on the path to the port answered, this network's own"
        " the first"
    ),
    "id": "device.identity: 24 hex digits",
    "idle_s": "session.keepalive, session.end, session.idle: how long the connection had been idle",
    "other_networks": "computer.vantage: the interfaces by which there is another way out",
    "interface": "computer.*, softap.reach: the network interface in use",
    "ip": "device.identity: the address used last",
    "is_linked": "computer.vantage: false where the interface is not connected, by cable or Wi-Fi",
    "key_head": "device.key: the first 8 bytes of its modulus, in hex",
    "lasted_s": "session.open, session.end: how long the session had lasted",
    "length_bytes": "told.ssid: the length of the network's name",
    "link": "capture.coverage: the link types by their pcap names",
    "ipv6_gateway": "address.ipv4: the router that offers IPv6",
    "local": "computer.vpn, tcp: the own address that was used",
    "lost_bytes": (
        "internet.mtu: the length of requests that got no answer from any host, where shorter"
        " ones did"
    ),
    "networks": "wifi.scan, computer.scan: how many networks or access points the scan finds",
    "scans": "computer.scan: how many scans were made for this run",
    "mac": "device.identity: aa:bb:cc:dd:ee:ff",
    "mask": "dhcp.options: the subnet mask of the lease",
    "netmask": "computer.vantage: the subnet mask of its address",
    "mac_is_random": "computer.vantage: is this computer's MAC made up (true or false)",
    "needs": "device.modules: the Device OS version that a module needs",
    "meaning": "a package's own fact: what it asks, in the package's words",
    "number": "told.*: a number that the user gave; device.*: the device's own error number",
    "offer_only": "dhcp.options: true where they stand in an offer that nobody took up",
    "on_2ghz": "wifi.network: did a computer's scan find the name on 2.4 GHz (true or false)",
    "orange_flashes": "internet.test: what the light of a Photon would show for this outcome",
    "other_band": (
        "wifi.join, wifi.link, wifi.network, wifi.probe: does the network's name exist on a band"
        " that the module has not, too (true or false)"
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
    "repeats": "session.keepalive: how often the same bytes were sent again",
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
    "relevant": "capture.coverage: packets that were analysed",
    "renewed_s": "dhcp.own_lease: how long ago the lease was last given or renewed",
    "resolver": "dns.*: the resolvers asked, space between",
    "resolvers": "the resolvers named in a lease or set here, space between",
    "restarted": (
        "session.end: did the device restart without closing the connection (true or false)"
    ),
    "rivals": "softap.reach: other interfaces that use the same addresses, space between",
    "router": "dhcp.options: the gateways that the lease names, space between",
    "rival_mac": "address.conflict, computer.address: the MAC of the machine that has it, too",
    "rtt_ms": "round trip of the connection; -1: a reset without a SYN before it",
    "says": "why a probe could not ask, in words",
    "said_characters": "device.mode: how many characters a program wrote in that time",
    "said_lines": "device.mode: how many lines a program wrote while it was listened to",
    "same_subnet": "internet.nat: is one of them an address of this network itself (true or false)",
    "server": "dhcp.lease: the server's address",
    "servers": "dhcp.servers, dhcp.offer: the servers that answered, space between",
    "server_ttl": "TTL of the server's own packets, beside the reset's in `ttl`",
    "same_ssid_as_device": (
        "computer.vantage: is it in the Wi-Fi that was named for the device (true or false)"
    ),
    "span_s": "capture.coverage: from its first packet to its last",
    "status": "internet.*: the status code of an HTTP response",
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
    "stops_connection": "a package's own fact: false where its failure keeps no Photon offline",
    "start_seen": (
        "address.static: was the address announced with no lease asked for (true or false)"
    ),
    "stays": "led.last: is blinking or solid magenta said to stay (true)",
    "step": "led.state: its place in the order in which the states were seen",
    "text": "told.*: the known words of what the user wrote, `…` for all others",
    "tls_ms": "how long a TLS handshake took in which the host showed its own certificate",
    "key_sha256": "device.key: the SHA-256 of the public key, in hex",
    "location": "internet.redirect: the scheme, host and port of the page that it leads to",
    "lost": "internet.loss: how many of the `sent` got no answer, or only when sent again",
    "probe": "probe.run: the name of the probe",
    "reached": (
        "wifi.join: how far the access point accepted the device: associated, or joined (with its"
        " keys, where it has any)"
    ),
    "request_bytes": "internet.mtu: the length of the largest request that was answered",
    "offers": (
        "wifi.request: the security that the access point offers: open, wep, tkip (that alone) or"
        " other"
    ),
    "sign": "device.perhaps, device.identity: the best mark by which it was recognised",
    "signal_dbm": "wifi.probe: the signal of the device at the monitor",
    "unanswered": "wifi.link: how often the device asked for its access point and got no answer",
    "weak_end_dbm": (
        "wifi.join, wifi.probe: the signal of device or access point at a monitor that stands"
        " beside the other one"
    ),
    "rssi_dbm": "wifi.signal: the signal at the device's radio",
    "sender": "tcp.blocked_where: the address of the last router that answered",
    "sent": "probe.run: packets sent; internet.loss: echoes sent, or connections begun",
    "tries": "tcp.reset_origin, *.as_device, *.as_new_client: how many of the attempts count",
    "ttl": "TTL of the answer, or of the packet that ended it",
    "unread_words": "led.*: how many words were not understood",
    "version": "told.*, device.*: a Device OS version",
    "value": "told.*: which of the answers to choose from; other facts: a word of VALUES",
}
"""Values in `Observation.data` that others than their source read → what they are. A source may add
more, for people to read.
"""
