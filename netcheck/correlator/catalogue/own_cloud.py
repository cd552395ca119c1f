"""A Photon that goes to a server of somebody's own: which one, and the catalogue in words for it.

The maker's name, status page and repairs are no help there, and `particle keys server` takes the
board off its own server. The words are data (`own_cloud.toml`).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

import msgspec

from netcheck.correlator.catalogue.entries import Catalogue, Cause, ChangeRequest, Elsewhere, Group
from netcheck.model import Observation, Owner, Struct, Target
from netcheck.wire.addresses import ipv4, is_bogon

FILE = "own_cloud.toml"
PACKAGE = "netcheck.causes"
UNNAMED = "your server"
"""Stands for a server whose name nobody said."""
_MAKERS = (".spark.io", ".particle.io")
_LOG = "device:log"


class _OwnCause(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    remedy: tuple[str, ...] = ()
    owner: Owner | None = None
    headline: str = ""
    ask_it: str = ""


class _OwnGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    remedy_first: tuple[str, ...] = ()
    tells_apart: str = ""


class _OwnCloud(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: tuple[tuple[str, str], ...]
    cause: Mapping[str, _OwnCause]
    group: Mapping[str, _OwnGroup]


def server_of(observations: Iterable[Observation], target: Target) -> str:
    """The own server that was named: asked for, looked up by the device as its log says, or an
    address of the local network that no lookup of the maker's name gave; `UNNAMED` where the user
    only says that there is one. Empty where the cloud is the maker's.
    """
    if not _is_makers(target.cloud_host):
        return target.cloud_host
    seen = list(observations)
    looked_up = [o for o in seen if o.fact == "dns.cloud_name" and o.target]
    if names := [o.target for o in looked_up if o.source == _LOG and not _is_makers(o.target)]:
        return names[-1]
    if not looked_up and (addresses := [o.text("address") for o in seen if _is_local(o)]):
        return addresses[-1]
    told = [o.text("value") for o in seen if o.fact == "told.cloud"]
    return UNNAMED if told[-1:] == ["own"] else ""


def _is_makers(name: str) -> bool:
    return f".{name.rstrip('.').lower()}".endswith(_MAKERS)


def _is_local(o: Observation) -> bool:
    address = o.text("address")
    return o.fact == "tcp.cloud" and ipv4(address) is not None and is_bogon(address)


def for_server(catalogue: Catalogue, server: str, port: int = 5683) -> Catalogue:
    """The catalogue in words for that server; unchanged where it is empty (the maker's cloud)."""
    if not server:
        return catalogue
    words = _Words(server, port)
    return msgspec.structs.replace(
        catalogue,
        causes=MappingProxyType(
            {name: words.cause(each) for name, each in catalogue.causes.items()}
        ),
        groups=tuple(words.group(each) for each in catalogue.groups),
    )


class _Words:
    """Puts a server in the place of the maker's cloud."""

    def __init__(self, server: str, port: int) -> None:
        self._server = server
        self._port = str(port)

    def said(self, text: str) -> str:
        """The text for that server."""
        for makers, own in _shipped().words:
            text = text.replace(makers, own)
        return text.replace("5683", self._port).replace("{server}", self._server)

    def _all(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.said(text) for text in texts)

    def cause(self, cause: Cause) -> Cause:
        own = _shipped().cause.get(cause.id, _OwnCause())
        ask_it = own.ask_it or cause.ask_it
        return msgspec.structs.replace(
            cause,
            owner=own.owner or cause.owner,
            headline=self.said(own.headline or cause.headline),
            remedy=self._all(own.remedy or cause.remedy),
            ask_it=self.said(ask_it) if ask_it else None,
            request=self._request(cause.request) if cause.request else None,
            elsewhere=tuple(self._elsewhere(each) for each in cause.elsewhere),
        )

    def group(self, group: Group) -> Group:
        own = _shipped().group.get(group.name, _OwnGroup())
        return msgspec.structs.replace(
            group,
            tells_apart=self.said(own.tells_apart or group.tells_apart),
            remedy_first=self._all(own.remedy_first or group.remedy_first),
        )

    def _elsewhere(self, place: Elsewhere) -> Elsewhere:
        return msgspec.structs.replace(
            place,
            headline=self.said(place.headline),
            remedy=self._all(place.remedy),
            ask_it=self.said(place.ask_it) if place.ask_it else None,
        )

    def _request(self, request: ChangeRequest) -> ChangeRequest:
        return msgspec.structs.replace(
            request,
            where=self.said(request.where),
            change=self.said(request.change),
            why=self.said(request.why),
            port=self.said(request.port),
            names=tuple(dict.fromkeys(self._all(request.names))),
            note=self.said(request.note),
        )


@cache
def _shipped() -> _OwnCloud:
    text = files(PACKAGE).joinpath(FILE).read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _OwnCloud)
