"""Keys: the device's own key, compared with the one that the cloud used for it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from netcheck.correlator.judging.view import View
from netcheck.correlator.rules.query import own, rule
from netcheck.model import Observation

_HEAD = re.compile(r"[0-9a-f]{16}", re.ASCII)


@rule
def sealed_for_another_key(view: View) -> Sequence[Observation]:
    """The cloud's answer is a larger number than the device's modulus, as nothing that was made
    with that can be (RFC 8017 §5.1.1).

    Of answers made with another key of the same length up to a half show it; the others show
    nothing.
    """
    heads = [
        o.text("key_head")
        for o in own(view, "device.key", ok=True)
        if _HEAD.fullmatch(o.text("key_head"))
    ]
    answers = [
        o for o in own(view, "handshake.key", ok=True) if _HEAD.fullmatch(o.text("sealed_head"))
    ]
    return [o for o in answers if heads and o.text("sealed_head") > max(heads)]
