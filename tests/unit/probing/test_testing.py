"""The network that ships for authors' tests asks and answers as the real one does."""

from __future__ import annotations

import inspect
import re

import pytest

import netcheck.probing
import netcheck.probing.testing
from netcheck.live.net.system import SystemNet
from netcheck.probing import Net
from netcheck.probing.testing import FakeNet, named, opened, refusal

METHODS = {
    name: method
    for name, method in inspect.getmembers(Net, inspect.isfunction)
    if not name.startswith("_")
}


@pytest.mark.parametrize("kind", [FakeNet, SystemNet])
@pytest.mark.parametrize("name", METHODS)
def test_every_question_is_put_alike(kind: type, name: str) -> None:
    asked = inspect.signature(getattr(kind, name)).parameters
    assert list(asked.values()) == list(inspect.signature(METHODS[name]).parameters.values())


@pytest.mark.parametrize("name", METHODS)
def test_every_question_says_what_it_asks(name: str) -> None:
    assert (METHODS[name].__doc__ or "").strip()


def test_what_is_in_no_table_is_silent_and_noted() -> None:
    net = FakeNet({("connect", "192.168.1.1", 80): [opened(), refusal("refused")]})

    assert net.connect("192.168.1.1", 80).ok
    assert net.connect("192.168.1.1", 80).reason == "refused"
    assert net.connect("192.168.1.1", 81).reason == "timeout"
    assert net.asked == [
        ("connect", "192.168.1.1", 80),
        ("connect", "192.168.1.1", 80),
        ("connect", "192.168.1.1", 81),
    ]
    assert named("192.0.2.1", "192.0.2.2").words("addresses") == ("192.0.2.1", "192.0.2.2")


def test_authors_get_every_name_from_one_place() -> None:
    assert sorted(netcheck.probing.__all__) == sorted(set(netcheck.probing.__all__))
    assert all(hasattr(netcheck.probing, name) for name in netcheck.probing.__all__)


KEYS = re.findall(
    r"^    (\w+)\((.*)\) +(\(\"\w+\".*?\))", netcheck.probing.testing.__doc__ or "", re.M
)


@pytest.mark.parametrize(("method", "arguments", "key"), KEYS, ids=lambda text: str(text))
def test_the_keys_listed_are_those_asked(method: str, arguments: str, key: str) -> None:
    given = {"port": 80, "hops": 3, "idle": 2.0, "request": b""}
    values = {name: given.get(name, name) for name in arguments.split(", ")}
    net = FakeNet()

    more = {"want_bytes": 40} if method == "listen_after_connect" else {}
    getattr(net, method)(*values.values(), **more)

    expected = [word.strip(' "') for word in key.strip("()").split(",")]
    assert net.asked == [(expected[0], *(values[name] for name in expected[1:]))]


def test_every_question_of_the_table_is_listed() -> None:
    assert len(KEYS) == 13
