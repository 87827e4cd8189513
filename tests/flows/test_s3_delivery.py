"""Delivery into a bucket, over HTTP, from the real command line."""

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer
from places import Place

KEYS = {"KAMPANJ_S3_ACCESS_KEY_ID": "test", "KAMPANJ_S3_SECRET_ACCESS_KEY": "test"}


@pytest.fixture
def server() -> Iterator[str]:
    """Return the address of a server that speaks S3."""
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def bucket(server: str) -> Any:
    """Return an empty bucket."""
    resource = boto3.resource(
        "s3",
        endpoint_url=server,
        region_name="eu-north-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",  # noqa: S106 - of a server that passes with the test
    )
    made = resource.Bucket("ads")
    made.create(CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    return made


def test_a_campaign_is_delivered_into_a_bucket_once(place: Place, server: str, bucket: Any) -> None:
    """Media teams fetch from there, and pay for every object that is written."""
    environment = {**KEYS, "KAMPANJ_S3_ENDPOINT_URL": server, "KAMPANJ_S3_REGION": "eu-north-1"}
    words = ("run", "brief.yaml", "--out=s3://ads/q1", "--approve=auto", "--direct", "--json")

    first = place.run(*words, **environment)
    second = place.run(*words, **environment)

    assert first.code == second.code == 0, first.err
    assert (first.json["written"], second.json["written"]) == (4, 0)
    objects = {one.key: one for one in bucket.objects.all()}
    assert "q1/spring-tea/report.html" in objects
    assets = [key for key in objects if key.startswith("q1/spring-tea/assets/")]
    rendered = {path.name for path in (place.folder / ".kampanj" / "renditions").iterdir()}
    assert len(assets) == 4
    for key in assets:
        got = objects[key].get()
        digest = sha256(got["Body"].read()).hexdigest()
        assert f"{digest}.{key.rpartition('.')[2]}" in rendered
        assert got["ContentType"] == {"jpg": "image/jpeg", "png": "image/png"}[key[-3:]]


def test_a_bucket_that_is_not_there_ends_as_the_provider_s_fault(place: Place, server: str) -> None:
    """Nothing that was bought is lost: the next run delivers it."""
    environment = {**KEYS, "KAMPANJ_S3_ENDPOINT_URL": server, "KAMPANJ_S3_REGION": "eu-north-1"}
    words = ("run", "brief.yaml", "--out=s3://nobody/q1", "--approve=auto", "--direct", "--json")

    ended = place.run(*words, **environment)

    assert ended.code == 5
    assert "nobody" in ended.json["error"]["message"]
    assert (
        place.run("run", "brief.yaml", "--approve=auto", "--direct", "--json").json["composed"] == 0
    )
