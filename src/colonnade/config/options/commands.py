"""The settings of the commands that work on a configuration, or on another endpoint."""

from __future__ import annotations

from colonnade.config.flags import BOOL, COUNT, LIST, RATE, TEXT, Flag

#: `serve` and `check`.
CONFIG: tuple[Flag, ...] = (
    Flag("config", TEXT, None, ("c",), ("COLONNADE_CONFIG",), "configuration file, TOML or JSON (by its suffix)"),
)

#: `status`.
STATUS: tuple[Flag, ...] = (*CONFIG, Flag("json", BOOL, False, (), (), "print it as JSON"))

#: `diff`, `verify` and `sync`.
PLACES: tuple[Flag, ...] = (
    *CONFIG,
    Flag("include", LIST, (), (), (), "only keys that match one of these shell patterns"),
    Flag("exclude", LIST, (), (), (), "no keys that match one of these shell patterns"),
    Flag("parallel", COUNT, 8, (), (), "keys worked on at a time"),
    Flag("bwlimit", RATE, None, (), (), "most bytes a second, such as 500K, 20M or 1G"),
    Flag("json", BOOL, False, (), (), "print the report as JSON"),
)

#: `diff` and `verify`.
COMPARE: tuple[Flag, ...] = (
    *PLACES,
    Flag("one-way", BOOL, False, (), (), "what only the target has, or has newer, is no difference"),
)

#: `sync`.
SYNC: tuple[Flag, ...] = (
    *PLACES,
    Flag("dry-run", BOOL, False, ("n",), (), "say what would be done, do nothing"),
    Flag("delete", BOOL, False, (), (), "remove what only the target has"),
    Flag("force", BOOL, False, ("f",), (), "overwrite what is newer in the target"),
    Flag("journal", TEXT, None, (), (), "where to remember how far a run got; the user's state directory if missing"),
)

#: `test`.
TEST: tuple[Flag, ...] = (
    Flag("endpoint-url", TEXT, None, ("endpoint", "e"), ("AWS_ENDPOINT_URL",), "the endpoint to test"),
    Flag("access", TEXT, None, ("a",), ("AWS_ACCESS_KEY_ID",), "access key of an account that may make buckets"),
    Flag("secret", TEXT, None, ("s",), ("AWS_SECRET_ACCESS_KEY",), "its secret key", secret=True),
    Flag("region", TEXT, "us-east-1", ("r",), ("AWS_REGION",), "the endpoint's region"),
    Flag("object-lock", BOOL, False, (), (), "test Object Lock too: some buckets can't be removed for days after"),
)
