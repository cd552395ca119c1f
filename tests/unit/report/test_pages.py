"""What a run sends, in words."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from netcheck.model import Stage, Target
from netcheck.probing import Kind, Net, OwnFact, Seen, probe
from netcheck.report import pages


def test_what_was_sent_is_added_up() -> None:
    from tests.helpers.notation import seen

    runs = [
        seen("net probe.run ok dns_query=2 tcp_connection=1"),
        seen("net probe.run ok dns_query=1"),
    ]
    assert (
        pages.sent(runs)
        == "Nothing left this machine but packets that --plan lists: 1 TCP connection, 3 DNS"
        " queries."
    )
    assert pages.sent([]).endswith("lists: none.")


def test_every_kind_of_packet_has_words() -> None:
    assert set(pages.WORDS) == set(Kind)


def test_a_probe_is_listed_with_its_package_and_what_its_facts_mean() -> None:
    def hub(target: Target, net: Net) -> Iterator[Seen]:
        """Does the hub answer?"""
        yield from ()

    facts = {"acme.hub": OwnFact(meaning="the hub takes connections")}
    made = probe(stage=Stage.GATEWAY, settles=["gateway.arp"], facts=facts)(hub)
    foreign = msgspec.structs.replace(made, package="acme-netcheck")

    lines = pages.probe_list([foreign]).splitlines()

    assert lines[0] == "hub of acme-netcheck (gateway, at most 10 s)"
    assert lines[-1].split() == ["means", "acme.hub:", "the", "hub", "takes", "connections"]
    assert pages.probe_entry(foreign)["package"] == "acme-netcheck"
    assert pages.probe_entry(foreign)["meanings"] == {"acme.hub": "the hub takes connections"}
    assert pages.probe_list([made]).startswith("hub (gateway,")


def test_the_plan_and_the_closing_sentence_name_what_goes_to_a_usb_port() -> None:
    assert "`v`" in pages.plan([], pages.USB)
    assert "USB" not in pages.plan([], ())
    assert pages.sent([], "vim").endswith("To the USB port went 3: v, i, m.")
