"""From a configuration to one backend. Alone knows backends and layers by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from colonnade.backend import Backend
from colonnade.config.files import BackendConfig
from colonnade.config.flags import ConfigError

if TYPE_CHECKING:
    from colonnade.multi.board import Board

#: Settings of the gateway that backends of some types want to know, beside their own options.
SHARED: Mapping[str, tuple[str, ...]] = {
    "posix": (
        "region",
        "strict_bucket_names",
        "mp_max_parts",
        "copy_object_threshold",
        "block_public_access",
        "expire_uploads",
    ),
    "memory": ("region", "block_public_access", "expire_uploads"),
}

#: Time-outs of an entry that backends of some types keep themselves too: they alone see their connections.
TIMED: Mapping[str, tuple[str, ...]] = {
    "posix": ("stall_timeout",),
    "s3": ("connect_timeout", "answer_timeout", "stall_timeout", "patience"),
}

#: Types that live in one process: a second worker would serve another, empty one.
IN_PROCESS = frozenset({"memory"})


def build(
    backends: Sequence[BackendConfig], overlay: Mapping[str, Any], shared: Mapping[str, Any], board: Board | None
) -> Backend:
    """One backend as it is, several as an overlay whose workers share `board`. Nothing is started.

    Raises ConfigError.
    """
    if len(backends) == 1:
        return build_one(backends[0], shared)
    from colonnade.multi import Member, Overlay, Role
    from colonnade.multi.breaker import Breaker
    from colonnade.multi.counters import Counters
    from colonnade.multi.timeouts import Timeouts

    members = [
        Member(
            name=config.name,
            backend=build_one(config, shared),
            role=Role(config.role),
            may_be_missed=config.may_be_missed,
            timeouts=Timeouts(config.answer_timeout, config.stall_timeout, config.patience),
            breaker=board.breaker(place) if board is not None else Breaker(),
            counters=board.counters(place) if board is not None else Counters(),
        )
        for place, config in enumerate(backends)
    ]
    try:
        return Overlay(
            members,
            stale=overlay["stale"] == "serve",
            system_bucket=overlay["system_bucket"],
            write=overlay["write"],
            delete=overlay["delete"],
            queue=overlay["queue"],
            tidy=overlay["tidy"],
            board=board,
        )
    except ValueError as error:
        raise ConfigError(f"overlay: {error}") from error


def build_one(config: BackendConfig, shared: Mapping[str, Any]) -> Backend:
    """One backend behind the layers of its own, not started. Raises ConfigError naming where it is configured."""
    from colonnade import backends

    own = {name: shared[name] for name in SHARED.get(config.type, ()) if name in shared}
    if config.read_only:
        own.pop("expire_uploads", None)
    own |= {name: getattr(config, name) for name in TIMED.get(config.type, ())}
    try:
        return _dressed(backends.load(config.type, {**own, **config.options}), config)
    except (ValueError, ImportError) as error:  # ImportError: the type needs a library that isn't installed
        raise ConfigError(f"{config.where}: {error}") from error


def _dressed(backend: Backend, config: BackendConfig) -> Backend:
    """A backend behind the layers that its entry asks for. Raises ValueError."""
    if config.read_only:
        from colonnade.layers.readonly import ReadOnly

        backend = ReadOnly(backend)
    if config.bucket_prefix or config.into_bucket or config.buckets:
        from colonnade.layers.bucketmap import BucketMap, Names

        pairs = dict(pair.partition("=")[::2] for pair in config.buckets)
        backend = BucketMap(backend, Names(config.bucket_prefix, config.into_bucket, pairs))
    return backend
