"""A server of somebody's own: which one is meant, and that all is said in words for it."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from netcheck.correlator import diagnose
from netcheck.correlator.catalogue import load
from netcheck.correlator.catalogue.own_cloud import UNNAMED, for_server, server_of
from netcheck.model import Target
from tests.helpers.notation import case

MAKERS = ("device.spark.io", "particle.io", "status page", "harmless", "needs no account")


@pytest.mark.parametrize(
    ("lines", "host", "server"),
    [
        ("dev tcp.cloud failed timeout @1", "device.spark.io", ""),
        ("dev tcp.cloud failed timeout @1", "Device.Spark.IO.", ""),
        ("dev tcp.cloud failed timeout @1", "cloud.example.com", "cloud.example.com"),
        ("dev tcp.cloud failed timeout @1", "notspark.io", "notspark.io"),
        ("dev tcp.cloud failed unopened @1 address=10.0.0.5", "device.spark.io", "10.0.0.5"),
        (
            "dev dns.cloud_name ok @1\ndev tcp.cloud failed timeout @2 address=10.0.0.5",
            "device.spark.io",
            "",
        ),
        ("dev told.cloud ok @1 value=own", "device.spark.io", UNNAMED),
        ("dev told.cloud ok @1 value=particle", "device.spark.io", ""),
    ],
)
def test_the_server_is_the_one_that_was_named(lines: str, host: str, server: str) -> None:
    seen = [
        o if o.fact != "dns.cloud_name" else replace(o, target="device.spark.io")
        for o in case(lines)
    ]
    assert server_of(seen, Target(cloud_host=host)) == server


def test_nothing_changes_where_the_cloud_is_the_makers() -> None:
    assert for_server(load(), "") is load()


def test_no_word_of_the_makers_cloud_is_left() -> None:
    catalogue = for_server(load(), "cloud.example.com", 8080)
    for cause in catalogue.causes.values():
        request = cause.request.names if cause.request else ()
        texts = [cause.headline, *cause.remedy, cause.ask_it or "", *request]
        if cause.stage.name in ("DNS", "TCP", "HANDSHAKE", "SESSION"):
            assert not [text for text in texts for word in MAKERS if word in text], cause.id
        assert not [text for text in texts if "5683" in text or "{server}" in text], cause.id
    for group in catalogue.groups:
        assert "harmless" not in " ".join(group.remedy_first)


def test_the_repair_that_takes_the_board_off_its_server_is_never_given_alone() -> None:
    catalogue = for_server(load(), "cloud.example.com")
    steps = [step for cause in catalogue.causes.values() for step in cause.remedy]
    steps += [step for group in catalogue.groups for step in group.remedy_first]
    given = [step for step in steps if "keys server" in step]
    assert given
    assert all("--host" in step or "takes the Photon off" in step for step in given)


def test_a_step_is_short_enough_to_be_read() -> None:
    catalogue = for_server(load(), UNNAMED)
    steps = [step for cause in catalogue.causes.values() for step in cause.remedy]
    steps += [step for group in catalogue.groups for step in group.remedy_first]
    assert not [step for step in steps if len(step.split()) > 20]


def test_the_diagnosis_speaks_of_that_server() -> None:
    seen = case("dev tcp.cloud failed timeout @1")
    [diagnosis] = diagnose(seen, Target(device="e0:4f:43:00:00:01", cloud_host="my.example"))
    asked = [finding.ask_it for finding in diagnosis.findings if finding.ask_it]
    assert any("my.example" in sentence for sentence in asked)
    assert not any("device.spark.io" in sentence for sentence in asked)
