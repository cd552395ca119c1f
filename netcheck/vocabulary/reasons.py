"""Why something did not work: the closed list, and the word for an error of the operating system.

Public: added to, never renamed.
"""

from __future__ import annotations

import errno

REASONS: dict[str, str] = {
    "": "no reason needed",
    "timeout": "no answer",
    "refused": "the host answered that the port is closed",
    "reset": "a reset ended the connection",
    "reset_near": "a reset from something much nearer than the server",
    "prohibited": "a router or firewall forbids it (ICMP 3/9, 3/10, 3/13)",
    "filtered": "the network's own firewall logged that it blocked it",
    "unreachable": "a router or host reports that it cannot be reached (other ICMP type 3)",
    "closed": "the other end closed the connection",
    "unopened": (
        "the connection did not open; whether it was refused or got no answer was not logged"
    ),
    "not_received": (
        "what the other end sends next did not come; whether it closed or sent nothing was not"
        " logged"
    ),
    "no_route": "whoever asked has no route there",
    "held_here": "this computer's own firewall or routes let nothing out there",
    "no_address": "this computer has no usable address",
    # wifi
    "wrong_password": (
        "the 4-way handshake stopped after its second message: the pass phrases differ"
    ),
    "full": "the access point accepts no further station, or sends it elsewhere",
    "steered": "the access point sends the device to another access point or band",
    "try_later": "the access point refuses the device for now and says to try again later",
    "unsupported_mode": (
        "the access point requires a rate, mode or capability that the device does not have"
    ),
    "spectrum_rules": (
        "the access point does not accept the transmit power or channels that the device names"
    ),
    "wrong_wep_key": "the WEP keys of access point and device differ",
    "stale_key": "the access point does not know a key that the device kept from earlier",
    "idle": "the access point says that the device was idle",
    "left": "the access point says that it leaves",
    "state_lost": "the access point does not know, or no longer knows, the device as connected",
    "unheard": "the access point waited for the device's next frame, and it did not come",
    "refused_unclear": "the access point refused the device; its status code does not say why",
    "thrown_out": (
        "the access point sent the device away after accepting it; its reason code does not say why"
    ),
    "weak": "the signal between access point and device is too weak",
    "other_security": "the security offered and the security asked for differ",
    "sae_only": "only WPA3 (SAE) is offered",
    "pmf_required": "protection of management frames is required",
    "enterprise": "only 802.1X is offered",
    "wep": "only WEP is offered",
    "only_5ghz": "the name exists on 5 or 6 GHz only",
    "channel": "the network is on channel 12 to 14, which the device does not use",
    "not_on_air": "no access point of that name is in range",
    "hidden": "an access point keeps its name to itself, and the device asks for none by name",
    "not_tried": "the access point answers, and the device does not try to join it",
    "not_in_scan": "the device's own scan, which leaves hidden names out, does not list that name",
    "similar_name": (
        "the device's own scan does not list that name, but one that differs in capitals, spaces or"
        " signs alone"
    ),
    "unknown_security": "the device's radio does not know the security offered",
    "nothing_heard": "the device's own scan finds no network at all",
    "fair": "a signal neither strong nor too weak to join",
    # softap
    "other_network": "this computer has not joined the device's own access point",
    "route_conflict": "another network of this computer uses the same addresses",
    "mobile_data": "this computer would send it over mobile data",
    "unreadable": "the device says that it cannot read it",
    "not_photon": "something other than a Photon answers at that address",
    "not_let_in": "the access point did not let the device in; the device does not know why",
    "mac_refused": "the access point's log says that its list of MAC addresses refuses the device",
    "not_joined": "the join failed; why was not logged",
    "key_form": "the pass phrase stored has a length or form that no network accepts",
    "eap_failed": "the 802.1X authentication failed",
    "radio_fault": "the radio module itself did not answer (results 1022, 1051)",
    "no_memory": "the device had too little memory for it (result 1065 in a join)",
    # dhcp
    "no_offer": "DISCOVER was not answered",
    "pool_empty": "the server's log says that it has no address to give",
    "ignored": "the server's log says that it does not serve this device",
    "no_ack": "REQUEST was not answered",
    "nak": "the server refused the requested address",
    "declined": "the client refused the address because it is in use",
    "no_lease": "no address was leased; which step failed was not logged",
    "no_network": ("no address in time; whether the join or the lease failed was not logged"),
    "missing_router": "the lease has no gateway",
    "missing_dns": "the lease has no resolver",
    "off_subnet": "an address lies outside the subnet it must be in",
    "two_servers": "two servers gave different leases",
    "conflict": "two machines answer for one address",
    # dns
    "nxdomain": "the resolver says that the name does not exist",
    "servfail": "the resolver could not find out",
    "dns_refused": "the resolver refuses to answer",
    "empty": "the answer contains no address",
    "block_page": "the answer is the address of a filter service's page on what it blocks",
    "bogon": "the answer is a private, zero or otherwise impossible address",
    "no_name": "no usable answer; a device cannot distinguish no answer from a negative one",
    "differs": "another resolver gives other addresses",
    "two_answers": "two different answers came to one question, so one of them is forged",
    "malformed": "the answer is malformed",
    # handshake
    "silent": "the connection stayed open and no data came",
    "short": "fewer bytes came than the protocol sends",
    "text": "readable text came where random bytes belong",
    "not_random": "the same or constant bytes came where random bytes belong",
    "unacknowledged": "what was sent was never acknowledged",
    "device_closed": "the device closed the connection by itself",
    "device_silent": "the device did not send what it had to send next",
    "late": "the answer came after the device had given up",
    "lossy": "many of a series of packets got no answer",
    "too_large": "a router says that the next link carries no packets as large as that (ICMP)",
    # session
    "link_lost": "the Wi-Fi connection was lost",
    "no_ping": "the device sent no keepalive although it was due",
    "other_key": "the signature or modulus belongs to another key than the one compared with",
    "portal": "a login page answered instead",
    "other_site": "a page sent the visitor to another site, as many do, login pages too",
    "other_host": "the certificate that was shown is another host's",
    "unknown_issuer": "this computer does not trust the issuer of the certificate that was shown",
    "not_in_date": (
        "the certificate that was shown is not valid at this time, or this computer's clock is"
        " wrong"
    ),
    "tunnel": "it goes through a VPN, and so says nothing about this network",
    "proxy": "it goes through a web proxy",
    # this computer's Wi-Fi scan
    "switched_off": "this computer's Wi-Fi is switched off",
    "cached": "the list is what the system had kept; no new scan was made",
    "withheld": "the system keeps the names of networks from this program",
    "two_bands": "the name exists on 2.4 GHz and on 5 or 6 GHz, too",
    "mixed_security": "access points of one name differ in their security",
    "crowded": "many access points share the channel, or it is busy most of the time",
    "odd_name": "the name has characters that some set-up methods change",
    # usb
    "absent": "there is no such device or port",
    "no_port": "the device is connected but shows no serial port",
    "busy": "another program uses it",
    "denied": "this user may not open it",
    "gone": "the device or its port vanished",
    "stopped": "an answer did not come",
    # what the device says of itself
    "dependency": "a module needs another one that is missing or older",
    "integrity": "a module is damaged or at a wrong address",
    "wrong_board": "a module was made for another board",
    "unclaimed": "the device says that it was never claimed",
    "bad_key_length": (
        "the stored password has a length or form that this security cannot have (results 1004,"
        " 1043, 1046, 1058)"
    ),
    "not_keyed": (
        "the exchange of keys with the access point did not finish (results 1007, 1061, 1063, 1064)"
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
        "a proxy or firewall accepts connections to any address, so an open one proves nothing"
        " about the host"
    ),
    "second_router": (
        "a router with a private address stands between this network's own and the Internet"
    ),
    # not looked
    "begun_before": "the exchange began before the capture",
    "one_direction": "only one direction was captured, so a missing answer proves nothing",
    "missed": "no answer was captured, but what came next shows that there was one",
    "left_out": "of too many packets some were left out, so a missing answer proves nothing",
    "cut_off": "the capture ended before the answer was due",
    "not_asked": "nobody asked",
    "needs": "something needed to look is missing",
    "crashed": "the probe failed: a bug in the probe, no word about the network",
    "budget": "the time for the run, or the packets that the probe may send, were used up",
    "not_chosen": "the user left it out",
    "interrupted": "the user ended the run before the answer came",
}
"""Reason → meaning."""


def reason_of(error: OSError) -> str:
    """The reason word for the operating system's error of a connection attempt."""
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
