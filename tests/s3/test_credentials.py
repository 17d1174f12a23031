"""AWS' usual places for keys, without an AWS: files, and the endpoint that containers are given."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from colonnade.backends.s3 import credentials
from colonnade.backends.s3.credentials import Credentials, Keys
from colonnade.backends.s3.settings import Settings
from colonnade.errors import S3Error
from tests.s3.upstream import Script, Upstream, answer


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None of this machine's keys."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def role(access: str, minutes: int) -> Script:
    """What a container's endpoint says: keys that expire in so many minutes."""
    expires = (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    said = {"AccessKeyId": access, "SecretAccessKey": "secret", "Token": "token", "Expiration": expires}
    return answer("200 OK", body=json.dumps(said).encode())


async def test_a_profile_of_the_shared_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The file that AWS' tools share, by the profile that the environment names."""
    (tmp_path / "credentials").write_text("[one]\naws_access_key_id = a\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_PROFILE", "one")
    assert await Credentials(Settings()).keys() == Keys("a", "s")


@pytest.mark.parametrize(
    ("scripts", "given"),
    [([role("first", 600)], ["first", "first"]), ([role("first", 12), role("second", 600)], ["second", "second"])],
    ids=["good for long", "about to expire"],
)
async def test_a_containers_role(scripts: Sequence[Script], given: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys are asked for once, and again before they expire."""
    async with Upstream(scripts) as endpoint:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{endpoint.url}/role")
        of_role = Credentials(Settings())
        found = [await of_role.keys() for _ in given]
    assert found == [Keys(access, "secret", "token") for access in given]
    assert len(endpoint.heads) == len(scripts)


async def test_a_web_identity(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token in a file, as Kubernetes gives it, is exchanged for keys; no region need be set for that."""
    (tmp_path / "token").write_text("identity")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    document = (
        '<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
        "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>a</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
        "<SessionToken>t</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>"
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
    )
    async with Upstream([answer("200 OK", body=document.encode())]) as sts:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", sts.url)
        monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
        monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/gateway")
        assert await Credentials(Settings()).keys() == Keys("a", "s", "t")
    assert b"WebIdentityToken=identity" in sts.bodies[0]


async def test_nothing_anywhere_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many requests without keys look for them once, and all are told."""
    searches = 0

    class Empty:
        def get_credentials(self) -> None:
            nonlocal searches
            searches += 1

    monkeypatch.setattr(credentials, "Session", Empty)
    nobody = Credentials(Settings())
    told = await asyncio.gather(*(nobody.keys() for _ in range(20)), return_exceptions=True)
    assert {error.code for error in told if isinstance(error, S3Error)} == {"ServiceUnavailable"}
    assert (len(told), searches) == (20, 1)
