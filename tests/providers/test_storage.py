"""Files are kept whole, once, below their root; the same bytes again are a success."""

import hashlib
import http.client
import http.server
import logging
import os
import resource
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from loopback import Loopback, Told
from moto.server import ThreadedMotoServer
from pydantic import SecretStr

from providers import errors, registry
from providers.errors import ProviderError
from providers.settings import ProviderSettings
from providers.storage import s3_bucket, whole
from providers.storage.base import Storage, Stored
from providers.storage.blobs import Blobs
from providers.storage.folder import Folder
from providers.storage.s3_bucket import S3Bucket

BUCKET = "campaigns"
KEYS = {
    "s3_region": "eu-north-1",
    "s3_access_key_id": SecretStr("AKIACANARYCANARY1234"),
    "s3_secret_access_key": SecretStr("canary/secret+1234567890"),
}


def sha256(content: bytes) -> str:
    """Return the hash that goes along with bytes."""
    return hashlib.sha256(content).hexdigest()


@pytest.fixture(scope="module")
def s3_url() -> Iterator[str]:
    """Start moto's S3, which is spoken to over HTTP."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    _client(url).create_bucket(
        Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
    )
    yield url
    server.stop()


def _client(url: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name="eu-north-1",
        aws_access_key_id="a",
        aws_secret_access_key="b",  # noqa: S106 - moto takes any
    )


@pytest.fixture(params=["folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    """Return each store in turn, as the registry builds it."""
    if request.param == "folder":
        return registry.storage(str(tmp_path / "out"), ProviderSettings())
    url = request.getfixturevalue("s3_url")
    settings = ProviderSettings(s3_endpoint_url=url, **KEYS)
    return registry.storage(f"s3://{BUCKET}/{tmp_path.name}", settings)


def test_what_is_put_is_there(store: Storage) -> None:
    """A delivery that reports success is one."""
    store.put("spring/SE/a_v1.png", b"picture", sha256(b"picture"))

    assert store.get("spring/SE/a_v1.png") == b"picture"
    assert store.head("spring/SE/a_v1.png") == Stored(sha256(b"picture"), 7)
    assert store.list("spring/") == ("spring/SE/a_v1.png",)
    assert store.list("autumn/") == ()


def test_what_is_not_there_is_said_so(store: Storage) -> None:
    """None and empty bytes would be delivered as a picture."""
    assert store.head("nothing.png") is None
    with pytest.raises(errors.NotStored):
        store.get("nothing.png")


def test_what_is_removed_is_gone_and_its_neighbours_are_not(store: Storage) -> None:
    """A withdrawn file must not stay with the client; asked for again, it is a success."""
    for key in ("tea/gone.jpg", "tea/stays.jpg"):
        store.put(key, b"abc", sha256(b"abc"))

    store.remove("tea/gone.jpg")
    store.remove("tea/gone.jpg")

    assert store.head("tea/gone.jpg") is None
    assert store.list("tea/") == ("tea/stays.jpg",)
    with pytest.raises(errors.BadKey):
        store.remove("../tea/stays.jpg")


def test_the_same_bytes_again_are_a_success_and_others_are_not(store: Storage) -> None:
    """A resumed delivery goes on; an approved file is never overwritten in silence."""
    store.put("a.png", b"approved", sha256(b"approved"))
    store.put("a.png", b"approved", sha256(b"approved"))
    with pytest.raises(errors.Conflict):
        store.put("a.png", b"changed", sha256(b"changed"))

    assert store.get("a.png") == b"approved"
    store.put("a.png", b"changed", sha256(b"changed"), replace=True)
    assert store.get("a.png") == b"changed"


def test_bytes_that_are_not_those_of_the_hash_are_refused(store: Storage) -> None:
    """What was approved is named by its hash; other bytes under it were approved by nobody."""
    with pytest.raises(errors.InvalidRequest):
        store.put("a.png", b"changed", sha256(b"approved"))

    assert store.head("a.png") is None


@pytest.mark.parametrize(
    "key",
    [
        "../a.png",
        "/etc/passwd",
        "a/../../b",
        "a//b",
        "",
        ".",
        "a/.b",
        "a\\b",
        "C:/a",
        "a\x00b",
        "a\u202eb",
        "a b",
        "con.png",
        "aux",
        "a.",
        "ä.png",
        "x" * 201,
        "/".join(["abc"] * 300),
    ],
)
def test_a_key_never_leaves_the_root(store: Storage, key: str) -> None:
    """A name that a brief made up must not write over this machine's files."""
    with pytest.raises(errors.BadKey):
        store.put(key, b"x", sha256(b"x"))
    with pytest.raises(errors.BadKey):
        store.get(key)


def test_a_link_does_not_lead_out_of_a_folder(tmp_path: Path) -> None:
    """Whoever can place a link in the output could have any file overwritten, or read."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    root = tmp_path / "root"
    root.mkdir()
    (root / "assets").symlink_to(outside)
    (root / "a.png").symlink_to(outside / "secret.txt")
    folder = Folder(root)

    for key in ("assets/x.png", "a.png"):
        with pytest.raises(errors.BadKey, match="is a link"):
            folder.put(key, b"x", sha256(b"x"), replace=True)
    with pytest.raises(errors.BadKey):
        folder.get("assets/secret.txt")
    assert folder.list("") == ()
    assert list(outside.iterdir()) == [outside / "secret.txt"]


def _in_little_room(work: Any) -> str:
    """Do something in a child that may write 4 kB a file, and return what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        said = "nothing"
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
            work()
        except ProviderError as error:
            said = error.kind
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading) as file:
        return file.read()


@pytest.mark.parametrize("replace", [False, True])
def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, replace: bool) -> None:  # noqa: FBT001 - pytest gives it
    """Half a picture under a whole picture's name is found by the customer."""
    folder, content = Folder(tmp_path), b"x" * 10_000
    if replace:
        folder.put("a.png", b"old", sha256(b"old"))

    said = _in_little_room(lambda: folder.put("a.png", content, sha256(content), replace=replace))

    assert said == "storage_full"
    assert [one.name for one in tmp_path.iterdir()] == (["a.png"] if replace else [])
    assert not replace or folder.get("a.png") == b"old"


def test_a_blob_is_its_hash(tmp_path: Path) -> None:
    """What was paid for comes back as it was, or not at all."""
    blobs = Blobs(tmp_path / "blobs")
    name = blobs.put(b"picture")

    assert name == sha256(b"picture") == blobs.put(b"picture")
    assert blobs.get(name) == b"picture"
    assert blobs.has(name)
    blobs.path(name).write_bytes(b"Picture")
    with pytest.raises(errors.NotStored, match="changed or damaged"):
        blobs.get(name)
    # Putting the right bytes again mends it.
    blobs.put(b"picture")
    assert blobs.get(name) == b"picture"
    with pytest.raises(errors.NotStored, match="restore it"):
        blobs.get(sha256(b"other"))
    for wrong in ("../x", name[:-1], name.upper(), f"{name}\n"):
        with pytest.raises(errors.BadKey):
            blobs.get(wrong)
    big = b"y" * 10_000
    assert _in_little_room(lambda: blobs.put(big)) == "storage_full"
    assert not blobs.has(sha256(big))
    assert len([one for one in blobs.path(name).parent.parent.rglob("*") if one.is_file()]) == 1


def test_objects_have_a_type_a_checksum_and_no_access_list(s3_url: str) -> None:
    """A report that downloads instead of opening is not read; a public one is read by all."""
    store = S3Bucket(BUCKET, "typed", ProviderSettings(s3_endpoint_url=s3_url, **KEYS))
    store.put("report.html", b"<p>", sha256(b"<p>"))

    client = _client(s3_url)
    head = client.head_object(Bucket=BUCKET, Key="typed/report.html", ChecksumMode="ENABLED")
    assert head["ContentType"] == "text/html; charset=utf-8"
    assert head["Metadata"]["sha256"] == sha256(b"<p>")
    grants = client.get_object_acl(Bucket=BUCKET, Key="typed/report.html")["Grants"]
    assert all("URI" not in one["Grantee"] for one in grants)


def test_an_object_that_was_changed_behind_us_is_not_read_as_ours(s3_url: str) -> None:
    """Moto, like some stores, keeps a hash that does not fit; we hash again."""
    store = S3Bucket(BUCKET, "changed", ProviderSettings(s3_endpoint_url=s3_url, **KEYS))
    client = _client(s3_url)
    client.put_object(
        Bucket=BUCKET,
        Key="changed/a.png",
        Body=b"other",
        Metadata={"sha256": sha256(b"picture")},
    )

    with pytest.raises(errors.NotStored):
        store.get("a.png")


class Before:
    """A server before S3 that fails as told, and passes the rest on."""

    def __init__(self, target: str, script: list[str]) -> None:
        self.script = script
        self.seen: list[str] = []
        outer = self
        host, port = target.removeprefix("http://").split(":")

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                """Say nothing."""

            def _pass(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                outer.seen.append(self.command)
                fault = outer.script.pop(0) if outer.script else "ok"
                if fault in {"SlowDown", "AccessDenied", "RequestTimeTooSkewed"}:
                    self._answer(503 if fault == "SlowDown" else 403, _error(fault), {})
                    return
                if fault == "drop_before":
                    self.close_connection = True
                    return
                upstream = http.client.HTTPConnection(host, int(port))
                upstream.request(self.command, self.path, body, dict(self.headers))
                answer = upstream.getresponse()
                content = answer.read()
                if fault == "drop_after":
                    self.close_connection = True
                    return
                headers = {
                    name: value
                    for name, value in answer.getheaders()
                    if name.lower() not in {"transfer-encoding", "connection", "content-length"}
                }
                size = answer.getheader("Content-Length") if self.command == "HEAD" else None
                self._answer(answer.status, content, headers, size)

            do_GET = do_PUT = do_HEAD = _pass  # noqa: N815 - their names

            def _answer(
                self, status: int, content: bytes, headers: dict[str, str], size: str | None = None
            ) -> None:
                self.send_response_only(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", size or str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()


def _error(code: str) -> bytes:
    said = "AKIACANARYCANARY1234 canary/secret+1234567890"
    return f"<Error><Code>{code}</Code><Message>{said}</Message></Error>".encode()


def _faulty(s3_url: str, script: list[str], prefix: str) -> tuple[S3Bucket, Before, list[float]]:
    before, slept = Before(s3_url, script), []
    settings = ProviderSettings(s3_endpoint_url=before.url, s3_timeout=2, **KEYS)
    return S3Bucket(BUCKET, prefix, settings, sleep=slept.append), before, slept


@pytest.mark.parametrize("fault", ["SlowDown", "drop_before", "drop_after"])
def test_a_put_outlives_a_bad_moment(s3_url: str, fault: str) -> None:
    """An answer that was lost comes back as a conflict with ourselves, which is a success."""
    store, before, slept = _faulty(s3_url, [fault], f"bad-{fault}")
    store.put("a.png", b"picture", sha256(b"picture"))
    before.stop()

    assert store is not None
    assert before.seen[:2] == ["PUT", "PUT"]
    assert slept == [0.4]


def test_patience_with_s3_ends(s3_url: str) -> None:
    """A store that is down is said to be down, and after a bounded time."""
    store, before, slept = _faulty(s3_url, ["SlowDown"] * 20, "down")
    with pytest.raises(errors.Unavailable):
        store.put("a.png", b"picture", sha256(b"picture"))
    before.stop()

    assert before.seen == ["PUT"] * 4
    assert len(slept) == 3


@pytest.mark.parametrize("fault", ["AccessDenied", "RequestTimeTooSkewed"])
def test_a_missing_right_is_not_asked_for_twice(s3_url: str, fault: str) -> None:
    """A role or a clock is mended by a person; asking again only fills the audit log."""
    store, before, _ = _faulty(s3_url, [fault], "denied")
    with pytest.raises(errors.NotConfigured, match=fault) as caught:
        store.put("a.png", b"picture", sha256(b"picture"))
    before.stop()

    assert before.seen == ["PUT"]
    assert "CANARY" not in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("told", "kind", "asked"),
    [
        (Told(200, b"x" * 3000), errors.StorageError, 1),
        (Told(200, b"picture", how="drip"), errors.StorageError, 1),
        (Told(200, b"picture", {"Content-Encoding": "gzip"}), errors.StorageError, 1),
        (Told(307, b"", {"Location": "http://127.0.0.1:1/stolen"}), errors.StorageError, 1),
        (Told(how="hang"), errors.Unavailable, 4),
        (Told(how="drop"), errors.Unavailable, 4),
        (Told(200, b"picture", how="cut"), errors.Unavailable, 4),
        (Told(how="head_drip"), errors.Unavailable, 4),
    ],
    ids=["huge", "drip", "gzip", "redirect", "hang", "drop", "cut", "head_drip"],
)
def test_what_s3_sends_is_bounded_and_leads_nowhere(
    told: Told, kind: type[ProviderError], asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A bucket that somebody else fills must not fill our memory, or hold a delivery for ever."""
    monkeypatch.setattr(s3_bucket, "MOST_BYTES", 2000)
    monkeypatch.setattr(s3_bucket, "PATIENCE", 2)
    began = time.monotonic()
    with Loopback(lambda _asked: told) as server:
        settings = ProviderSettings(s3_endpoint_url=server.url, s3_timeout=0.2, **KEYS)
        store = S3Bucket(BUCKET, "", settings, sleep=lambda _seconds: None)
        with pytest.raises(kind) as caught:
            store.get("a.png")

    assert type(caught.value) is kind
    assert len(server.asked) == asked
    assert time.monotonic() - began < 30
    assert "CANARY" not in f"{caught.value!r}{caught.value.__cause__!r}"


def test_no_s3_at_all_is_unavailable() -> None:
    """A name that does not resolve, or a closed port, is no bug of the campaign."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = ProviderSettings(s3_endpoint_url=f"http://127.0.0.1:{port}", **KEYS)
    store = S3Bucket(BUCKET, "", settings, sleep=lambda _seconds: None)
    with pytest.raises(errors.Unavailable):
        store.head("a.png")


DYING = """\
import os, pathlib, sys
from providers.storage import s3_bucket, whole
with whole._temporary(pathlib.Path(sys.argv[1]), b"half", sync=False):
    os.kill(os.getpid(), 9)
"""


def test_only_what_the_dead_left_half_written_is_swept(tmp_path: Path) -> None:
    """A media team must not find fragments, and a living writer must not lose its file."""
    folder = Folder(tmp_path)
    folder.put("tea/a.jpg", b"a", hashlib.sha256(b"a").hexdigest())
    words = [sys.executable, "-c", DYING, str(tmp_path / "tea" / "b.jpg")]
    dead = subprocess.run(words, check=False)  # noqa: S603 - our own interpreter and words

    assert dead.returncode == -9
    assert len(list((tmp_path / "tea").iterdir())) == 2
    with whole._temporary(tmp_path / "tea" / "c.jpg", b"living", sync=False) as living:
        assert folder.tidy("tea") == 1
        assert sorted((tmp_path / "tea").iterdir()) == sorted([living, tmp_path / "tea" / "a.jpg"])


def test_no_body_and_no_signature_is_in_a_log(
    s3_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever turns the log up to find a fault would publish what was kept, and how to sign."""
    store = S3Bucket(BUCKET, "quiet", ProviderSettings(s3_endpoint_url=s3_url, **KEYS))
    with caplog.at_level(logging.DEBUG):
        store.put("a.txt", b"the words of a campaign", sha256(b"the words of a campaign"))
        store.get("a.txt")

    assert "the words of a campaign" not in caplog.text
    assert "Signature" not in caplog.text
    assert "botocore" not in {one.name.partition(".")[0] for one in caplog.records}
