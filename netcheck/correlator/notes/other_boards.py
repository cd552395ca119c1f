"""What is worth knowing of the Photon's newer relatives, which connect another way."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from netcheck.model import Observation

_NEWER = (
    "UDP port 5684, which newer Particle devices (Electron, Argon, Boron, Photon 2) use in the"
    " place of TCP 5683"
)


def notes(observations: Sequence[Observation]) -> Iterator[str]:
    """A sentence on the port that relatives use, where one was seen here or the Photon's own port
    fails; never a verdict.
    """
    is_of_use = any(
        o.fact == "device.relative" or (o.fact == "tcp.cloud" and o.failed) for o in observations
    )
    said = max(
        (o for o in observations if o.fact == "udp.cloud" and (o.ok or o.failed)),
        key=lambda o: o.at,
        default=None,
    )
    if is_of_use and said is not None:
        yield (
            f"{_NEWER}, {'is answered' if said.ok else 'is refused'} on this network; a Photon"
            " cannot use it."
        )
