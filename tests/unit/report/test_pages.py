"""What a run sends, in words."""

from __future__ import annotations

from netcheck.probing import Kind
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
