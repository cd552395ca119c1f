"""Login pages that do not show by a redirect: by their certificates, by what DHCP announces, by
what alone they let pass.
"""

from __future__ import annotations

import threading

import pytest
from netcheck.probes.captive_portal import captive_portal
from netcheck.probes.portal_api import parsed, portal_api
from netcheck.probes.web_tls import HOSTS, web_tls

from netcheck.correlator import diagnose
from netcheck.live.net.dhcp_offers import ReceivedOffers
from netcheck.model import Diagnosis, Target, Verdict
from netcheck.probing import NO_PORTAL, WEB_CHECKS, DhcpOffer, Kind, Probe, Reply, Seen
from netcheck.probing.testing import HOME, SILENCE, FakeNet, named, opened, refusal
from tests.helpers.fake_net import Answers
from tests.helpers.notation import case

GATEWAY = HOME.gateway or ""
FIRST, SECOND = HOSTS
OWN = opened()
API = "https://login.guest.test/api"


def told(seen: Seen) -> str:
    return " ".join(
        word for word in (seen.fact, seen.outcome, seen.reason, f">{seen.target}") if word
    )


def lines(probe: Probe, net: FakeNet) -> list[str]:
    return [told(seen) for seen in probe.run(Target(), net)]


def judged(text: str) -> Diagnosis:
    (one,) = diagnose(case(text, source="probe:test/1"), Target())
    return one


# web_tls


def web(first: Reply, second: Reply) -> FakeNet:
    names: Answers = {("resolve", host, GATEWAY): named("93.184.215.14") for host in HOSTS}
    return FakeNet(names | {("tls", FIRST): first, ("tls", SECOND): second})


def test_hosts_that_show_their_own_certificates_are_reached() -> None:
    assert lines(web_tls, web(OWN, OWN)) == [
        f"internet.reach ok >{FIRST}:443",
        f"internet.tls ok >{FIRST}:443",
        f"internet.reach ok >{SECOND}:443",
        f"internet.tls ok >{SECOND}:443",
    ]


@pytest.mark.parametrize(
    "reason",
    [
        "other_host",
        "unknown_issuer",
        "timeout",
        "refused",
        "reset",
        "closed",
        "malformed",
        "silent",
    ],
)
def test_what_all_of_them_meet_is_the_networks_doing(reason: str) -> None:
    assert lines(web_tls, web(refusal(reason), refusal(reason))) == [
        f"internet.tls failed {reason} >{host}:443" for host in HOSTS
    ]


@pytest.mark.parametrize("reason", ["other_host", "timeout", "reset"])
def test_what_one_of_them_meets_is_a_filters(reason: str) -> None:
    assert f"internet.tls unclear {reason} >{SECOND}:443" in lines(
        web_tls, web(OWN, refusal(reason))
    )


def test_a_wrong_clock_accuses_nobody() -> None:
    late = refusal("not_in_date")
    assert lines(web_tls, web(late, late)) == [
        f"internet.tls unclear not_in_date >{host}:443" for host in HOSTS
    ]


def test_without_authorities_nothing_is_looked_at() -> None:
    needs = refusal("needs")
    assert lines(web_tls, web(needs, needs)) == [
        f"internet.tls skipped needs >{host}:443" for host in HOSTS
    ]


def test_without_names_nobody_is_greeted() -> None:
    assert lines(web_tls, FakeNet()) == ["internet.tls skipped not_asked >"]


# captive_portal: an empty answer to everything


def test_an_empty_204_for_everything_reaches_nobody() -> None:
    empty = Reply(ok=True, took_s=0.05, data=(("rtt_ms", 20.0), ("status", 204)))
    answers: Answers = {("http", check.host): empty for check in WEB_CHECKS}
    answers |= {("resolve", check.host, GATEWAY): named("93.184.215.14") for check in WEB_CHECKS}
    said = lines(captive_portal, FakeNet(answers))

    assert said == [f"internet.redirect unclear malformed >{check.host}" for check in WEB_CHECKS]


# portal_api


def api_net(
    answer: Reply, uri: str = API, address: str = "192.168.1.1", path: str = "/api"
) -> FakeNet:
    return FakeNet(
        {
            ("resolve", "login.guest.test", GATEWAY): named(address),
            ("https", "login.guest.test", path): answer,
        },
        portal=uri,
    )


def page(body: bytes, status: int = 200) -> Reply:
    return Reply(ok=True, took_s=0.05, data=(("rtt_ms", 1.0), ("status", status)), payload=body)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (page(b'{"captive": true}'), "failed portal"),
        (
            page(
                b'{"captive": false, "venue-info-url": "https://venue.test/",'
                b' "seconds-remaining": 9}'
            ),
            "ok",
        ),
        (page(b'{"captive": "yes"}'), "unclear malformed"),
        (page(b'{"user-portal-url": "https://login.guest.test/"}'), "unclear malformed"),
        (page(b"<html>log in</html>"), "unclear malformed"),
        (page(b"[" * 8000), "unclear malformed"),
        (page(b'{"captive": true, "x": ' + b"[" * 8000), "unclear malformed"),
        (page(b"\xff\xfe"), "unclear malformed"),
        (page(b""), "unclear malformed"),
        (page(b'{"captive": true}', status=404), "unclear malformed"),
        (page(b'{"captive": true}', status=302), "unclear malformed"),
        (refusal("timeout"), "unclear timeout"),
        (refusal("other_host"), "unclear other_host"),
        (refusal("unknown_issuer"), "unclear unknown_issuer"),
        (refusal("needs"), "skipped needs"),
    ],
)
def test_what_the_interface_says(answer: Reply, expected: str) -> None:
    assert lines(portal_api, api_net(answer)) == [
        f"internet.portal_api {expected} >login.guest.test:443"
    ]


def test_the_page_for_people_is_kept_cut() -> None:
    body = b'{"captive": true, "user-portal-url": "https://login.guest.test/' + b"x" * 500 + b'"}'
    (seen,) = portal_api.run(Target(), api_net(page(body)))

    assert dict(seen.data)["login_page"] == "https://login.guest.test"


@pytest.mark.parametrize("uri", ["", NO_PORTAL])
def test_without_a_portal_nobody_is_asked(uri: str) -> None:
    net = api_net(page(b""), uri)

    assert lines(portal_api, net) == []
    assert net.asked == []


@pytest.mark.parametrize(
    "uri",
    [
        "http://login.guest.test/api",
        "file:///etc/passwd",
        "https:///api",
        "https://user@login.guest.test/api",
        "https://login.guest.test:0/api",
        "https://login.guest.test:65536/",
        "https://login.guest.test/a b",
        "https://login.guest.test/\r\nHost: evil.test",
        "https://login.guest.test/\n",
        "https://[::1]/api",
        "https://login.guest.test?captive",
        "https://" + "a" * 300 + ".test/",
    ],
)
def test_an_address_that_is_not_asked(uri: str) -> None:
    net = api_net(page(b'{"captive": true}'), uri)

    assert lines(portal_api, net) == ["internet.portal_api skipped not_asked >"]
    assert net.asked == []


@pytest.mark.parametrize(
    ("uri", "host", "port", "path"),
    [
        ("https://login.guest.test", "login.guest.test", 443, "/"),
        ("HTTPS://192.168.1.1:8443/api?mac=x#y", "192.168.1.1", 8443, "/api?mac=x#y"),
    ],
)
def test_where_an_address_leads(uri: str, host: str, port: int, path: str) -> None:
    place = parsed(uri)

    assert place is not None and (place.host, place.port, place.path) == (host, port, path)


@pytest.mark.parametrize(
    ("address", "is_asked"),
    [
        ("192.168.1.1", True),
        ("93.184.215.14", True),
        ("192.168.2.1", False),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("0.0.0.0", False),
    ],
)
def test_no_offer_leads_into_another_private_network(address: str, is_asked: bool) -> None:
    net = api_net(page(b'{"captive": false}'), address=address)
    literal = FakeNet(
        {("https", address, "/"): page(b'{"captive": false}')}, portal=f"https://{address}/"
    )

    assert ("internet.portal_api ok" in lines(portal_api, net)[0]) is is_asked
    assert ("internet.portal_api ok" in lines(portal_api, literal)[0]) is is_asked


@pytest.mark.parametrize("probe", [web_tls, portal_api], ids=lambda probe: probe.name)
def test_a_probe_settles_and_sends_only_what_it_declares(probe: Probe) -> None:
    for net in (FakeNet(), web(OWN, SILENCE), api_net(page(b'{"captive": true}'))):
        assert {seen.fact for seen in probe.run(Target(), net)} <= probe.settles
    assert {traffic.kind for traffic in probe.sends} <= {
        Kind.DNS_QUERY,
        Kind.TLS_GREETING,
        Kind.HTTP_REQUEST,
    }


# who tells whom of the portal


def offer(portal: str = "") -> DhcpOffer:
    return DhcpOffer(
        client="02:00:00:00:00:05",
        server=GATEWAY,
        server_mac="02:00:00:00:00:01",
        address="192.168.1.77",
        portal=portal,
    )


def test_the_address_is_known_while_offers_are_still_listened_for() -> None:
    offers, asking = ReceivedOffers(), threading.Event()
    found: list[str] = []

    def ask() -> None:
        asking.set()
        found.append(offers.portal(10))

    with offers.listening():
        thread = threading.Thread(target=ask)
        thread.start()
        asking.wait(5)
        offers.add(offer())
        offers.add(offer(API))
        offers.add(offer("https://other.test/"))
        thread.join(5)
        assert found == [API]


def test_nobody_waits_for_offers_that_nobody_listens_for() -> None:
    offers = ReceivedOffers()
    with offers.listening():
        pass

    assert offers.portal(10) == ""
    assert ReceivedOffers().portal(0.0) == ""


# what is concluded

HEALTHY = "ctl tcp.cloud ok @4 \n ctl handshake.nonce ok @5 \n"
ANNOUNCED = f"ctl dhcp.options ok @0 portal={API} \n"
NOTHING_ELSE = """
ctl internet.test failed timeout >8.8.8.8:53 @3
ctl internet.reach failed timeout >8.8.8.8:443 @3
ctl tcp.cloud failed timeout >device.spark.io:5683 @4
"""
CHECKS_PASS = """
ctl internet.redirect ok >captive.apple.com @3
ctl internet.reach ok >captive.apple.com:80 @3
ctl internet.tls ok >www.google.com:443 @3
ctl internet.reach ok >www.google.com:443 @3
"""


def best(text: str) -> str | None:
    one = judged(text).best
    return one.cause if one else None


def test_who_is_held_back_by_the_interface_needs_a_login() -> None:
    assert (
        best("ctl internet.portal_api failed portal @3 \n ctl tcp.cloud failed timeout @4")
        == "captive_portal"
    )


def test_a_strange_certificate_on_every_host_is_a_login_page() -> None:
    assert best("ctl internet.tls failed other_host @3" + NOTHING_ELSE) == "captive_portal"


def test_inspection_alone_is_no_login_page_and_no_fault() -> None:
    one = judged("ctl internet.tls failed unknown_issuer @3 \n" + HEALTHY)

    assert (one.verdict, one.best) == (Verdict.HEALTHY, None)


def test_an_announced_portal_leaves_a_doubt_for_the_device() -> None:
    one = judged(ANNOUNCED + "ctl internet.portal_api ok @3 \n" + HEALTHY)

    assert one.verdict is Verdict.SUSPECTED
    assert one.best is not None and one.best.cause == "captive_portal"
    assert any("gives access to each MAC address by itself" in note for note in one.notes)


def test_a_network_that_says_it_has_no_portal_is_healthy() -> None:
    assert (
        judged(f"ctl dhcp.options ok @0 portal={NO_PORTAL} \n" + HEALTHY).verdict is Verdict.HEALTHY
    )


def test_a_device_that_the_cloud_answered_is_past_the_portal() -> None:
    device = case(
        "dev device.identity ok rank=5 \n dev tcp.cloud ok @4 \n dev handshake.nonce ok @5 \n dev"
        " session.open ok @6"
    )
    (one,) = diagnose([*device, *case(ANNOUNCED, source="probe:test/1")], Target())

    assert one.verdict is Verdict.HEALTHY


def test_a_portal_that_lets_known_checks_pass_is_seen_by_the_one_it_does_not_know() -> None:
    assert (
        best(
            CHECKS_PASS
            + "ctl internet.redirect unclear differs >nmcheck.gnome.org @3"
            + NOTHING_ELSE
        )
        == "captive_portal"
    )


@pytest.mark.parametrize(
    "else_open",
    [
        "ctl internet.test ok >8.8.8.8:53 @3",
        "ctl internet.reach ok >8.8.8.8:443 @3",
        "ctl internet.test ok >pool.ntp.org:123 @3",
    ],
)
def test_a_filter_that_hides_one_check_is_no_portal_where_more_than_checks_answers(
    else_open: str,
) -> None:
    text = (
        CHECKS_PASS
        + "ctl internet.redirect unclear differs >nmcheck.gnome.org @3"
        + NOTHING_ELSE
        + else_open
    )

    assert best(text) == "cloud_port_blocked"


def test_a_device_held_where_a_login_page_is_announced_is_not_filtered_by_its_address() -> None:
    device, new = "e0:4f:43:00:00:01", "02:6e:65:74:63:6b"
    held = f"{device} gateway.as_device ok @4 \n {device} tcp.as_device failed timeout @4 \n"
    clients = held + f"{new} gateway.as_new_client ok @4 \n {new} tcp.as_new_client ok @4 \n"

    assert best(ANNOUNCED + clients + HEALTHY) == "captive_portal"
    assert best(clients + HEALTHY) == "mac_filter"
