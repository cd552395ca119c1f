"""The probes of the Internet rung against a network that is a table."""

from __future__ import annotations

import msgspec
import pytest
from netcheck.probes.captive_portal import Meaning, captive_portal, meaning
from netcheck.probes.internet_test import internet_test, judged, time_request
from netcheck.probes.proxy import proxy

from netcheck.correlator import diagnose
from netcheck.correlator.notes import led_notes
from netcheck.correlator.notes.wording import sentences
from netcheck.model import STANDING, Target
from netcheck.probing import WEB_CHECKS, Kind, Probe, Reply, Seen, Vantage
from netcheck.probing.testing import HOME, SILENCE, FakeNet, named, opened, refusal
from tests.helpers.fake_net import Answers
from tests.helpers.notation import case

GATEWAY, PUBLIC, TIME = "192.168.1.1", "8.8.8.8", "162.159.200.1"
NAME = "pool.ntp.org"


def told(seen: Seen) -> str:
    return " ".join(
        word for word in (seen.fact, seen.outcome, seen.reason, f">{seen.target}") if word
    )


def time_answer(request: bytes) -> bytes:
    """What a time server makes of a request (RFC 5905 §7.3), as far as it is looked at."""
    return b"\x24" + bytes(23) + request[40:48] + bytes(16)


class TimeNet(FakeNet):
    """A network whose time server answers requests."""

    def exchange(
        self, ip: str, port: int, request: bytes, *, sendings: int = 1, apart_s: float = 2.0
    ) -> Reply:
        reply = super().exchange(ip, port, request, sendings=sendings, apart_s=apart_s)
        return Reply(ok=True, took_s=0.03, payload=time_answer(request)) if reply.ok else reply


def time_net(
    *, test: Reply | None = None, name: Reply | None = None, time: Reply | None = None
) -> TimeNet:
    return TimeNet(
        {
            ("connect", PUBLIC, 53): test or opened(),
            ("resolve", NAME, GATEWAY): name or named(TIME),
            ("udp", TIME, 123): time or Reply(ok=True),
        }
    )


# internet_test


def test_both_eras_pass_on_a_good_network() -> None:
    seen = list(internet_test.run(Target(), time_net()))

    assert list(map(told, seen)) == [
        "internet.test ok >8.8.8.8:53",
        "internet.name_test ok >pool.ntp.org",
        "internet.test ok >pool.ntp.org:123",
    ]
    assert [dict(one.data)["orange_flashes"] for one in seen if one.fact == "internet.test"] == [
        3,
        3,
    ]


@pytest.mark.parametrize(
    ("net", "expected", "flashes"),
    [
        (time_net(test=refusal("timeout")), "internet.test failed timeout >8.8.8.8:53", [2, 3]),
        (
            time_net(test=Reply(ok=True, took_s=6.0)),
            "internet.test failed late >8.8.8.8:53",
            [2, 3],
        ),
        (
            time_net(time=refusal("timeout")),
            "internet.test failed timeout >pool.ntp.org:123",
            [3, 2],
        ),
        (
            time_net(name=refusal("nxdomain")),
            "internet.test skipped not_asked >pool.ntp.org:123",
            [3, 2],
        ),
    ],
)
def test_each_era_is_told_by_itself(net: FakeNet, expected: str, flashes: list[int]) -> None:
    seen = list(internet_test.run(Target(), net))

    assert expected in map(told, seen)
    assert [
        dict(one.data)["orange_flashes"] for one in seen if one.fact == "internet.test"
    ] == flashes


def test_a_local_time_server_is_no_word_of_the_internet() -> None:
    net = time_net(name=named(GATEWAY))
    seen = list(internet_test.run(Target(), net))

    assert "internet.name_test failed bogon >pool.ntp.org" in map(told, seen)
    assert "internet.test skipped not_asked >pool.ntp.org:123" in map(told, seen)
    assert not [question for question in net.asked if question[0] == "udp"]


@pytest.mark.parametrize(
    ("answer", "ok"),
    [
        (time_answer(bytes(40) + b"12345678"), True),
        (time_answer(bytes(40) + b"other..."), False),
        (time_answer(bytes(40) + b"12345678")[:47], False),
        (b"\x23" + time_answer(bytes(40) + b"12345678")[1:], False),
        (b"", False),
    ],
)
def test_only_a_servers_answer_to_this_request_counts(answer: bytes, ok: bool) -> None:
    reply = judged(Reply(ok=True, payload=answer), bytes(40) + b"12345678")

    assert (reply.ok, reply.reason) == (ok, "" if ok else "malformed")


def test_no_two_time_requests_are_alike() -> None:
    one, other = time_request(), time_request()

    assert len(one) == 48
    assert one[0] == 0x23
    assert one != other


def test_what_the_internet_test_sends_is_declared() -> None:
    assert {
        (traffic.kind, traffic.to, traffic.at_most)
        for traffic in internet_test.sends
        if traffic.kind is not Kind.DNS_QUERY
    } == {
        (Kind.TCP_CONNECTION, "8.8.8.8:53", 1),
        (Kind.UDP_DATAGRAM, "pool.ntp.org:123", 3),
    }


# the light


@pytest.mark.parametrize(
    "fallen", ["ctl tcp.cloud failed timeout", "ctl dns.cloud_name failed timeout"]
)
def test_the_light_follows_from_the_tests(fallen: str) -> None:
    tests = case(
        "ctl internet.test ok >8.8.8.8:53 orange_flashes=3 firmware=old \n ctl internet.test failed"
        " orange_flashes=2 firmware=new"
    )

    (sentence,) = sentences(led_notes.expected([*case(fallen), *tests]))

    assert "3 orange flashes with Device OS old, 2 orange flashes with Device OS new" in sentence


@pytest.mark.parametrize(
    "text",
    ["ctl tcp.cloud ok \n ctl internet.test ok orange_flashes=3", "ctl tcp.cloud failed timeout"],
)
def test_without_a_failure_or_a_test_nothing_is_said_of_the_light(text: str) -> None:
    assert not list(led_notes.expected(case(text)))


# captive_portal


def page(status: int, body: bytes = b"", location: str = "") -> Reply:
    """An HTTP response."""
    place = (("location", location),) if location else ()
    return Reply(
        ok=True, took_s=0.05, data=(("rtt_ms", 20.0), ("status", status), *place), payload=body
    )


GOOD = {check.host: page(check.status, check.body) for check in WEB_CHECKS}
HOSTS = tuple(GOOD)
LOGIN = page(302, location="http://192.168.1.1/login")
BLOCKED = page(200, b"<html>This page is blocked</html>")
FILTERED = page(403, b"<html>no</html>")
BROKEN = refusal("silent", rtt_ms="20.0")


def web(answers: dict[str, Reply], address: str = "93.184.215.14") -> FakeNet:
    """A network where these hosts have that address, and answer so."""
    names: Answers = {("resolve", host, GATEWAY): named(address) for host in HOSTS}
    return FakeNet(names | {("http", host): reply for host, reply in answers.items()})


def of_portal(net: FakeNet) -> list[str]:
    return [told(seen) for seen in captive_portal.run(Target(), net)]


def test_hosts_that_answer_as_they_should_are_reached() -> None:
    said = of_portal(web(GOOD))

    assert set(said) == {f"internet.reach ok >{host}:80" for host in HOSTS} | {
        f"internet.redirect ok >{host}" for host in HOSTS
    }


@pytest.mark.parametrize(
    "answer", [LOGIN, BLOCKED, page(511, b"<html>"), page(307, location="/login")]
)
def test_a_login_page_in_the_place_of_each_is_a_portal(answer: Reply) -> None:
    assert of_portal(web(dict.fromkeys(HOSTS, answer))) == [
        f"internet.redirect failed portal >{host}" for host in HOSTS
    ]


def test_a_portal_that_lets_some_checks_pass_is_one_all_the_same() -> None:
    said = of_portal(web(dict.fromkeys(HOSTS, LOGIN) | {HOSTS[0]: GOOD[HOSTS[0]]}))

    assert said[0] == f"internet.reach ok >{HOSTS[0]}:80"
    assert said[1:] == [f"internet.redirect failed portal >{host}" for host in HOSTS[1:]]


def test_a_filter_that_hides_one_host_is_no_portal() -> None:
    said = of_portal(web(GOOD | {HOSTS[2]: BLOCKED}))

    assert f"internet.redirect unclear differs >{HOSTS[2]}" in said
    assert f"internet.redirect ok >{HOSTS[0]}" in said
    assert not [line for line in said if "portal" in line.split(" >")[0]]


@pytest.mark.parametrize(
    ("host", "answer", "expected"),
    [
        (HOSTS[1], page(200), Meaning.ODD),  # a broken proxy's empty page in the place of 204
        (HOSTS[0], page(204), Meaning.ODD),  # a proxy that answers 204 to everything
        (
            HOSTS[0],
            page(301, location="https://captive.apple.com"),
            Meaning.ODD,
        ),
        (HOSTS[0], page(302), Meaning.ODD),
        (HOSTS[0], FILTERED, Meaning.ODD),
        (HOSTS[0], page(407, b"<html>"), Meaning.ODD),
        (HOSTS[3], page(200, b"success\n"), Meaning.GENUINE),
        (HOSTS[3], page(200, b"<html>success: you are logged in" + bytes(300)), Meaning.PORTAL),
        (HOSTS[1], page(204), Meaning.GENUINE),
        (HOSTS[1], BROKEN, Meaning.ODD),
        (HOSTS[1], refusal("timeout"), Meaning.SILENT),
    ],
)
def test_what_an_answer_means(host: str, answer: Reply, expected: Meaning) -> None:
    assert meaning(next(check for check in WEB_CHECKS if check.host == host), answer) is expected


def test_silence_says_that_nothing_is_reached_only_where_nothing_is() -> None:
    assert of_portal(web({})) == [f"internet.reach failed timeout >{host}:80" for host in HOSTS]
    assert f"internet.reach unclear timeout >{HOSTS[0]}:80" in of_portal(
        web({HOSTS[1]: GOOD[HOSTS[1]]})
    )


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1", "224.0.0.1"])
def test_no_name_no_question(address: str) -> None:
    net = web(GOOD, address)

    assert of_portal(net) == ["internet.redirect skipped not_asked >"]
    assert not [question for question in net.asked if question[0] == "http"]


def test_the_second_resolver_is_asked_where_the_first_is_silent() -> None:
    net = web(GOOD)
    net.here = Vantage(address="192.168.1.5", gateway=GATEWAY, resolvers=("192.168.1.9", GATEWAY))

    assert f"internet.reach ok >{HOSTS[0]}:80" in of_portal(net)


@pytest.mark.parametrize("probe", [internet_test, captive_portal], ids=lambda probe: probe.name)
@pytest.mark.parametrize(
    "net", [FakeNet(), time_net(), web(GOOD), web(dict.fromkeys(HOSTS, LOGIN))]
)
def test_a_probe_settles_only_what_it_declares(probe: Probe, net: FakeNet) -> None:
    assert {seen.fact for seen in probe.run(Target(), net)} <= probe.settles


# proxy


def proxy_net(*proxies: str, answer: Reply | None = None) -> FakeNet:
    """A computer that is told to use these proxies; the first one's name is known here."""
    here = msgspec.structs.replace(HOME, proxies=proxies)
    return FakeNet(
        {
            ("resolve", "proxy.lan", GATEWAY): named("192.168.1.9"),
            ("proxy", "192.168.1.9", 3128): answer or SILENCE,
        },
        here=here,
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page(200, b"success\n"), "internet.proxy ok >proxy.lan:3128"),
        (page(407, b"<html>"), "internet.proxy failed malformed >proxy.lan:3128"),
        (LOGIN, "internet.proxy failed malformed >proxy.lan:3128"),
        (refusal("refused"), "internet.proxy failed refused >proxy.lan:3128"),
    ],
)
def test_what_the_proxy_answers(answer: Reply, expected: str) -> None:
    assert [
        told(seen) for seen in proxy.run(Target(), proxy_net("proxy.lan:3128", answer=answer))
    ] == [expected]


def test_without_a_proxy_nobody_is_asked() -> None:
    net = proxy_net()

    assert list(proxy.run(Target(), net)) == []
    assert net.asked == []


def test_a_proxy_without_an_address_is_not_asked() -> None:
    assert [told(seen) for seen in proxy.run(Target(), proxy_net("nowhere.lan:8080"))] == [
        "internet.proxy skipped not_asked >nowhere.lan:8080"
    ]


@pytest.mark.parametrize(
    ("direct", "cause"),
    [
        (
            "ctl tcp.cloud failed timeout @4 \n ctl internet.test failed timeout @3",
            "proxy_required",
        ),
        (
            (
                "ctl tcp.cloud failed timeout @4 \n ctl internet.test ok @3 \n ctl internet.reach"
                " ok @3"
            ),
            "cloud_port_blocked",
        ),
    ],
)
def test_a_proxy_is_required_only_where_nothing_answers_directly(direct: str, cause: str) -> None:
    (one,) = diagnose(case("ctl internet.proxy ok @3 \n" + direct, source="probe:test/1"), Target())

    assert one.best is not None and one.best.cause == cause


@pytest.mark.parametrize(
    ("direct", "stands"),
    [
        ("", True),
        ("\n ctl internet.reach ok >8.8.8.8:443 @3", False),
        ("\n ctl handshake.nonce ok @5 \n ctl tcp.cloud ok @4", False),
    ],
)
def test_an_announced_proxy_script_is_a_hint_where_nothing_answers_directly(
    direct: str, stands: bool
) -> None:
    script = "ctl dhcp.options ok @0 proxy_script=http://wpad.lan/x.pac \n"
    silence = "ctl internet.test failed timeout @3 \n ctl tcp.cloud failed timeout @4"
    (one,) = diagnose(case(script + silence + direct, source="probe:test/1"), Target())

    assert (
        "proxy_required" in {finding.cause for finding in one.findings if finding.level in STANDING}
    ) is stands
    assert one.best is None or one.best.cause != "proxy_required"
