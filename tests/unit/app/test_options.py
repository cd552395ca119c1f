"""What may be typed, and what may stand in the environment."""

from __future__ import annotations

import json
import os
from base64 import b64decode
from pathlib import Path

import click
import pytest

from netcheck.app import commands
from netcheck.capture.protocols.cloud_keys import makers_key
from tests.helpers.command import Run, World


@pytest.mark.parametrize(
    "spelling", ["E0:4F:43:00:00:01", "e0-4f-43-00-00-01", "e04f.4300.0001", "e04f43000001"]
)
def test_a_device_may_be_spelt_as_usual(run: Run, world: World, spelling: str) -> None:
    run("pcap", "x.pcap", "--device", spelling)
    assert world.target.device == "e0:4f:43:00:00:01"


@pytest.mark.parametrize(
    ("given", "host", "port"),
    [
        ("cloud.example.org", "cloud.example.org", 5683),
        ("10.0.0.1:5684", "10.0.0.1", 5684),
        ("Device.Spark.IO:5683", "device.spark.io", 5683),
    ],
)
def test_the_cloud_may_be_another(run: Run, world: World, given: str, host: str, port: int) -> None:
    run("pcap", "x.pcap", "--cloud", given)
    assert (world.target.cloud_host, world.target.cloud_port) == (host, port)


def test_options_can_come_from_the_environment(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETCHECK_SITE", "attic")
    monkeypatch.setenv("NETCHECK_PCAP", os.pathsep.join(("b.pcap", "c.pcap")))
    monkeypatch.setenv("NETCHECK_JSON", "1")
    json.loads(run("pcap", "a.pcap").out)
    assert world.target.site == "attic"
    assert world.paths == ("a.pcap", "b.pcap", "c.pcap")


def repeatable() -> set[str]:
    """The names of all options that may be given several times, of all commands."""
    every = [commands.command, *commands.command.commands.values()]
    return {
        parameter.name or ""
        for one in every
        for parameter in one.params
        if isinstance(parameter, click.Option) and parameter.multiple
    }


FILES = os.pathsep.join(("my file.x", "b"))
FROM_ENVIRONMENT = {
    "led": ("slow cyan, then 3 orange blinks", ("slow cyan, then 3 orange blinks",)),
    "tell": ("ssid=My Net, 2nd floor", ("ssid=My Net, 2nd floor",)),
    "pcap": (FILES, ("my file.x", "b")),
    "case": (FILES, ("my file.x", "b")),
    "log": (FILES, ("my file.x", "b")),
    "report": (os.pathsep.join(("my file.json", "b.json")), ("my file.json", "b.json")),
    "only": ("one,two, three four", ("one", "two", "three", "four")),
    "skip": ("one", ("one",)),
    "also": ("one two", ("one", "two")),
}
"""Option → what stands in its variable, and the values that it stands for."""


def test_every_repeatable_option_is_listed_here() -> None:
    assert repeatable() == set(FROM_ENVIRONMENT)


@pytest.mark.parametrize("name", FROM_ENVIRONMENT)
def test_a_variable_holds_one_text_or_several_names_or_files(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    text, values = FROM_ENVIRONMENT[name]
    monkeypatch.setenv(f"NETCHECK_{name.upper()}", text)
    context = click.Context(commands.command)
    (option,) = [one for one in commands.command.params if one.name == name]
    found, _ = option.consume_value(context, {})
    assert option.type_cast_value(context, found) == values


def test_a_light_in_the_environment_is_read_whole(
    run: Run, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NETCHECK_LED", "slow cyan, then 3 orange blinks")
    monkeypatch.setenv("NETCHECK_TELL", "router_text=WPA2, band steering")
    run("pcap", "x.pcap")
    said = {(one.fact, value) for one in world.judged for _, value in one.data}
    assert {("led.last", "cyan_slow"), ("led.flash", "orange_3")} <= said
    assert ("told.router_text", "wpa2, band steering") in said


def test_a_cloud_key_is_taken_as_pem_or_der(run: Run, world: World, tmp_path: Path) -> None:
    pem = makers_key()
    der = b64decode(b"".join(pem.splitlines()[1:-1]))
    for content in (pem, der):
        (tmp_path / "key").write_bytes(content)
        run("pcap", "x.pcap", "--cloud-key", str(tmp_path / "key"))
        assert world.target.cloud_key == content


@pytest.mark.parametrize(
    "content", [b"", b"\x00" * 300, b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"]
)
def test_what_is_no_public_key_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    ended = run("pcap", "x.pcap", "--cloud-key", str(tmp_path / "key"))
    assert ended.code == 2
    assert "key is of no use: It holds no public key in PEM or DER form." in ended.err
