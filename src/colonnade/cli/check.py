"""``colonnade check --config FILE``: what serve would do, and whether every backend answers. Shows no secret."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from colonnade.backend import Backend
from colonnade.cli import serve
from colonnade.cli.parse import Given
from colonnade.config.build import build_one
from colonnade.config.files import BackendConfig
from colonnade.config.settings import Settings

#: Seconds a backend has to start and to answer.
PATIENCE = 15.0

#: Parts of option names whose values are not for everybody's eyes.
SECRETS = ("secret", "password", "pass", "token", "key", "credential", "sas")


def run(given: Given, flags: Given, arguments: list[str]) -> int:
    """Print the plan, ask the backends; status 1 if one doesn't answer."""
    settings = serve.read("check", given, flags, arguments)
    describe(settings)
    answers = [ask(settings, backend) for backend in settings.backends]
    return 0 if all(answers) else 1


def describe(settings: Settings) -> None:
    """Print what serve would do."""
    values = settings.values
    print(f"listens at {', '.join(settings.addresses)} ({'TLS' if values['cert'] else 'no TLS'})")
    if settings.admin_addresses:
        tls = "TLS" if values["admin_cert"] else "no TLS"
        print(f"the administrator's API at {', '.join(settings.admin_addresses)} ({tls})")
    print(f"region {values['region']}, {settings.workers} workers, root credentials {_origin(settings)}")
    if values["virtual_domain"]:
        print(f"buckets are also sub-domains of {', '.join(values['virtual_domain'])}")
    if values["health"]:
        print(f"health at {values['health']}")
    for place, backend in enumerate(settings.backends, 1):
        missed = ", may be missed" if backend.may_be_missed else ""
        print(f"backend {place}: {backend.name}, {backend.role}{missed}, type {backend.type}, {_options(backend)}")
    if len(settings.backends) > 1:
        print(f"served as one; with the primary down: {settings.overlay['stale']}")


def _origin(settings: Settings) -> str:
    return {0: "given", 1: "half given, half made at random", 2: "made at random"}[len(settings.root.made)]


def _options(backend: BackendConfig) -> str:
    shown = (f"{name.replace('_', '-')}={masked(name, value)}" for name, value in backend.options.items())
    return " ".join(shown) or "no options"


def masked(name: str, value: Any) -> str:
    """An option's value as it may be shown."""
    if any(word in name for word in SECRETS):
        return "***"
    if isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="***" if parts.query else ""))
    return repr(value)


def ask(settings: Settings, config: BackendConfig) -> bool:
    """Start one backend and list its buckets; prints what came of it."""
    found = answer(settings, config)
    print(f"{config.name}: {said(found)}")
    return bool(found["answers"])


def answer(settings: Settings, config: BackendConfig) -> dict[str, Any]:
    """What comes of asking one backend: whether it answers, how many buckets it has or why it doesn't."""
    found: dict[str, Any] = {"name": config.name, "role": config.role, "answers": True}
    try:
        return found | {"buckets": asyncio.run(_buckets(build_one(config, settings.shared())))}
    except Exception as error:  # whatever it is, it says why this backend doesn't answer
        reason = without_secrets(str(error) or type(error).__name__, config.options)
        return found | {"answers": False, "reason": reason}


def said(found: Mapping[str, Any]) -> str:
    """An answer for people."""
    if not found["answers"]:
        return f"does not answer: {found['reason']}"
    return f"answers, {found['buckets']} {'bucket' if found['buckets'] == 1 else 'buckets'}"


async def _buckets(backend: Backend) -> int:
    try:
        async with asyncio.timeout(PATIENCE):
            await backend.start()
            try:
                return len((await backend.call("ListBuckets", {}))["Buckets"])
            finally:
                await backend.close()
    except TimeoutError:
        raise TimeoutError(f"no answer within {PATIENCE:g} seconds") from None


def without_secrets(text: str, options: Mapping[str, Any]) -> str:
    """A message with the values of secret options taken out, should a library have put one in."""
    for value in _secret_values(options):
        text = text.replace(value, "***")
    return text


def _secret_values(options: Mapping[str, Any]) -> Iterable[str]:
    for name, value in options.items():
        if isinstance(value, str) and value and any(word in name for word in SECRETS):
            yield value
