"""The server's key: it signs each link of a chain, so that nobody can forge the log without it.

Ed25519 (RFC 8032). The private key lies in a folder of this installation, readable by its owner
alone. Public keys that are trusted lie beside it, one file each, so that a key can be replaced and
what the old one signed still verifies.
"""

import os
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

PRIVATE = "signing.pem"
PUBLIC = "*.pub.pem"


class BadKey(Exception):
    """A key file cannot be used; the message names it and the mend."""


class Signature(NamedTuple):
    """Who signed, and what came of it."""

    key_id: str
    """The first 16 hex digits of the sha256 of the raw public key."""
    value: str
    """64 bytes in hex."""


class Keys:
    """The keys of one installation.

    Args:
        folder: Where they lie. The first signature makes the folder and a key.

    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def sign(self, purpose: str, message: str) -> Signature:
        """Sign a message for one purpose; for another one the signature is worth nothing.

        Raises:
            BadKey: The key's file cannot be read, or others can read it.

        """
        value = self._private.sign(_framed(purpose, message)).hex()
        return Signature(_key_id(self._private.public_key()), value)

    def holds(self, purpose: str, message: str, signature: Signature) -> bool:
        """Say whether a key that is trusted here has signed exactly this, for this purpose.

        Raises:
            BadKey: A public key's file cannot be read.

        """
        public = self.trusted.get(signature.key_id)
        if public is None:
            return False
        try:
            public.verify(bytes.fromhex(signature.value), _framed(purpose, message))
        except (InvalidSignature, ValueError):
            return False
        return True

    @property
    def key_id(self) -> str:
        """Return the id of the key that signs; one is made if there is none."""
        return _key_id(self._private.public_key())

    @cached_property
    def trusted(self) -> dict[str, Ed25519PublicKey]:
        """Return the public keys that are trusted, by their ids."""
        found: dict[str, Ed25519PublicKey] = {}
        for path in sorted(self._folder.glob(PUBLIC)):
            try:
                public = load_pem_public_key(path.read_bytes())
            except ValueError as error:
                raise BadKey(f"{path} is no public key; restore it or remove it") from error
            if not isinstance(public, Ed25519PublicKey):
                raise BadKey(f"{path} is no Ed25519 key; remove it")
            found[_key_id(public)] = public
        return found

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        path = self._folder / PRIVATE
        if not path.exists():
            self._make(path)
        if path.stat().st_mode & 0o077:
            raise BadKey(f"{path} can be read by others; chmod 600 it, and see who has")
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (ValueError, TypeError) as error:
            raise BadKey(f"{path} is no private key; restore it from your backup") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise BadKey(f"{path} is no Ed25519 key; restore it from your backup")
        return key

    def _make(self, path: Path) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = Ed25519PrivateKey.generate()
        public = key.public_key()
        content = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        told = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        # The public one first: a signature that nobody can check is worse than a key unused.
        (self._folder / f"{_key_id(public)}.pub.pem").write_bytes(told)
        draft = path.with_name(f".{PRIVATE}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            os.fsync(file.fileno())
        try:
            # Of two processes that start together, one key wins; a link never replaces a file.
            path.hardlink_to(draft)
        except FileExistsError:
            (self._folder / f"{_key_id(public)}.pub.pem").unlink()
        finally:
            draft.unlink()
        self.__dict__.pop("trusted", None)


def _framed(purpose: str, message: str) -> bytes:
    return f"kampanj/{purpose}/1\n{message}".encode()


def _key_id(public: Ed25519PublicKey) -> str:
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]
