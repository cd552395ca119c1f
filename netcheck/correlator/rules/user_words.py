"""Known words in what a user wrote freely: each row is a rule that finds its words in the answers
to some questions.

Words only hint: a person may quote, deny or guess. A rule looks for its words in lower case; the
second pattern of a row, if any, must not be found in the same text. Error strings and set-up steps:
particle-cli@v3.9.0, the maker's set-up apps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from netcheck.correlator.rules.query import RULES, own
from netcheck.correlator.weigh import Rule, View
from netcheck.model import Observation

ROUTER = ("told.router_text",)
TOOL = ("told.setup_tool",)
STEP = ("told.setup_step",)
SETUP = ("told.setup_step", "told.setup_error")
ERROR = ("told.setup_error", "told.cli_error")
COMMAND = ("told.cli_error", "told.setup_tool", "told.setup_error")
ANY = (
    "told.router_text",
    "told.setup_tool",
    "told.setup_step",
    "told.setup_error",
    "told.cli_error",
)

WORDS: dict[str, tuple[tuple[str, ...], str, str]] = {
    # the access point
    "words_wpa3": (ROUTER, r"\bwpa[ -]?3\b|\bsae\b", r"\bwpa[ -]?2\b|mixed|transition|off\b"),
    "words_wpa2_and_wpa3": (
        ROUTER,
        r"\bwpa[ -]?2.{0,12}\bwpa[ -]?3\b|\bwpa[ -]?3.{0,12}\bwpa[ -]?2\b|wpa3 transition",
        "",
    ),
    "words_wpa_mixed": (ROUTER, r"mixed|\bwpa\d? ?[/+] ?wpa\d?|transition|\bauto\b", ""),
    "words_pmf": (
        ROUTER,
        r"802\.11w|\bpmf\b|\bmfp\b|management frame",
        r"optional|capable|\boff\b|disabled|not required",
    ),
    "words_tkip": (ROUTER, r"\btkip\b", ""),
    "words_wep": (ROUTER, r"\bwep\b", r"\bnot? wep\b"),
    "words_n_only": (
        ROUTER,
        (
            r"\bn[- ]only\b|\bonly (?:802\.11)?n\b|802\.11n only|\bn mode only\b|greenfield|\bax[-"
            r" ]only\b"
        ),
        "",
    ),
    "words_40_mhz": (ROUTER, r"\b40 ?mhz\b", r"20 ?/ ?40"),
    "words_enterprise": (ANY, r"802\.1x|\bradius\b|\bp?eap\b|eduroam|enterprise|mschap", ""),
    "words_channel": (ROUTER, r"\bch(?:annel|\.)? ?(?:12|13|14)\b", ""),
    "words_hidden": (
        ROUTER,
        r"\bhidden\b|\bhides\b|not broadcast|broadcast (?:is )?(?:off|disabled)",
        "",
    ),
    "words_steering": (
        ROUTER,
        r"band ?steering|smart ?connect|\bmesh\b|same (?:ssid|name)|one (?:ssid|name)",
        "",
    ),
    "words_5_ghz": (ROUTER, r"\b5 ?ghz\b", r"2[.,]4"),
    "words_isolation": (ROUTER, r"isolat", r"isolation (?:is )?off"),
    "words_mac_filter": (
        ANY,
        (
            r"mac[ -](?:address )?(?:filter|list|control)|white ?list|allow[ -]?list|access"
            r" (?:control|list)|parental"
        ),
        "",
    ),
    "words_registration": (
        ANY,
        r"\bregist(?:er|ration|ered)\b.{0,30}\b(?:mac|device|network|(?:hardware|physical|ethernet)"
        r" address)|net(?:work)? registration"
        r"|\b(?:mac|(?:hardware|physical|ethernet)"
        r" address\w*)\b.{0,30}\bregist(?:er|ration|ered)\b",
        "",
    ),
    "words_client_limit": (
        ROUTER,
        r"(?:max|maximum|limit)\w*.{0,20}(?:client|device|station)s?|too many (?:clients|devices)",
        "",
    ),
    # the way out
    "words_captive": (
        ANY,
        (
            r"captive|log-?in page|sign[- ]?in page|\bportal\b|splash|landing"
            r" page|voucher|accept.{0,12}terms"
        ),
        "",
    ),
    "words_proxy": (ANY, r"\bproxy\b", r"no proxy"),
    "words_name_filter": (
        ROUTER,
        r"pi-?hole|ad-?block|ad-?guard|opendns|dns filter|safe ?search|family filter",
        "",
    ),
    "words_firewall": (
        ANY,
        r"\bfirewall\b|\b5683\b|outbound|block\w* ports?|ports? (?:are |is )?(?:blocked|closed)",
        "",
    ),
    "words_double_nat": (
        ROUTER,
        r"session time-?out|nat time-?out|udp time-?out|tcp time-?out|idle time-?out",
        "",
    ),
    "words_vpn": (ROUTER, r"\bvpn\b|pppoe|\bmtu\b", ""),
    # the set-up: its steps (Android app), messages and tools
    "words_step_configure": (
        STEP,
        (
            r"configur|sending|device wi-?fi credentials|connect\w* to (?:the"
            r" )?(?:photon|device)|discover|looking for"
        ),
        "",
    ),
    "words_step_join": (STEP, r"connect\w* to (?:the |your )?(?:wi-?fi|network)", ""),
    "words_step_leave": (SETUP, r"disconnect", ""),
    "words_step_cloud": (STEP, r"cloud|wait\w* for (?:the )?device|reconnect", ""),
    "words_step_internet": (STEP, r"internet", ""),
    "words_step_ownership": (SETUP, r"verif|ownership|claim|final|last step|finish", ""),
    "words_wrong_credentials": (
        SETUP,
        r"wrong.{0,20}(?:wi-?fi|password|credential|network|key)|(?:wi-?fi|password|credential|network|key)"
        r".{0,30}(?:wrong|incorrect|invalid|not valid)"
        r"|(?:incorrect|invalid|bad).{0,12}(?:wi-?fi|password|credential|key)|check.{0,20}password",
        "",
    ),
    "words_old_network": (
        ANY,
        (
            r"old (?:wi-?fi|network|ssid|credentials)|previous (?:wi-?fi|network|ssid)|still"
            r" (?:connects|tries)"
        ),
        "",
    ),
    "words_not_cleared": (
        ANY,
        (
            r"no listening|(?:not|never) (?:enter|go|goes|get|gets)\w* (?:in|to|into)?"
            r" ?listening|not (?:erased|cleared)"
        ),
        "",
    ),
    "words_button_dead": (
        ANY,
        r"button.{0,25}(?:no effect|nothing|dead|ineffective|not respond|does not|doesn.t)",
        "",
    ),
    "words_app": (
        TOOL,
        r"\bandroid\b|\bios\b|\biphone\b|\bipad\b|\bapps?\b|\bapk\b|librar|\bsdk\b|galaxy",
        r"no app",
    ),
    "words_app_fails": (
        (*SETUP, *TOOL),
        (
            r"crash|freez|hangs?\b|unresponsive|exception|stopped working|force"
            r" close|spinning|blank|white screen"
        ),
        "",
    ),
    "words_set_in_program": (TOOL, r"setcredentials", ""),
    "words_softap": (
        ANY,
        (
            r"photon-[0-9a-z]{4}|soft ?ap|192\.168\.0\.1\b|5609|mobile data|own (?:network|access"
            r" point)"
        ),
        "",
    ),
    "words_no_own_network": (
        ANY,
        r"(?:soft ?ap|photon-[0-9a-z]{4}|own network).{0,30}\b(?:not|never|missing)\b"
        r"|\b(?:no|not|never)\b.{0,30}(?:soft ?ap|photon-[0-9a-z]{4})",
        "",
    ),
    "words_claim_fails": (
        ANY,
        r"(?:could ?n.t|could not|cannot|fail\w*|unable).{0,15}claim|claim\w*.{0,15}fail",
        "",
    ),
    "words_no_photons": (
        ANY,
        r"no nearby|no (?:photons?|devices?|cores?) (?:nearby|detected|discovered)"
        r"|(?:\bnot|n.t|unable to|never) (?:find|detect|discover|see)s? (?:any |the |my |your |a"
        r" )?(?:photon|device|core)s?\b",
        r"dfu|serial|usb",
    ),
    "words_no_networks": (
        ANY,
        (
            r"no (?:wi-?fi )?(?:networks?|access points?|aps?)\b|unable to scan|(?:empty|blank)"
            r" list|scan.{0,12}fail"
        ),
        "",
    ),
    "words_too_long": (
        ANY,
        r"\bderp\b|could ?n.t save|too (?:long|short)|at least 8|sorry, we",
        "",
    ),
    "words_special": (
        ANY,
        (
            r"special character|apostrophe|\bquote|umlaut|accent|unicode|emoji|non-?ascii"
            r"|ampersand|backslash"
        ),
        "",
    ),
    # the computer
    "words_dfu": (
        COMMAND,
        (
            r"cannot open dfu|no dfu|dfu (?:device|driver)|failed to"
            r" open|libusb|winusb|zadig|\bdriver|udev|permission denied|\beacces"
        ),
        "",
    ),
    "words_no_usb": (
        COMMAND,
        (
            r"no (?:serial )?(?:devices?|ports?|photons?|cores?)"
            r" (?:found|connected|available|identified)|not? (?:\w+ )?device.{0,20}found"
        ),
        "",
    ),
    "words_busy": (
        COMMAND,
        (
            r"\bbusy\b|\bin use\b|ebusy|cannot lock|access (?:is )?denied|already open|temporarily"
            r" unavailable|modemmanager"
        ),
        "",
    ),
    "words_token": (
        COMMAND,
        (
            r"invalid_token|access_token|token.{0,20}expired|please log ?in|not logged"
            r" in|unauthori[sz]ed|\b401\b"
        ),
        "",
    ),
    "words_tools": (
        COMMAND,
        r"openssl|command not found|enoent|not recogni[sz]ed|unknown command|usage:|out of date|old"
        r" version|outdated"
        r"|(?:no|without|missing|omitted).{0,15}\b(?:id|device id|argument)\b|spawn",
        "",
    ),
    "words_not_owner": (
        ANY,
        r"change owner|owned by|another (?:user|account)|already (?:been )?claimed|belongs to"
        r"|not (?:your|the) (?:device|owner)|permission.{0,12}device",
        "",
    ),
    "words_not_online": (
        COMMAND,
        (
            r"made it to the cloud yet|not (?:been |yet"
            r" )?(?:online|reached)|\boffline\b|unreachable|not connected"
        ),
        "",
    ),
    "words_dependency": (
        ANY,
        r"dependenc\w+:? ?(?:fail|not|unmet|miss)|missing dependenc|module dependenc",
        "",
    ),
    "words_doctor": (ANY, r"device doctor|particle doctor", r"keys doctor"),
    "words_ipv6": (
        ROUTER,
        r"ipv6[ -]only|only ipv6|no (?:dhcp for )?ipv4|no ipv4|ds-lite|nat64",
        "",
    ),
    "words_other_server": (
        ANY,
        r"(?:another|other|own|local|private|wrong) (?:server|cloud)|spark-server|server address",
        "",
    ),
    "words_two_servers": (ANY, r"(?:two|second|another) (?:dhcp|routers?)\b|rogue", ""),
    "words_same_address": (
        ANY,
        r"(?:same|duplicate) (?:ip|address)|(?:ip|address) conflict|conflict\w* (?:ip|address)",
        "",
    ),
    "words_same_id": (ANY, r"(?:same|duplicate) (?:device )?id\b|cloned", ""),
    "words_outage": (
        ANY,
        r"outage|status page|maintenance|server (?:is )?down|cloud (?:is )?down|\b50[234]\b",
        "",
    ),
    "words_version": (
        ANY,
        (
            r"\b(?:newer|older|0\.3\.\d|outdated) (?:version|library|app|firmware)|version"
            r" mismatch|minimum version"
        ),
        "",
    ),
    "words_codes_password": (ANY, r"\b106[124]\b|\b1006\b|\b1007\b", ""),
    "words_codes_not_found": (ANY, r"\b1024\b|\b1066\b|\b1003\b", ""),
    "words_codes_security": (ANY, r"\b1044\b|\b1025\b|\b1045\b", ""),
    "words_codes_radio": (ANY, r"\b1022\b|\b1051\b", ""),
    "words_dent": (ANY, r"\bdent|dropped|static discharge|\besd\b|cracked|scratch|press\w* on", ""),
}
"""Rule → the facts it reads, its words, and the words that take it back."""


def _rule(facts: Sequence[str], words: str, unless: str) -> Rule:
    wanted, unwanted = re.compile(words), re.compile(unless) if unless else None

    def found(view: View) -> Sequence[Observation]:
        told = [o for fact in facts for o in own(view, fact, ok=True)]
        return [
            o
            for o in told
            if wanted.search(_plain(o)) and not (unwanted and unwanted.search(_plain(o)))
        ]

    return found


def _plain(o: Observation) -> str:
    return o.text("text").casefold()


RULES.update({name: _rule(*row) for name, row in WORDS.items()})
