"""Names that break JSON, and lists that were cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from netcheck.device.softap import answers as softap_scan
from netcheck.device.softap import framing
from netcheck.device.softap.answers import Scan, ScannedNetwork
from tests.doubles.softap_server import SoftAp

NAMES = st.one_of(
    st.binary(max_size=32),
    st.lists(
        st.sampled_from(
            [
                b'"',
                b"\\",
                b"}",
                b"]",
                b",",
                b"{",
                b'","rssi":',
                b'{"ssid":"',
                b'"sec":0',
                b'"mdr":1}',
                b"a",
                b"\n",
                b"\x00",
            ]
        ),
        max_size=8,
    )
    .map(b"".join)
    .filter(lambda name: len(name) <= 32),
)


NETWORKS = st.tuples(
    NAMES,
    st.integers(-120, 20),
    st.sampled_from([0, 1, 2097154, 4194308, 37748740, 272629764, -1]),
    st.integers(1, 14),
)


@given(st.lists(NETWORKS, max_size=12))
def test_any_list_is_read_as_it_was_meant(networks: list[tuple[bytes, int, int, int]]) -> None:
    meant = tuple(
        ScannedNetwork(ssid=name, rssi_dbm=rssi, sec=sec, channel=channel)
        for name, rssi, sec, channel in networks
    )
    assert softap_scan.scan(SoftAp(networks=tuple(networks)).answer("scan-ap")) == Scan(
        networks=meant, is_whole=True
    )


@given(st.lists(NETWORKS, min_size=1, max_size=6), st.data())
def test_a_list_that_was_cut_is_not_whole_and_invents_nothing(
    networks: list[tuple[bytes, int, int, int]], data: st.DataObject
) -> None:
    answer = SoftAp(networks=tuple(networks)).answer("scan-ap")
    cut = answer[: data.draw(st.integers(len('{"scans":['), len(answer) - 1))]
    found = softap_scan.scan(cut)
    assert found is not None
    assert not found.is_whole
    assert [one.ssid for one in found.networks] == [name for name, *_ in networks][
        : len(found.networks)
    ]


@given(st.binary(max_size=400))
def test_no_bytes_break_the_readers(noise: bytes) -> None:
    for answer in (noise, b'{"scans":[' + noise, b'{"scans":[{"ssid":"' + noise):
        softap_scan.scan(answer)
        softap_scan.identity(answer)
        softap_scan.key(answer)
        softap_scan.version(answer)
        framing.of_http(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + answer)


def test_a_list_that_is_json_after_all_is_read_too() -> None:
    found = softap_scan.scan(b'{ "scans": [ {"ssid": "A\\"B", "rssi": -50, "sec": 0, "ch": 1} ] }')
    assert found == Scan(networks=(ScannedNetwork(ssid=b'A"B', rssi_dbm=-50, sec=0, channel=1),))


@given(st.binary(max_size=300), st.integers(1, 64))
def test_chunks_are_joined_whatever_their_size(body: bytes, size: int) -> None:
    wire = b"".join(
        f"{len(body[at : at + size]):X};x=1\r\n".encode() + body[at : at + size] + b"\r\n"
        for at in range(0, len(body), size)
    )
    assert (
        framing.of_http(
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + wire + b"0\r\n\r\n"
        )
        == body.strip()
    )
