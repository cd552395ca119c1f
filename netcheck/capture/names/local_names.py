"""Which names are known on the local network alone."""

from __future__ import annotations

LOCAL_DOMAINS = frozenset(
    (
        "arpa",
        "corp",
        "example",
        "fritz",
        "home",
        "internal",
        "intranet",
        "invalid",
        "lan",
        "local",
        "localdomain",
        "localhost",
        "private",
        "test",
    )
)
"""Top labels that the public name service does not know (RFC 6761, 6762, 8375, and what routers
hand out).
"""


def is_local(name: str, cloud_name: str) -> bool:
    """A name that exists nowhere outside, or the cloud's with a search domain behind it: denied
    everywhere, and rightly.
    """
    labels = name.split(".")
    return (
        len(labels) < 2
        or labels[-1] in LOCAL_DOMAINS
        or labels[0] == "wpad"
        or name.startswith(f"{cloud_name}.")
    )
