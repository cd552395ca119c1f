"""The cryptography of the Photon's cloud connection, for both ends.

Source: device-os@v0.6.0 communication/src/handshake.cpp and lightssl_message_channel.cpp; the
server's side as in spark-protocol js/lib/Handshake.js. RSA is done bare where the protocol needs to
see bad padding: OpenSSL from 3.2 on hides it behind random bytes (RFC 8017 §7.2.2 and the implicit
rejection that followed from it).
"""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

NONCE_BYTES = 40
REQUEST_BYTES = 256
CIPHERTEXT_BYTES = 128
ANSWER_BYTES = 384
ID_BYTES = 12
PUBLIC_KEY_BYTES = 162
BLOCK_BYTES = 16


class DecryptionError(Exception):
    """The bytes do not open under this private key, or hold something of another size."""


class AuthenticationError(Exception):
    """The signature does not belong to what it signs under this public key."""


@dataclass(frozen=True)
class Identity:
    """Who a device is: the 12 bytes of its id and its RSA-1024 key."""

    device_id: bytes
    key: RSAPrivateKey

    @classmethod
    def generate(cls, device_id: str) -> Identity:
        """A device with a fresh key; `device_id` is the usual 24 hex digits."""
        return cls(bytes.fromhex(device_id), new_key(1024))

    @property
    def public_der(self) -> bytes:
        """SubjectPublicKeyInfo, 162 bytes, as the device sends it."""
        return public_der(self.key)


def new_key(bits: int) -> RSAPrivateKey:
    """A fresh RSA key with the exponent that the protocol expects."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_der(key: RSAPrivateKey) -> bytes:
    """The public half as SubjectPublicKeyInfo DER."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True)
class Request:
    """Message 2 in the clear: what the device says of itself."""

    nonce: bytes
    device_id: bytes
    public_der: bytes


def seal_request(nonce: bytes, identity: Identity, cloud_key: RSAPublicKey) -> bytes:
    """Message 2, 256 bytes: nonce, device id and public key under the cloud's key."""
    return cloud_key.encrypt(nonce + identity.device_id + identity.public_der, padding.PKCS1v15())


def open_request(message: bytes, cloud_key: RSAPrivateKey) -> Request:
    """Message 2 in the clear; DecryptionError if it was made for another key."""
    plain = _decrypt(message, cloud_key)
    if len(plain) != NONCE_BYTES + ID_BYTES + PUBLIC_KEY_BYTES:
        raise DecryptionError(f"{len(plain)} bytes inside")
    return Request(
        plain[:NONCE_BYTES],
        plain[NONCE_BYTES : NONCE_BYTES + ID_BYTES],
        plain[NONCE_BYTES + ID_BYTES :],
    )


def seal_answer(credentials: bytes, device_key_der: bytes, signer: RSAPrivateKey) -> bytes:
    """Message 3, 384 bytes: the credentials under the device's key, then the signature over their
    HMAC.
    """
    device_key = load_der_public_key(device_key_der)
    if not isinstance(device_key, RSAPublicKey):
        raise DecryptionError("the device's key is not RSA")
    ciphertext = device_key.encrypt(credentials, padding.PKCS1v15())
    return ciphertext + _sign(_digest(credentials, ciphertext), signer)


def open_answer(message: bytes, device_key: RSAPrivateKey, cloud_key: RSAPublicKey) -> bytes:
    """The 40 bytes of credentials in message 3; DecryptionError or AuthenticationError, checked in
    the device's order.
    """
    ciphertext, signature = message[:CIPHERTEXT_BYTES], message[CIPHERTEXT_BYTES:]
    credentials = _decrypt(ciphertext, device_key)
    if len(credentials) > NONCE_BYTES:
        raise DecryptionError(f"{len(credentials)} bytes inside")
    if _recover(signature, cloud_key) != _signed_block(_digest(credentials, ciphertext)):
        raise AuthenticationError("signature of another key")
    return credentials


def _decrypt(message: bytes, key: RSAPrivateKey) -> bytes:
    """RSAES-PKCS1-v1_5 decryption that reports bad padding (RFC 8017 §7.2.2)."""
    numbers = key.private_numbers()
    modulus = numbers.public_numbers.n
    value = int.from_bytes(message)
    if value >= modulus:
        raise DecryptionError("made for another modulus")
    block = pow(value, numbers.d, modulus).to_bytes(len(message))
    end = block.find(0, 2)
    if block[:2] != b"\x00\x02" or end < 10:
        raise DecryptionError("bad padding")
    return block[end + 1 :]


def _digest(credentials: bytes, ciphertext: bytes) -> bytes:
    return hmac.new(credentials, ciphertext, hashlib.sha1).digest()


def _signed_block(digest: bytes) -> bytes:
    """A type-1 block around the bare digest, without DigestInfo (RFC 8017 §9.2 differs in that
    only).
    """
    return b"\x00\x01" + b"\xff" * (REQUEST_BYTES - 3 - len(digest)) + b"\x00" + digest


def _sign(digest: bytes, key: RSAPrivateKey) -> bytes:
    numbers = key.private_numbers()
    return pow(int.from_bytes(_signed_block(digest)), numbers.d, numbers.public_numbers.n).to_bytes(
        REQUEST_BYTES
    )


def _recover(signature: bytes, key: RSAPublicKey) -> bytes:
    numbers = key.public_numbers()
    return pow(int.from_bytes(signature), numbers.e, numbers.n).to_bytes(REQUEST_BYTES)


class Sealer:
    """One direction of the encrypted stream: AES-128-CBC frames with a length in front.

    The next frame's IV is the first ciphertext block of the previous frame, not the last as
    elsewhere (lightssl_message_channel.cpp, `encrypt` and `receive`).
    """

    def __init__(self, credentials: bytes) -> None:
        self._key = algorithms.AES(credentials[:BLOCK_BYTES])
        self._iv = credentials[BLOCK_BYTES : 2 * BLOCK_BYTES]

    def seal(self, plain: bytes) -> bytes:
        """The frame for one message: two bytes of length, then the ciphertext."""
        padder = PKCS7(8 * BLOCK_BYTES).padder()
        encryptor = Cipher(self._key, modes.CBC(self._iv)).encryptor()
        ciphertext = (
            encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
        )
        self._iv = ciphertext[:BLOCK_BYTES]
        return len(ciphertext).to_bytes(2) + ciphertext

    def open(self, ciphertext: bytes) -> bytes:
        """The message inside a frame (without its length); ValueError if its padding is bad."""
        decryptor = Cipher(self._key, modes.CBC(self._iv)).decryptor()
        unpadder = PKCS7(8 * BLOCK_BYTES).unpadder()
        plain = (
            unpadder.update(decryptor.update(ciphertext) + decryptor.finalize())
            + unpadder.finalize()
        )
        self._iv = ciphertext[:BLOCK_BYTES]
        return plain


def new_credentials() -> bytes:
    """Session key, IV and salt: 40 random bytes of the cloud's choice."""
    return os.urandom(NONCE_BYTES)


def new_nonce() -> bytes:
    """The 40 bytes with which the cloud opens."""
    return os.urandom(NONCE_BYTES)
