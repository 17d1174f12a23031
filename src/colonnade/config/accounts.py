"""From a configuration to an account store. Alone knows the kinds of stores by name."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from colonnade.config.flags import ConfigError
from colonnade.iam.single import SingleAccount

if TYPE_CHECKING:
    from colonnade.iam.accounts import Account, Accounts, ChangeableAccounts
    from colonnade.mark import Mark

#: What an account store in an S3 service must be told.
_S3 = ("s3_iam_access", "s3_iam_secret", "s3_iam_region", "s3_iam_bucket", "s3_iam_endpoint")


def build(values: Mapping[str, Any], single: SingleAccount, mark: Mark) -> Accounts:
    """The first kind that is configured, in the order that the compatible gateway has. Raises ConfigError."""
    if values["iam_dir"] is not None:
        return _told(values, _directory(values, single.root, mark))
    if values["s3_iam_endpoint"] is not None:
        return _cached(values, _told(values, _s3(values, single.root)), mark)
    return single


def _told(values: Mapping[str, Any], store: ChangeableAccounts) -> ChangeableAccounts:
    if not values["iam_debug"]:
        return store
    from colonnade.iam import told

    told.log.setLevel(logging.DEBUG)
    return told.ToldAccounts(store)


def _directory(values: Mapping[str, Any], root: Account, mark: Mark) -> ChangeableAccounts:
    from colonnade.iam.internal import DirectoryAccounts, UnsafeAccountsError

    if not Path(values["iam_dir"]).is_dir():
        raise ConfigError(f"iam-dir: there is no directory {values['iam_dir']!r}")
    try:
        return DirectoryAccounts(values["iam_dir"], root, strict=values["iam_readable"] == "refuse", mark=mark)
    except (UnsafeAccountsError, OSError, ValueError) as error:
        raise ConfigError(f"iam-dir: {error}") from error


def _s3(values: Mapping[str, Any], root: Account) -> ChangeableAccounts:
    from colonnade.backends.s3 import from_options
    from colonnade.iam.s3 import S3Accounts

    missing = [name.replace("_", "-") for name in _S3 if not values[name]]
    if missing:
        raise ConfigError(f"s3-iam-endpoint needs {' and '.join(missing)} too")
    options = {name: values[f"s3_iam_{name}"] for name in ("access", "secret", "region", "endpoint")}
    # Who signs waits for it.
    seconds = {"connect_timeout": 2.0, "answer_timeout": 4.0, "stall_timeout": 4.0}
    try:
        service = from_options({**options, **seconds, "ssl_skip_verify": values["s3_iam_noverify"]})
    except ValueError as error:
        raise ConfigError(f"s3-iam: {error}") from error
    fresh = 0.0 if values["iam_cache_disable"] else 1.0
    return S3Accounts(service, values["s3_iam_bucket"], root, fresh=fresh)


def _cached(values: Mapping[str, Any], store: Accounts, mark: Mark) -> Accounts:
    if values["iam_cache_disable"]:
        return store
    from colonnade.iam.cache import CachedAccounts

    return CachedAccounts(store, ttl=values["iam_cache_ttl"], prune=values["iam_cache_prune"], mark=mark)
