"""Packages of others as pip leaves them: a folder on the path, with what they declare."""

from __future__ import annotations

from pathlib import Path


def declared(folder: Path, name: str, **groups: dict[str, str]) -> Path:
    """The folder, in which a package of that name declares entry points: group (`.` as `__`) →
    name → value.
    """
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    lines = [
        line
        for group, entries in groups.items()
        for line in (
            f"[{group.replace('__', '.')}]",
            *(f"{entry} = {value}" for entry, value in entries.items()),
        )
    ]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder


CAUSE = """
owner = "you"
stops_connection = true
title = "The hub is off"
headline = "The hub on this network takes no connection: switch it on."
remedy = ["Switch the hub on."]
explain = "The Photon here is set to go through the hub."
sources = ["the hub's manual"]
prior = 5

[[for]]
of = "any"
fact = "acme.hub"
outcome = "failed"
weight = "strong"
says = "the hub takes no connection"
"""
"""A cause of a package that brings the fact `acme.hub`."""


def with_cause(folder: Path, text: str = CAUSE, file: str = "gateway/acme_hub_off.toml") -> Path:
    """The folder, in which the package `acme_causes` holds that file."""
    path = folder / "acme_causes" / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder
