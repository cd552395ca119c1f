"""Can these bytes have been made by, or for, the holder of that RSA key? No secret is needed.

The last 256 of the 384 bytes are a bare RSA signature: raised to e modulo N they must give the
type-1 block of PKCS #1 v1.5 (RFC 8017 §8.2, EMSA without DigestInfo): 00 01, 233 times FF, 00, 20
bytes (device-os@v0.6.0:communication/src/handshake.cpp).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key

SIGNATURE_BYTES = 256
BLOCK_START = b"\x00\x01" + b"\xff" * 233 + b"\x00"


class KeyFileError(Exception):
    """The file does not hold an RSA-2048 public key; the text is one sentence for the user."""


@cache
def makers_key() -> bytes:
    """The maker's cloud key as it ships with every Photon (PEM)."""
    return files(__package__).joinpath("cloud-public-key.pem").read_bytes()


@cache
def numbers(key: bytes) -> tuple[int, int]:
    """Modulus and exponent of a public key in PEM or DER. Raises KeyFileError."""
    try:
        loaded = (
            load_pem_public_key(key) if b"-----BEGIN" in key else load_der_public_key(_one_der(key))
        )
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyFileError("It holds no public key in PEM or DER form.") from error
    if not isinstance(loaded, RSAPublicKey) or loaded.key_size != SIGNATURE_BYTES * 8:
        raise KeyFileError(
            "It holds a public key, but not an RSA key of 2048 bits, which the cloud of a Photon"
            " has."
        )
    public = loaded.public_numbers()
    return public.n, public.e


def _one_der(key: bytes) -> bytes:
    """Without the filling (FF) that follows a key read out of a device."""
    if key[:2] == b"\x30\x82" and len(key) >= 4:
        return key[: 4 + int.from_bytes(key[2:4], "big")]
    return key


def is_signed_by(key: bytes, signature: bytes) -> bool:
    """Did the holder of that key sign? `signature` is 256 bytes; what was signed need not be
    known.
    """
    modulus, exponent = numbers(key)
    value = int.from_bytes(signature, "big")
    return value < modulus and pow(value, exponent, modulus).to_bytes(
        SIGNATURE_BYTES, "big"
    ).startswith(BLOCK_START)


def fits(key: bytes, sealed: bytes) -> bool:
    """Can these 256 bytes have been encrypted for that key? False proves another key; True proves
    nothing.
    """
    return int.from_bytes(sealed, "big") < numbers(key)[0]
