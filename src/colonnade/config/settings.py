"""The settings of one gateway, whole and checked: what the server and the application are told."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from colonnade.config import accounts, credentials, doors, logs
from colonnade.config.build import IN_PROCESS, build
from colonnade.config.files import BackendConfig
from colonnade.config.flags import ConfigError
from colonnade.iam.single import SingleAccount
from colonnade.mark import Mark
from colonnade.rules import acl

if TYPE_CHECKING:
    from colonnade.app import Gateway
    from colonnade.backend import Backend
    from colonnade.iam.accounts import Accounts
    from colonnade.multi.board import Board


@dataclass(frozen=True)
class Settings:
    """Global settings as :data:`colonnade.config.options.GLOBAL` names them, and the backends behind them.

    `board` and the marks (of accounts, of buckets) are memory that the workers share, made before they are forked.
    """

    addresses: tuple[str, ...]
    admin_addresses: tuple[str, ...]
    root: credentials.Credentials
    workers: int
    values: Mapping[str, Any]
    backends: Sequence[BackendConfig]
    overlay: Mapping[str, Any]
    board: Board | None
    marks: tuple[Mark, Mark]

    def shared(self) -> dict[str, Any]:
        """What backends may want to know of the gateway."""
        return shared_of(self.values)

    def backend(self) -> Backend:
        """The backend, not started. Raises ConfigError."""
        backend = build(self.backends, self.overlay, self.shared(), self.board)
        if self.values["default_object_ownership"] != acl.ENFORCED:
            from colonnade.layers.ownership import DefaultOwnership

            backend = DefaultOwnership(backend, self.values["default_object_ownership"])
        if self.values["disable_acl"]:
            from colonnade.layers.withoutacls import WithoutAcls

            backend = WithoutAcls(backend)
        if not self.values["readonly"]:
            return backend
        from colonnade.layers.readonly import ReadOnly

        # Administrators may still say whose a bucket is, as the compatible gateway has it.
        return ReadOnly(backend, "ChangeBucketOwner")

    def accounts(self) -> Accounts:
        """Who may sign. Raises ConfigError."""
        return accounts.build(self.values, SingleAccount(self.root.access, self.root.secret), self.marks[0])

    def gateway(self) -> Gateway:
        """The application, as each worker makes it for itself."""
        from colonnade.app import Gateway

        values = self.values
        access_log, admin_log = logs.build(values)
        return Gateway(
            self.backend(),
            self.accounts(),
            region=values["region"],
            virtual_domains=values["virtual_domain"],
            health=values["health"],
            max_requests=-(-values["max_requests"] // self.workers),
            acls=not values["disable_acl"],
            mark=self.marks[1],
            show_backend=values["backend_header"],
            cors_origin=values["cors_allow_origin"],
            admin=not values["admin_port"],
            access_log=access_log,
            admin_log=admin_log,
        )


def shared_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """What backends may want to know of the global settings."""
    return {
        "region": values["region"],
        "strict_bucket_names": not values["disable_strict_bucket_names"],
        "mp_max_parts": values["mp_max_parts"],
        "copy_object_threshold": values["copy_object_threshold"],
        "block_public_access": values["block_public_access"],
        "expire_uploads": None if values["readonly"] else values["expire_uploads"],
    }


def settle(
    values: Mapping[str, Any], backends: Sequence[BackendConfig], overlay: Mapping[str, Any] | None = None
) -> Settings:
    """Check settings against each other and fill in what depends on the machine. Raises ConfigError."""
    doors.check(values)
    return Settings(
        addresses=doors.addresses(values, "port"),
        admin_addresses=doors.addresses(values, "admin-port"),
        root=credentials.complete(values["access"], values["secret"]),
        workers=_workers(values["workers"], backends),
        values=values,
        backends=backends,
        overlay=overlay or {},
        board=_board(len(backends)),
        marks=(Mark(), Mark()),
    )


def _board(size: int) -> Board | None:
    """What workers over several backends share; over one alone they need nothing."""
    if size == 1:
        return None
    from colonnade.multi.board import Board

    return Board(size)


def _workers(given: int | None, backends: Sequence[BackendConfig]) -> int:
    """How many; one per CPU unless told, and one only for what lives in one process."""
    bound = next((backend for backend in backends if backend.type in IN_PROCESS), None)
    if bound is None:
        return given or len(os.sched_getaffinity(0))
    if given and given > 1:
        raise ConfigError(
            f"workers: got {given}; allowed is 1, as {bound.where} of type {bound.type} is in one process"
        )
    return 1
