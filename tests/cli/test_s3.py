"""Other S3 services behind the command: ``s3`` and ``s3-multi``, before a live server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

import colonnade.testing
from colonnade.testing import RunningServer
from tests.cli.command import COMMAND, serving
from tests.cli.command import colonnade as run
from tests.ports import free_port


@pytest.fixture
def upstream() -> Iterator[RunningServer]:
    """An S3 service in memory."""
    with colonnade.testing.server() as server:
        yield server


def keys(server: RunningServer) -> dict[str, str]:
    """What a client of a server is given, as the command's environment."""
    return {
        "VGW_S3_ENDPOINT": server.url,
        "VGW_S3_ACCESS_KEY": server.access,
        "VGW_S3_SECRET_KEY": server.secret,
        "VGW_S3_USE_PATH_STYLE": "true",
    }


def client(server: RunningServer) -> Any:
    """boto3 straight at a server."""
    import boto3

    return boto3.client("s3", **server.boto3)


def code(call: Any, **arguments: Any) -> str:
    """The code of a refusal."""
    with pytest.raises(ClientError) as refused:
        call(**arguments)
    return str(refused.value.response["Error"]["Code"])


def test_one_service_by_the_environment(upstream: RunningServer) -> None:
    """Objects put through the gateway are the service's."""
    with serving("s3", env=keys(upstream)) as server:
        server.client().create_bucket(Bucket="bucket")
        server.client().put_object(Bucket="bucket", Key="k", Body=b"x" * 300_000)
    assert client(upstream).head_object(Bucket="bucket", Key="k")["ContentLength"] == 300_000


def test_one_service_by_flags(upstream: RunningServer) -> None:
    """Flags say the same; an endpoint that already names a bucket is the service's all the same."""
    words = ["--endpoint", upstream.url + "/bucket", "-a", upstream.access, "-s", upstream.secret]
    client(upstream).create_bucket(Bucket="bucket")
    with serving("s3", *words) as server:
        assert [entry["Name"] for entry in server.client().list_buckets()["Buckets"]] == ["bucket"]


def test_meta_bucket(upstream: RunningServer) -> None:
    """Policy, CORS and ACL lie in the meta bucket by their names there; it is hidden, and emptied with a bucket."""
    there = client(upstream)
    there.create_bucket(Bucket="metadata")
    statement = '{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket/*"}'
    policy = '{"Version": "2012-10-17", "Statement": [' + statement + "]}"
    rule = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    with serving("s3", "--meta-bucket", "metadata", env=keys(upstream)) as server:
        ours = server.client()
        ours.create_bucket(Bucket="bucket")
        ours.put_bucket_policy(Bucket="bucket", Policy=policy)
        ours.put_bucket_cors(Bucket="bucket", CORSConfiguration={"CORSRules": [rule]})
        assert ours.get_bucket_policy(Bucket="bucket")["Policy"] == policy
        assert ours.get_bucket_cors(Bucket="bucket")["CORSRules"] == [rule]
        assert [entry["Name"] for entry in ours.list_buckets()["Buckets"]] == ["bucket"]
        assert code(ours.list_objects_v2, Bucket="metadata") == "AccessDenied"
        assert code(ours.create_bucket, Bucket="metadata") == "BucketAlreadyExists"
        assert code(there.get_bucket_policy, Bucket="bucket") == "NoSuchBucketPolicy"
        kept = [entry["Key"] for entry in there.list_objects_v2(Bucket="metadata")["Contents"]]
        assert kept == ["vgw-meta-acl-bucket", "vgw-meta-cors-bucket", "vgw-meta-policy-bucket"]
        owner = json.load(there.get_object(Bucket="metadata", Key="vgw-meta-acl-bucket")["Body"])["Owner"]
        assert owner == server.env["AWS_ACCESS_KEY_ID"]
        ours.delete_bucket(Bucket="bucket")
        assert there.list_objects_v2(Bucket="metadata")["KeyCount"] == 0
        ours.create_bucket(Bucket="bucket")


def test_a_meta_bucket_must_be_there(upstream: RunningServer) -> None:
    """Without it nothing is served."""
    done = run("--port", "127.0.0.1:0", "s3", "--meta-bucket", "none", env=keys(upstream))
    assert done.returncode != 0
    assert "meta-bucket: none" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--access", "a"], "access and secret: give both or neither"),
        (["--access", "a", "--secret", "b", "--anonymous-credentials"], "anonymous_credentials"),
        (["--endpoint", "ftp://x"], "is no address"),
        (["word"], "unexpected 'word'"),
    ],
)
def test_mistakes(words: list[str], message: str) -> None:
    """One line that says what is wrong."""
    done = run("s3", *words)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert message in done.stderr


@pytest.fixture
def two(tmp_path: Path, upstream: RunningServer) -> Iterator[tuple[Path, RunningServer, RunningServer]]:
    """The fork's file over two services, and these."""
    with colonnade.testing.server() as other:
        entries: list[dict[str, Any]] = [
            {"name": name, "endpoint": at.url, "access": at.access, "secret": at.secret, "usePathStyle": True}
            for name, at in (("first", upstream), ("second", other))
        ]
        entries[1]["important_notes"] = ["a comment"]
        file = tmp_path / "backends.conf"
        file.write_text(json.dumps({"use_cases": "x", "backends": entries}))
        yield file, upstream, other


def test_several_services(two: tuple[Path, RunningServer, RunningServer]) -> None:
    """Writes go to the first; HEAD, GET and listings know what only the second has; a delete stays deleted."""
    file, first, second = two
    client(second).create_bucket(Bucket="bucket")
    client(second).put_object(Bucket="bucket", Key="old", Body=b"old")
    with serving("s3-multi", "--config", file) as server:
        ours = server.client()
        assert ours.head_object(Bucket="bucket", Key="old")["ContentLength"] == 3
        ours.put_object(Bucket="bucket", Key="new", Body=b"new")
        assert [entry["Key"] for entry in ours.list_objects_v2(Bucket="bucket")["Contents"]] == ["new", "old"]
        ours.delete_object(Bucket="bucket", Key="old")
        assert code(ours.get_object, Bucket="bucket", Key="old") == "NoSuchKey"
        said = server.stop()
    assert client(first).head_object(Bucket="bucket", Key="new")["ContentLength"] == 3
    assert "2 S3 backends initialised; primary: first" in said
    assert "fallbacks: second" in said


def test_global_flags_may_follow(two: tuple[Path, RunningServer, RunningServer]) -> None:
    """The fork's documents write them behind the command; keys that were given are used."""
    file, *_ = two
    with serving("s3-multi", "--config", file, "--access", "root-access", "--secret", "root-secret") as server:
        assert server.env["AWS_ACCESS_KEY_ID"] == "root-access"
        assert server.client().list_buckets()["Buckets"] == []


@pytest.mark.parametrize("name", ["s3-multi", "s3multi"])
def test_as_the_forks_container_files_have_it(two: tuple[Path, RunningServer, RunningServer], name: str) -> None:
    """The command by its other name, and a port that is only a number."""
    port = str(free_port())
    program = [COMMAND, "--print-env", "--workers", "1"]
    with serving(name, "--config", two[0], program=program, env={"VGW_PORT": port}) as server:
        assert server.url.endswith(f":{port}")
        assert server.client().list_buckets()["Buckets"] == []


def test_the_environment_overrules_the_file(two: tuple[Path, RunningServer, RunningServer]) -> None:
    """A variable for each field of an entry; a word that is neither true nor false is told and ignored."""
    file, first, second = two
    env = {
        "VGW_S3_MULTI_CONFIG": str(file),
        "VGW_S3_MULTI_BACKEND_0_NAME": "renamed",
        "VGW_S3_MULTI_BACKEND_0_ENDPOINT": second.url,
        "VGW_S3_MULTI_BACKEND_0_ACCESS": second.access,
        "VGW_S3_MULTI_BACKEND_0_SECRET": second.secret,
        "VGW_S3_MULTI_BACKEND_0_USE_PATH_STYLE": "perhaps",
        "VGW_S3_MULTI_BACKEND_1_NAME": "",
    }
    with serving("s3-multi", env=env) as server:
        server.client().create_bucket(Bucket="bucket")
        said = server.stop()
    assert client(first).list_buckets()["Buckets"] == []
    assert [entry["Name"] for entry in client(second).list_buckets()["Buckets"]] == ["bucket"]
    assert "primary: renamed" in said
    assert "'perhaps' is neither true nor false" in said


def test_random_keys_are_announced(two: tuple[Path, RunningServer, RunningServer]) -> None:
    """By the words that scripts look for, also when quiet."""
    file, *_ = two
    with serving("--quiet", "s3-multi", "--config", file) as server:
        said = server.stop()
    assert f"Generated random ACCESS KEY: {server.env['AWS_ACCESS_KEY_ID']}" in said
    assert f"Generated random SECRET KEY: {server.env['AWS_SECRET_ACCESS_KEY']}" in said


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{}", "no backends defined"),
        ('{"backends": []}', "no backends defined"),
        ('{"backends": [{"name": "x", "access": "a"}]}', "backends[0] (x): access and secret are needed"),
        ('{"backends": [{"access": "a", "secret": "s", "usePathStyle": "yes"}]}', "usePathStyle: got 'yes'"),
        ("{", "line 1"),
    ],
)
def test_files_that_are_none(tmp_path: Path, document: str, message: str) -> None:
    """What is wrong, and where."""
    file = tmp_path / "config.json"
    file.write_text(document)
    done = run("s3-multi", "--config", file)
    assert done.returncode == 1
    assert message in done.stderr
