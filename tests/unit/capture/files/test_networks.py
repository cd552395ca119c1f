"""Captures of several networks are read apart, those of one network together."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import msgspec
import pytest

from netcheck.capture import observe
from netcheck.capture.files.networks import FileNetwork, Opening, grouped
from netcheck.capture.observations import SECOND_NS
from netcheck.model import Observation, Target
from tests.helpers.capture_files import frames_of, pcap
from tests.helpers.places import SAMPLES

SITES = ("login_page", "healthy", "no_internet", "silent_name_server", "full_pool", "denied_name")
"""Samples whose networks have different gateways."""
X, Y, Z = (f"f4:f2:6d:00:00:0{digit}" for digit in "abc")
PHOTON, LAPTOP = "e0:4f:43:00:00:01", "06:00:00:00:00:02"
HOME, OTHER = "192.168.1.1", "10.0.0.1"
SERVER = ("192.0.2.9", 5683, 6510)


def seen(*paths: Path) -> set[Observation]:
    """What those files show, without the name of the network."""
    found = observe([str(path) for path in paths], Target()).observations
    return {msgspec.structs.replace(o, site="") for o in found}


def sample(name: str) -> Path:
    return SAMPLES / f"{name}.pcap"


@pytest.mark.parametrize(("one", "other"), list(combinations(SITES, 2)))
def test_what_one_network_shows_is_the_same_beside_another(one: str, other: str) -> None:
    assert seen(sample(one), sample(other)) == seen(sample(one)) | seen(sample(other))


def test_one_address_on_two_networks_is_no_conflict(tmp_path: Path) -> None:
    content = sample("login_page").read_bytes()
    moved = tmp_path / "moved.pcap"
    for mac in ("f4f26d102030", "6c0b847ca501", "060b84c12590"):
        assert bytes.fromhex(mac) in content
        content = content.replace(bytes.fromhex(mac), bytes.fromhex(f"{mac[:6]}aa{mac[8:]}"))
    moved.write_bytes(content)
    together = seen(sample("login_page"), moved)
    assert together == seen(sample("login_page")) | seen(moved)
    assert not [o for o in together if o.fact == "address.conflict"]


def test_each_network_has_a_name_of_its_own() -> None:
    files = [str(sample(name)) for name in ("login_page", "healthy")]
    names = {o.source: o.site for o in observe(files, Target()).observations}
    assert names == {
        "capture:login_page.pcap": "192.168.1.1",
        "capture:healthy.pcap": "172.16.31.1",
    }
    (alone,) = {o.site for o in observe(files[:1], Target()).observations}
    assert alone == "f4:f2:6d:10:20:30"


def test_who_names_the_network_says_that_it_is_one() -> None:
    files = [str(sample(name)) for name in ("login_page", "healthy")]
    assert {o.site for o in observe(files, Target(site="Lab")).observations} == {"Lab"}


@pytest.mark.parametrize("name", [*SITES, "blocked_port", "forgotten_connection", "wrong_keys"])
def test_pieces_of_one_capture_stay_together(name: str, tmp_path: Path) -> None:
    frames = frames_of(sample(name))
    cuts = [
        frames[start : start + len(frames) // 4 + 1]
        for start in range(0, len(frames), len(frames) // 4 + 1)
    ]
    paths = []
    for number, piece in enumerate(cuts):
        paths.append(tmp_path / f"{number}.pcap")
        paths[-1].write_bytes(pcap(piece))
    names = {o.site for o in observe([str(path) for path in paths], Target()).observations}
    assert len(names) == 1


def shows(
    *macs: str,
    at: str = "",
    clients: tuple[str, ...] = (),
    opening: Opening | None = None,
    s: int = 0,
) -> FileNetwork:
    return FileNetwork(
        macs=frozenset(macs),
        addresses=frozenset(at.split()),
        clients=frozenset(clients),
        openings={SERVER: opening} if opening else {},
        span_ns=(s * SECOND_NS, (s + 60) * SECOND_NS),
    )


INSIDE, OUTSIDE = Opening("192.168.1.7", 128, SECOND_NS), Opening("198.51.100.4", 127, SECOND_NS)


@pytest.mark.parametrize(
    ("files", "groups"),
    [
        ([shows(X, at=HOME), shows(Y, at=HOME)], [[0], [1]]),
        ([shows(X, at=HOME), shows(X, at=OTHER)], [[0], [1]]),
        ([shows(X, at=HOME), shows(X)], [[0, 1]]),
        ([shows(X, Z, at=HOME), shows(Z, at=HOME)], [[0, 1]]),
        ([shows(at=HOME), shows(at=OTHER)], [[0], [1]]),
        ([shows(at=HOME), shows(X, at=HOME)], [[0, 1]]),
        ([shows(X), shows(at=HOME)], [[0, 1]]),
        ([shows(), shows(X, at=HOME)], [[0, 1]]),
        ([shows(), shows()], [[0, 1]]),
        ([shows(), shows(X), shows(Y)], [[0], [1], [2]]),
        ([shows(clients=(PHOTON,)), shows(X), shows(Y, clients=(PHOTON,))], [[0, 2], [1]]),
        (
            [
                shows(X, clients=(PHOTON,)),
                shows(Y, clients=(PHOTON,), s=1000),
                shows(clients=(PHOTON,), s=900),
            ],
            [[0], [1, 2]],
        ),
        ([shows(at=HOME), shows(X, at=HOME), shows(Y, at=HOME)], [[0], [1], [2]]),
        ([shows(X, at=HOME, opening=INSIDE), shows(Y, opening=OUTSIDE)], [[0, 1]]),
        ([shows(X, at=HOME, opening=INSIDE), shows(Y, opening=INSIDE)], [[0], [1]]),
    ],
    ids=[
        "two gateways",
        "one router on two networks",
        "a piece without its address",
        "a second server beside the first",
        "silent gateways",
        "a silent gateway, and the same answering",
        "MAC here, address there",
        "a piece that shows no gateway",
        "none shows a gateway",
        "nothing in common",
        "a client in common",
        "a client that moved: the nearest in time",
        "an address that two networks have",
        "both sides of a router",
        "equal numbers of two clients",
    ],
)
def test_files_of_one_network(files: list[FileNetwork], groups: list[list[int]]) -> None:
    assert grouped(files) == groups
