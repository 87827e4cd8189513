"""A bucket on S3, or on a server that speaks like it, as a place that keeps files."""

import base64
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import boto3
import httpx2
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from providers import errors
from providers.aws_wire import AwsWire
from providers.errors import ProviderError, Trace
from providers.settings import ProviderSettings
from providers.storage.base import Stored, checked_key
from providers.wire import Overrun

NAME = "s3"
MOST_BYTES = 500_000_000
"""Of one answer: ten times the largest file that a campaign makes."""
PATIENCE = 10
"""How many times as long as it may be silent one act may take in all: a server that sends a byte
now and then is never silent."""
TRIES = 4
"""How often one act is tried in all; S3 asks for patience as a part of normal life."""
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".json": "application/json",
    ".csv": "text/csv; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_WAIT = {"SlowDown", "ServiceUnavailable", "RequestTimeout", "InternalError", "Throttling", "503"}
_RIGHTS = {
    "AccessDenied",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "403",
    "401",
}
_NOTHING = {"NoSuchKey", "404", "NotFound"}
_OTHERS = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
_T = TypeVar("_T")


class S3Bucket:
    """Keeps files in one bucket, below one prefix. Writes are conditional and hashed.

    No access list is ever sent: who may read a file is the bucket's policy alone. Every act here
    may be repeated without harm, so a lost answer is simply asked for again.

    Args:
        bucket: Its name.
        prefix: What all keys start with there; may be empty.
        settings: Address, region and keys.
        sleep: Waits for seconds between tries.

    """

    name = NAME

    def __init__(
        self,
        bucket: str,
        prefix: str,
        settings: ProviderSettings,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._secrets = settings.secrets
        self._sleep = sleep
        key, secret, token = (
            one.get_secret_value() if one else None
            for one in (
                settings.s3_access_key_id,
                settings.s3_secret_access_key,
                settings.s3_session_token,
            )
        )
        self._client: Any = boto3.client(
            "s3",
            endpoint_url=settings.s3_endpoint_url,
            region_name=settings.s3_region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            aws_session_token=token,
            config=Config(
                retries={"total_max_attempts": 1, "mode": "standard"},
                s3={"addressing_style": "path"} if settings.s3_endpoint_url else None,
            ),
        )
        AwsWire(
            timeout=settings.s3_timeout * PATIENCE,
            max_bytes=MOST_BYTES,
            connect=settings.connect_timeout,
            silent=settings.s3_timeout,
            proxy=settings.proxy,
        ).carry(self._client)

    def put(self, key: str, content: bytes, sha256: str, *, replace: bool = False) -> None:
        """Keep bytes under a key. The same bytes again are a success."""
        digest = hashlib.sha256(content).digest()
        if digest.hex() != sha256:
            raise errors.InvalidRequest(NAME, f"{key}: the bytes are not those of {sha256[:12]}…")
        name = self._named(key)
        ending = key[key.rfind(".") :].lower() if "." in key else ""
        asked = {
            "Bucket": self._bucket,
            "Key": name,
            "Body": content,
            "ContentType": CONTENT_TYPES.get(ending, "application/octet-stream"),
            "ChecksumSHA256": base64.b64encode(digest).decode(),
            # For servers that take a checksum and keep none.
            "Metadata": {"sha256": sha256},
        }
        for _ in range(TRIES):
            condition = self._condition(key, replace=replace)
            try:
                self._patiently(key, lambda: self._client.put_object(**asked, **condition))  # noqa: B023
            except errors.Conflict:
                kept = self.head(key)
                # Ours, when the answer to an earlier try was lost on the way.
                if kept and kept.sha256 == sha256:
                    return
                if kept and not replace:
                    raise
                continue
            self._check(key, sha256)
            return
        raise errors.Conflict(
            NAME, f"{key}: others write it all the time; nothing was kept of ours"
        )

    def get(self, key: str, most: int | None = None) -> bytes:
        """Return the bytes, after comparing them with the hash that was kept beside them.

        Args:
            key: Of the object.
            most: How many bytes are taken, for what others put there; None takes all.

        """
        name = self._named(key)

        def read() -> tuple[dict[str, Any], bytes]:
            answer = self._client.get_object(Bucket=self._bucket, Key=name, ChecksumMode="ENABLED")
            return answer, answer["Body"].read(None if most is None else most + 1)

        answer, content = self._patiently(key, read)
        if most is not None and len(content) > most:
            raise errors.StorageError(NAME, f"{key} is larger than {most:,} bytes")
        kept, ours = _sha256(answer), hashlib.sha256(content).hexdigest()
        if kept and kept != ours:
            raise errors.NotStored(NAME, f"{key} was changed or damaged since it was put there")
        return content

    def head(self, key: str) -> Stored | None:
        """Return the hash and the size of what is kept, or None."""
        answer = self._head(key)
        if answer is None:
            return None
        sha256 = _sha256(answer) or hashlib.sha256(self.get(key)).hexdigest()
        return Stored(sha256=sha256, size=int(answer["ContentLength"]))

    def size(self, key: str) -> int | None:
        """Return how many bytes are kept under a key, or None; nothing of them is read."""
        answer = self._head(key)
        return None if answer is None else int(answer["ContentLength"])

    def remove(self, key: str) -> None:
        """Keep nothing under a key any more; a bucket with versions keeps the old one below it."""
        name = self._named(key)
        self._patiently(key, lambda: self._client.delete_object(Bucket=self._bucket, Key=name))

    def tidy(self, prefix: str) -> int:
        """Return 0: an object is there whole or not at all."""
        checked_key(NAME, prefix)
        return 0

    def list(self, prefix: str) -> tuple[str, ...]:
        """Return the keys that start with a prefix, sorted."""
        found: list[str] = []
        asked = {"Bucket": self._bucket, "Prefix": f"{self._prefix}{prefix}"}
        more: dict[str, str] | None = {}
        while more is not None:
            page = self._patiently(
                prefix,
                lambda more=more: self._client.list_objects_v2(**asked, **more),  # type: ignore[misc]
            )
            found += [one["Key"][len(self._prefix) :] for one in page.get("Contents", ())]
            token = page.get("NextContinuationToken") if page.get("IsTruncated") else None
            more = {"ContinuationToken": token} if token else None
        return tuple(sorted(found))

    def _named(self, key: str) -> str:
        return f"{self._prefix}{checked_key(NAME, key)}"

    def _head(self, key: str) -> dict[str, Any] | None:
        name = self._named(key)
        try:
            answer: dict[str, Any] = self._patiently(
                key,
                lambda: self._client.head_object(
                    Bucket=self._bucket, Key=name, ChecksumMode="ENABLED"
                ),
            )
        except errors.NotStored:
            return None
        return answer

    def _condition(self, key: str, *, replace: bool) -> dict[str, str]:
        if replace:
            kept = self._head(key)
            if kept:
                # Replace what we saw, not what another wrote meanwhile.
                return {"IfMatch": str(kept["ETag"])}
        return {"IfNoneMatch": "*"}

    def _check(self, key: str, sha256: str) -> None:
        # A server may accept a wrong checksum; what it kept is what counts.
        kept = self.head(key)
        if kept is None or kept.sha256 != sha256:
            raise errors.NotStored(NAME, f"{key}: the bucket does not hold what was put there")

    def _patiently(self, key: str, act: Callable[[], _T]) -> _T:
        for number in range(1, TRIES):
            try:
                with self._told(key):
                    return act()
            except errors.TryAgain:
                self._sleep(0.2 * 2**number)
        with self._told(key):
            return act()

    @contextmanager
    def _told(self, key: str) -> Iterator[None]:
        """Turn what the SDK raises into our errors, without our keys in them."""
        where = f"s3://{self._bucket}/{key}"
        try:
            yield
        except ClientError as error:
            raise self._ours(error, where) from None
        except (NoCredentialsError, PartialCredentialsError):
            raise errors.NotConfigured(
                NAME, "no AWS keys were found; set them, or write to a folder with --out"
            ) from None
        except Overrun as error:
            raise self._error(errors.StorageError, f"{where}: {error}") from None
        except httpx2.TransportError as error:
            said = f"{where}: not reached: {type(error).__name__} {error}"
            raise self._error(errors.Unavailable, said) from None
        except BotoCoreError as error:
            raise self._error(errors.StorageError, f"{where}: {error}") from None

    def _ours(self, error: ClientError, where: str) -> ProviderError:
        code = str(error.response.get("Error", {}).get("Code", ""))
        said = error.response.get("ResponseMetadata", {})
        trace = Trace(
            status=said.get("HTTPStatusCode"), code=code, request_id=said.get("RequestId", "")
        )
        if code in _WAIT:
            return self._error(errors.Unavailable, f"{where}: asks for patience ({code})", trace)
        if code in _OTHERS:
            return self._error(
                errors.Conflict,
                f"{where} holds other bytes; choose another place or version",
                trace,
            )
        if code in _NOTHING:
            return self._error(errors.NotStored, f"nothing is kept as {where}", trace)
        if code in _RIGHTS:
            return self._error(
                errors.NotConfigured,
                f"{where}: {code}; check the keys, the role's rights and this machine's clock",
                trace,
            )
        if code == "NoSuchBucket":
            return self._error(errors.NotConfigured, f"there is no bucket {self._bucket}", trace)
        return self._error(errors.StorageError, f"{where}: {code}", trace)

    def _error(
        self, kind: type[ProviderError], message: str, trace: Trace | None = None
    ) -> ProviderError:
        return kind(NAME, message, trace, secrets=self._secrets)


def _sha256(answer: dict[str, Any]) -> str:
    """Return the hash that is kept beside an object as hex, or an empty string.

    That of a multipart upload is a hash of hashes, and ends with the count of parts.
    """
    packed = str(answer.get("ChecksumSHA256", ""))
    if packed and "-" not in packed:
        return base64.b64decode(packed).hex()
    return str(answer.get("Metadata", {}).get("sha256", ""))
