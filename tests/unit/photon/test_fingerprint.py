"""By which signs a client on a network is known as a Photon."""

from __future__ import annotations

import pytest

from netcheck.photon.fingerprint import (
    FIRST_XID,
    FIXED_XID,
    PARAMETERS,
    announced_id,
    is_photon_request,
    requested_id,
)

ID = "1f00b3215c47343232361234"


@pytest.mark.parametrize(
    ("parameters", "name", "device_id"),
    [
        (PARAMETERS, ID.encode(), ID),
        (PARAMETERS, ID.upper().encode(), ID),
        (PARAMETERS, b"espressif", ""),
        (PARAMETERS, ID[1:].encode(), ""),
        (PARAMETERS + b"\x2a", ID.encode(), ""),
        (b"", ID.encode(), ""),
    ],
)
def test_the_id_in_a_request_counts_beside_a_photons_options(
    parameters: bytes, name: bytes, device_id: str
) -> None:
    assert requested_id(parameters, name) == device_id


@pytest.mark.parametrize(
    ("xid", "is_photon"),
    [
        (FIXED_XID, True),
        (FIXED_XID + 1, False),
        (FIRST_XID, True),
        (FIRST_XID - 1, False),
        (FIRST_XID + 0x3FF, True),
        (FIRST_XID + 0x400, False),
    ],
)
def test_a_request_of_a_photons_stack(xid: int, *, is_photon: bool) -> None:
    assert is_photon_request(PARAMETERS, xid) is is_photon
    assert not is_photon_request(PARAMETERS[::-1], xid)


def test_an_announcement_carries_the_id() -> None:
    head = bytes.fromhex("50020000b168ff")
    assert announced_id(head + bytes.fromhex(ID)) == ID
    assert announced_id(head + bytes.fromhex(ID)[1:]) == ""
    assert announced_id(b"\x51" + head[1:] + bytes.fromhex(ID)) == ""
