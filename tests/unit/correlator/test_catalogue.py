"""The catalogue keeps its public contract, is complete, and names what is wrong with a broken
one.
"""

from __future__ import annotations

import re
import subprocess
import sys
from statistics import median

import msgspec
import pytest

from netcheck.correlator.catalogue import (
    Catalogue,
    CatalogueError,
    Cause,
    Condition,
    Group,
    Pattern,
    check,
    load,
    parse,
)
from netcheck.correlator.notes.wording import words
from netcheck.correlator.rules import every_rule
from netcheck.model import Clue, Outcome, Owner, Weight
from tests.helpers.places import TOP
from tests.helpers.reading import grade
from tests.helpers.tool_commands import COMMANDS, GONE

WIRE_PATTERNS = TOP / "docs" / "wire-patterns.md"

PUBLIC_TABLE = """
usb_cable_or_port            power      you     no
usb_driver_missing           power      you     no
serial_port_busy             power      you     no
host_wifi_scan_unavailable   power      you     no
cli_tools_missing_or_old     power      you     no
power_insufficient           power      you     stops
app_does_not_connect         power      you     stops
doctor_app_left_behind       power      you     stops
app_crashes                  power      you     stops
module_dependency_unmet      power      you     stops
firmware_too_old             power      you     stops
firmware_bug                 power      you     stops
settings_corrupt             power      you     stops
led_not_system               power      you     no
mode_procedure_wrong         power      you     no
softap_unreachable           power      you     no
credentials_missing          radio      you     stops
ssid_not_found               radio      you     stops
ssid_special_characters      radio      you     stops
stale_credentials            radio      you     stops
weak_signal                  radio      you     stops
band_5ghz_only               radio      router  stops
channel_not_allowed          radio      router  stops
antenna_wrong                radio      you     stops
radio_interference           radio      you     stops
module_damaged               radio      device  stops
wifi_wrong_password          join       you     stops
security_mode_mismatch       join       you     stops
band_steering                join       router  stops
phy_mode_unsupported         join       router  stops
wpa3_only                    join       router  stops
pmf_required                 join       router  stops
wpa_enterprise_failed        join       router  stops
wep_network                  join       router  stops
mac_filter                   join       router  stops
ap_full_or_hung              join       router  stops
dhcp_no_server               address    router  stops
dhcp_pool_exhausted          address    router  stops
dhcp_refuses_device          address    router  stops
dhcp_rogue_server            address    router  stops
dhcp_options_wrong           address    router  stops
static_ip_leftover           address    you     stops
ip_conflict                  address    router  stops
ipv6_only_network            address    router  stops
gateway_unreachable          gateway    router  stops
client_isolation             gateway    router  no
dns_unreachable              dns        router  stops
dns_name_blocked             dns        router  stops
dns_hijacked                 dns        router  stops
internet_down                internet   isp     stops
captive_portal               internet   router  stops
proxy_required               internet   router  stops
internet_test_blocked        internet   router  no
cloud_port_blocked           tcp        router  stops
cloud_host_blocked           tcp        router  stops
server_address_wrong         tcp        you     stops
cloud_unreachable            tcp        cloud   stops
transparent_proxy            handshake  router  stops
dpi_interference             handshake  router  stops
mtu_blackhole                handshake  router  stops
cloud_unresponsive           handshake  cloud   stops
path_too_slow                handshake  isp     stops
device_key_mismatch          handshake  you     stops
server_key_wrong             handshake  you     stops
handshake_signature_invalid  handshake  cloud   stops
device_not_registered        handshake  cloud   stops
app_blocks_system            session    you     stops
cloud_rejects_session        session    cloud   stops
duplicate_device_id          session    you     stops
nat_idle_timeout             session    router  stops
session_unstable             session    router  stops
setup_app_fault              ownership  you     no
cli_token_expired            ownership  you     no
not_claimed                  ownership  you     no
claimed_by_other             ownership  you     no
cloud_status_wrong           ownership  cloud   no
"""
"""Id, stage, owner and whether it stops the connection: what other programs rely on. A release adds
the causes that are new since; no row is ever changed.
"""

LOOK_ALIKES = {
    "key_fault": ("device_key_mismatch", "server_key_wrong", "device_not_registered"),
    "no_offer": ("dhcp_no_server", "dhcp_pool_exhausted", "dhcp_refuses_device", "mac_filter"),
    "syn_unanswered": ("cloud_port_blocked", "cloud_host_blocked", "cloud_unreachable"),
    "open_and_silent": ("transparent_proxy", "cloud_unresponsive"),
    "silent_after_request": ("cloud_unresponsive", "dpi_interference", "mtu_blackhole"),
    "no_name_no_test": ("internet_down", "dns_unreachable"),
    "closed_after_hello": ("cloud_rejects_session", "duplicate_device_id"),
    "not_heard": (
        "band_5ghz_only",
        "weak_signal",
        "ssid_not_found",
        "antenna_wrong",
        "channel_not_allowed",
    ),
    "not_let_in": (
        "wifi_wrong_password",
        "security_mode_mismatch",
        "band_steering",
        "mac_filter",
        "ap_full_or_hung",
        "wpa3_only",
        "pmf_required",
    ),
    "nothing_answers": (
        "internet_down",
        "dns_unreachable",
        "gateway_unreachable",
        "static_ip_leftover",
        "dhcp_options_wrong",
    ),
    "no_usable_name": ("dns_unreachable", "dns_name_blocked"),
}

LOW, HIGH, GROUPS = "dns/low.toml", "tcp/high.toml", "groups.toml"
SMALL = {
    GROUPS: """
[pair]
members = ["low", "high"]
tells_apart = "which test tells them apart"
""",
    LOW: """
place = 10
owner = "router"
title = "Low"
headline = "Low is wrong."
remedy = ["do"]
ask_it = "Please do."
explain = "Because."
sources = ["RFC 1035"]
prior = 5
stops_connection = true
""",
    HIGH: """
place = 10
owner = "you"
title = "High"
headline = "High is wrong."
remedy = ["do"]
explain = "Because."
sources = ["RFC 9293"]
prior = 5
stops_connection = true
""",
}


def small(old: str = "", new: str = "", file: str = LOW) -> Catalogue:
    """The small catalogue, with one text of a file replaced where it first stands."""
    assert old in SMALL[file]
    return parse(SMALL | {file: SMALL[file].replace(old, new, 1)})


def and_clues(text: str, file: str = LOW) -> Catalogue:
    """The small catalogue with more at the end of a file."""
    return parse(SMALL | {file: SMALL[file] + text})


def with_clue(**changes: object) -> Catalogue:
    """The small catalogue whose cause `low` has one clue, sound but for the changes."""
    sound = Clue(
        fact="dns.cloud_name",
        outcome=Outcome.FAILED,
        reason=("timeout",),
        weight=Weight.STRONG,
        says="no answer",
    )
    catalogue = small()
    low = msgspec.structs.replace(
        catalogue.causes["low"], clues_for=(msgspec.structs.replace(sound, **changes),)
    )
    return msgspec.structs.replace(catalogue, causes={**catalogue.causes, "low": low})


def test_public_table_has_not_drifted() -> None:
    here = [
        f"{cause.id} {cause.stage.value} {cause.owner.value}"
        f" {'stops' if cause.stops_connection else 'no'}"
        for cause in load().causes.values()
    ]
    public = [" ".join(line.split()) for line in PUBLIC_TABLE.strip().splitlines()]
    assert [row for row in here if row in public] == public


def test_groups_have_not_drifted() -> None:
    assert {group.name: group.members for group in load().groups} == LOOK_ALIKES


def test_shipped_catalogue_is_sound() -> None:
    assert check(load(), every_rule()) == []


def test_every_rule_is_used() -> None:
    catalogue = load()
    used = {clue.rule for cause in catalogue.causes.values() for clue in cause.clues}
    used |= {one.rule for pattern in catalogue.patterns.values() for one in pattern.conditions}
    assert set(every_rule()) - used == set()


def test_key_faults_begin_with_the_harmless_repair() -> None:
    (group,) = load().groups_of("device_key_mismatch")
    assert "keys server" in group.remedy_first[0]
    assert "keys doctor" in group.remedy_first[1]
    for member in group.members:
        assert "keys server" in load().causes[member].remedy[0]


@pytest.mark.parametrize("group", load().groups, ids=lambda group: group.name)
def test_priors_agree_with_the_order_of_look_alikes(group: Group) -> None:
    priors = [load().causes[member].prior for member in group.members]
    assert priors == sorted(priors, reverse=True)


@pytest.mark.parametrize("cause", load().causes.values(), ids=lambda cause: cause.id)
def test_sentences_are_one_line_and_end(cause: Cause) -> None:
    for sentence in filter(None, (cause.headline, cause.ask_it)):
        assert sentence[-1] in ".?"
        assert ". " not in sentence
        assert "\n" not in sentence


def test_small_catalogue_is_sound_so_that_the_next_tests_mean_something() -> None:
    assert check(small()) == []
    assert check(with_clue()) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        (
            LOW,
            'ask_it = "Please do."\n',
            "",
            "low: ask_it and owner router do not go together (ask_it is there if and only if the"
            " owner is router, isp or cloud)",
        ),
        (LOW, 'owner = "router"', 'owner = "unknown"', "low: nobody owns it"),
        (LOW, "Low is wrong.", "x" * 231, "low: headline has 231 characters, more than 230"),
        (LOW, '"Because."', '" "', "low: explain is missing"),
        (LOW, '["do"]', "[]", "low: remedy is missing"),
        (LOW, '["RFC 1035"]', '[""]', "low: sources is missing"),
        (LOW, "prior = 5", "prior = 10", "low: prior 10 is not within 1 to 9"),
        (GROUPS, '["low", "high"]', '["low", "other"]', "pair: unknown member other"),
        (GROUPS, '["low", "high"]', '["low", "low"]', "pair: duplicate member"),
        (GROUPS, '["low", "high"]', '["low"]', "pair: fewer than two members look like nothing"),
        (GROUPS, '"which test tells them apart"', '""', "pair: tells_apart is missing"),
    ],
)
def test_check_names_a_fault_of_the_file(file: str, old: str, new: str, problem: str) -> None:
    assert problem in check(small(old, new, file))


def test_causes_stand_in_the_order_of_rung_place_and_id() -> None:
    first, last = (SMALL[LOW].replace("place = 10", f"place = {place}") for place in (1, 20))
    files = {"dns/z.toml": first, "dns/b.toml": last, "dns/a.toml": last, **SMALL}
    assert list(parse(files).causes) == ["z", "low", "a", "b", "high"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"fact": "dns.nonsense"}, "low: unknown fact dns.nonsense"),
        ({"reason": ("timeout", "tired")}, "low: unknown reason tired"),
        ({"fact": "", "rule": ""}, "low: clue 'no answer' names neither a fact nor a rule"),
        ({"of": "server"}, "low: unknown witness server"),
        ({"says": ""}, "low: a clue says nothing"),
        ({"rule": "unheard_of"}, "low: unknown rule unheard_of"),
    ],
)
def test_check_names_a_fault_of_a_clue(changes: dict[str, object], problem: str) -> None:
    assert check(with_clue(**changes), rules={"known"}) == [problem]


def test_check_names_a_clue_given_twice() -> None:
    clue = '[[for]]\nfact = "dns.cloud_name"\nweight = "weak"\nsays = "twice"\n'
    assert check(and_clues(clue + clue)) == ["low: duplicate clue 'twice'"]


ELSEWHERE = """
[[for]]
rule = "outside"
weight = "strong"
says = "it is outside"
[[elsewhere]]
rule = "outside"
owner = "isp"
headline = "Low is wrong at the provider."
remedy = ["ask"]
ask_it = "Please do."
"""


def test_a_cause_at_another_place_has_another_owner_and_other_words() -> None:
    low = and_clues(ELSEWHERE).causes["low"]

    assert check(and_clues(ELSEWHERE)) == []
    assert low.placed(["inside"]) == low
    placed = low.placed(["outside"])
    assert (placed.owner, placed.headline, placed.remedy) == (
        Owner.ISP,
        "Low is wrong at the provider.",
        ("ask",),
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'elsewhere]]\nrule = "outside"',
            'elsewhere]]\nrule = "inside"',
            "low: elsewhere by inside, which is no rule of a clue for it",
        ),
        (
            'owner = "isp"',
            'owner = "you"',
            "low: ask_it and owner you do not go together (ask_it is there if and only if the"
            " owner is router, isp or cloud) (where outside)",
        ),
        ('["ask"]', "[]", "low: remedy is missing (where outside)"),
    ],
)
def test_check_names_a_fault_of_what_is_said_elsewhere(old: str, new: str, problem: str) -> None:
    assert old in ELSEWHERE
    assert problem in check(and_clues(ELSEWHERE.replace(old, new)))


def test_clues_are_read_from_for_and_against() -> None:
    catalogue = and_clues(
        '[[for]]\nof = "control"\nfact = "dns.cloud_name"\noutcome = "failed"\nreason ='
        ' ["nxdomain"]\nweight = "strong"\nsays = "a"\n'
        '[[against]]\nrule = "some_rule"\nweight = "decisive"\nsays = "b"\n'
    )
    low = catalogue.causes["low"]
    expected = Clue(
        of="control",
        fact="dns.cloud_name",
        outcome=Outcome.FAILED,
        reason=("nxdomain",),
        weight=Weight.STRONG,
        says="a",
    )
    assert low.clues_for == (expected,)
    assert low.clues == (expected, Clue(rule="some_rule", weight=Weight.DECISIVE, says="b"))


@pytest.mark.parametrize(
    ("file", "text", "complaint"),
    [
        (LOW, "[low", "dns/low.toml: not valid TOML"),
        (GROUPS, 'pair = "x"', "groups.toml: pair is not a table"),
        ("attic/low.toml", SMALL[LOW], "attic/low.toml: there is no rung attic"),
        (HIGH, SMALL[HIGH].replace("title", "titel"), "tcp/high.toml: high: .*titel"),
        (HIGH, SMALL[HIGH] + '[[for]]\nreasons = ["reset"]\n', "for: unknown key reasons"),
        (HIGH, SMALL[HIGH] + "[[for]]\nany_of = [{ reasons = [] }]\n", "for: .*reasons"),
        ("user_answers.toml", '[[answer]]\nsays = "s"\nhints = ["who"]', "unknown cause who"),
    ],
)
def test_malformed_file_is_refused(file: str, text: str, complaint: str) -> None:
    with pytest.raises(CatalogueError, match=complaint):
        parse(SMALL | {file: text})


COMPOSED = """
[[for]]
fact = "dns.cloud_name"
data = ["resolver"]
none_of = [{ rule = "shared", ever = false }]
weight = "weak"
says = "a"
"""


def test_a_clue_of_several_conditions_is_a_rule_of_its_own() -> None:
    catalogue = parse(
        SMALL
        | {
            LOW: SMALL[LOW] + COMPOSED,
            "rules.toml": '[shared]\nany_of = [{ fact = "dns.cloud_name" }]\n',
            "words.toml": "[said]\nasked = ['cli_error']\nwords = 'x'\nunless = 'y'\n",
        }
    )
    (clue,) = catalogue.causes["low"].clues
    assert clue == Clue(rule="low.for.1", weight=Weight.WEAK, says="a")
    assert catalogue.patterns == {
        "low.for.1": Pattern(
            all_of=(Condition(fact="dns.cloud_name", data=("resolver",)),),
            none_of=(Condition(rule="shared"),),
        ),
        "shared": Pattern(any_of=(Condition(fact="dns.cloud_name"),)),
        "said": Pattern(
            any_of=(Condition(fact="told.cli_error", outcome=Outcome.OK, words="x", unless="y"),)
        ),
    }
    assert check(catalogue, rules=catalogue.patterns) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("dns.cloud_name", "dns.nonsense", "unknown fact dns.nonsense"),
        ('"resolver"', '"ttl ~ 3"', "'ttl ~ 3' is no comparison"),
        ('"resolver"', '"ttl >= many"', "'ttl >= many' is no comparison"),
        ('"resolver"', '"mood = bad"', "unknown datum mood"),
        ('rule = "shared"', 'rule = "unheard_of"', "unknown rule unheard_of"),
        ('rule = "shared"', "", "a condition names either a fact or a rule"),
        ('rule = "shared", ever = false', 'rule = "shared", of = "server"', "unknown witness"),
        ("ever = false", 'ever = true, of = "control"', "only the device's own tries"),
        ("ever = false", 'reason = ["tired"]', "unknown reason tired"),
        ("ever = false", 'words = "("', "'(' is no pattern"),
        ("ever = false", 'unless = "x"', "unless takes back words"),
        ('fact = "dns.cloud_name"\ndata = ["resolver"]\n', "", "nothing would be its evidence"),
    ],
)
def test_check_names_a_fault_of_a_condition(old: str, new: str, problem: str) -> None:
    text = COMPOSED.replace(old, new).replace("{ , ", "{ ")
    found = check(and_clues(text), rules={"shared", "low.for.1"})
    assert any(one.startswith(f"low.for.1: {problem}") for one in found), found


def test_check_names_a_place_taken_twice() -> None:
    catalogue = parse(SMALL | {"dns/lower.toml": SMALL[LOW]})

    assert check(catalogue) == ["lower: place 10 of dns is taken by low"]


def test_check_names_a_clue_that_trusts_free_text() -> None:
    words = "[said]\nasked = ['cli_error']\nwords = 'x'\n"
    clue = '[[for]]\nrule = "said"\nweight = "strong"\nsays = "a"\n'
    texts = SMALL | {LOW: SMALL[LOW] + clue, "words.toml": words}

    assert check(parse(texts)) == [
        "low: clue 'a' rests on words in free text, which only hint: its weight must be weak, not"
        " strong"
    ]
    assert check(parse(texts | {LOW: texts[LOW].replace("strong", "weak")})) == []


def test_check_names_rules_that_rest_on_each_other() -> None:
    rules = (
        '[one]\nany_of = [{ rule = "two" }]\n[two]\nall_of = [{ fact = "tcp.cloud" }]\n'
        'none_of = [{ rule = "one" }]\n[three]\nany_of = [{ rule = "two" }]\n'
    )
    catalogue = parse(SMALL | {"rules.toml": rules})
    assert check(catalogue, rules=catalogue.patterns) == [
        "one: rests on itself",
        "two: rests on itself",
    ]


def test_catalogue_imports_no_packet_or_command_line_library() -> None:
    program = (
        "import sys, netcheck.correlator.catalogue as c; c.load(); print({'scapy', 'dns', 'click'}"
        " & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "set()"


def table_rows(page: str, cells: int) -> list[list[str]]:
    """The rows of the tables with so many columns on a page of ours, as cells, without headings."""
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in page.splitlines()
        if line.startswith("|")
    ]
    return [row for row in rows if len(row) == cells and row[0] not in ("#", "Group")]


def test_every_pattern_on_the_wire_has_a_row_and_names_known_causes() -> None:
    rows = table_rows(WIRE_PATTERNS.read_text(encoding="utf-8"), cells=5)
    assert [int(row[0]) for row in rows] == list(range(1, 36))
    named = {name for row in rows for name in re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", row[3])}
    assert named <= set(load().causes)


def test_page_lists_the_groups_of_the_catalogue() -> None:
    rows = table_rows(WIRE_PATTERNS.read_text(encoding="utf-8"), cells=3)
    listed = {row[0].strip("`"): tuple(re.findall(r"`(\w+)`", row[1])) for row in rows}
    assert listed == LOOK_ALIKES


# ------------------------------------------------------------------------------- how hard it reads

HEADLINES = [
    text
    for cause in load().causes.values()
    for text in (cause.title, cause.headline, *(place.headline for place in cause.elsewhere))
] + [group.headline for group in load().groups if group.headline]
STEPS = [
    step
    for cause in load().causes.values()
    for remedy in (cause.remedy, *(place.remedy for place in cause.elsewhere))
    for step in remedy
] + [step for group in load().groups for step in group.remedy_first]
EASY, HARDEST = 8, 11
"""Grades: of half of all texts at most, and of any."""
STEP_WORDS, HEADLINE_CHARACTERS = 20, 85


@pytest.mark.parametrize("texts", [HEADLINES, STEPS], ids=["headlines", "steps"])
def test_headlines_and_steps_are_easy_to_read(texts: list[str]) -> None:
    assert median(map(grade, texts)) <= EASY
    assert not [(grade(text), text) for text in texts if grade(text) > HARDEST]


def test_a_step_is_short() -> None:
    assert not [step for step in STEPS if len(step.split()) > STEP_WORDS]


def test_a_headline_fits_beside_its_verdict_on_two_lines() -> None:
    assert not [text for text in HEADLINES if len(text) > HEADLINE_CHARACTERS]


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("The cat sat on the mat.", -2, 0.5),
        (
            "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature.",
            10,
            14,
        ),
        ("Run `particle keys server --protocol tcp` now.", -4, 1),
    ],
)
def test_the_grade_is_that_of_the_formula(text: str, least: float, most: float) -> None:
    assert least <= grade(text) <= most


# ---------------------------------------------------------------------------------- what to ask for

ASKED = (Owner.ROUTER, Owner.ISP)


@pytest.mark.parametrize("cause", load().causes.values(), ids=lambda cause: cause.id)
def test_router_and_provider_are_asked_for_a_change_or_it_is_said_why_not(cause: Cause) -> None:
    owners = {cause.owner, *(place.owner for place in cause.elsewhere)}
    is_theirs = not owners.isdisjoint(ASKED)
    assert is_theirs == (cause.request is not None or bool(cause.no_request))
    assert not (cause.request and cause.no_request)


def test_the_request_for_the_blocked_port_is_complete() -> None:
    request = load().causes["cloud_port_blocked"].request
    assert request is not None
    assert (request.protocol, request.port, request.direction) == ("TCP", "5683", "outbound")
    assert request.names == ("device.spark.io", "device.tcp.particle.io")
    assert "addresses behind them change" in request.note
    assert request.idle_s is not None and request.idle_s > 15  # the Photon's keepalive


@pytest.mark.parametrize(
    "cause", [one for one in load().causes.values() if one.request], ids=lambda cause: cause.id
)
def test_a_request_is_one_order_with_its_reason(cause: Cause) -> None:
    assert cause.request is not None
    for text in (cause.request.change, cause.request.why):
        assert text.endswith(".") and "\n" not in text
    assert grade(cause.request.change) <= HARDEST


def quoted(*texts: str) -> list[str]:
    """Every command that these texts name, but netcheck's own."""
    found = re.findall(r"`([^`]+)`", " ".join(texts))
    return [one for one in found if one != "keys" and not re.match(r"(?:sudo )?netcheck\b", one)]


def unknown_commands(*texts: str) -> list[str]:
    """Those that today's tools do not have."""
    return [
        command
        for command in quoted(*texts)
        if not any(f"{command} ".startswith(f"{known} ") for known in COMMANDS)
        or any(command.startswith(gone) for gone in GONE)
    ]


@pytest.mark.parametrize("cause", load().causes.values(), ids=lambda cause: cause.id)
def test_every_command_in_a_remedy_exists_in_today_s_tools(cause: Cause) -> None:
    others = [step for place in cause.elsewhere for step in (*place.remedy, place.headline)]
    assert unknown_commands(cause.headline, *cause.remedy, *others) == []


def test_every_command_in_the_first_steps_of_a_group_exists() -> None:
    groups = load().groups
    assert unknown_commands(*(text for g in groups for text in (*g.remedy_first, g.headline))) == []


def test_every_command_in_a_note_exists() -> None:
    assert unknown_commands(*words().sentences.values(), *words().phrases.values()) == []


def test_a_command_that_is_gone_is_found() -> None:
    assert unknown_commands("Run `particle device doctor`.") == ["particle device doctor"]
