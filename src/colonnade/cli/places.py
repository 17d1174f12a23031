"""Places as the command line names them: a backend of the configuration, an AWS profile's S3, a directory."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from colonnade.backend import Backend
from colonnade.config import options
from colonnade.config.build import build_one
from colonnade.config.files import FileConfig
from colonnade.config.flags import ConfigError
from colonnade.config.values import resolve
from colonnade.sync.places import Place

FORMS = "NAME[/BUCKET[/PREFIX]] of the --config file, s3://PROFILE/BUCKET[/PREFIX] or file:///DIRECTORY"


class Places:
    """Reads places, and makes each backend once: two places on one backend share it."""

    def __init__(self, config: FileConfig | None, shared: dict[str, Any]) -> None:
        self.config = config
        self.shared = shared
        self.backends: dict[str, Backend] = {}

    def read(self, text: str) -> Place:
        """A place. Raises ConfigError."""
        if text.startswith("file://"):
            return self._directory(text)
        if text.startswith("s3://"):
            return self._profile(text)
        name, _, rest = text.partition("/")
        known = {entry.name: entry for entry in self.config.backends} if self.config is not None else {}
        if name not in known:
            names = ", ".join(known) or "none"
            raise ConfigError(f"{text}: no such place; allowed is {FORMS} (backends there: {names})")
        bucket, _, prefix = rest.partition("/")
        backend = self._once(name, lambda: build_one(known[name], self.shared))
        return Place(text, backend, bucket, prefix, self._system if known[name].role == "primary" else "")

    @property
    def _system(self) -> str:
        """The bucket that the configuration's overlay keeps in its primary, if it has one."""
        if self.config is None or len(self.config.backends) < 2:
            return ""
        return str(resolve(options.OVERLAY, {}, {}, self.config.overlay)["system_bucket"])

    def _directory(self, text: str) -> Place:
        path = Path(unquote(urlsplit(text).path))
        if urlsplit(text).netloc or not path.is_absolute() or not path.name:
            raise ConfigError(f"{text}: a directory is written file:///its/whole/path")
        from colonnade import backends

        options = {"path": str(path.parent), "strict_bucket_names": False}
        try:
            backend = self._once(f"file://{path.parent}", lambda: backends.load("posix", options))
        except ValueError as error:
            raise ConfigError(f"{text}: {error}") from error
        return Place(text, backend, path.name)

    def _profile(self, text: str) -> Place:
        profile, _, rest = text.removeprefix("s3://").partition("/")
        bucket, _, prefix = rest.partition("/")
        if not profile:
            raise ConfigError(f"{text}: an S3 place is written s3://PROFILE/BUCKET[/PREFIX]")
        return Place(text, self._once(f"s3://{profile}", lambda: _of_profile(profile, text)), bucket, prefix)

    def _once(self, name: str, make: Callable[[], Backend]) -> Backend:
        if name not in self.backends:
            self.backends[name] = make()
        return self.backends[name]


def _of_profile(profile: str, text: str) -> Backend:
    """The S3 service that a profile of AWS' shared files names, with its keys."""
    from botocore.exceptions import BotoCoreError
    from botocore.session import Session

    from colonnade import backends

    session = Session(profile=None if profile == "default" and "AWS_PROFILE" not in os.environ else profile)
    try:
        keys, config = session.get_credentials(), session.get_scoped_config()
    except BotoCoreError as error:
        raise ConfigError(f"{text}: {error}") from error
    if keys is None:
        raise ConfigError(f"{text}: the profile {profile} has no credentials")
    frozen = keys.get_frozen_credentials()
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or config.get("endpoint_url")
    options: dict[str, Any] = {"access": frozen.access_key, "secret": frozen.secret_key}
    options |= {"endpoint": endpoint, "use_path_style": True} if endpoint else {}
    options |= {"region": config["region"]} if config.get("region") else {}
    return backends.load("s3", options)
