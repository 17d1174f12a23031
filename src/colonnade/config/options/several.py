"""The settings of several backends as one, in a file."""

from __future__ import annotations

from colonnade.config.flags import BOOL, LIST, SECONDS, TEXT, Flag, choice
from colonnade.config.options.s3 import TIMEOUTS

#: What a file's [overlay] says when it has several backends.
OVERLAY: tuple[Flag, ...] = (
    Flag(
        "stale",
        choice("serve", "refuse"),
        "serve",
        (),
        (),
        "with an upper backend down, serve what lies below though it may be outdated, or refuse",
    ),
    Flag(
        "system-bucket",
        TEXT,
        "colonnade-system",
        (),
        (),
        "hidden bucket of the primary that remembers which buckets below are deleted",
    ),
    Flag(
        "write",
        choice("primary", "all", "async"),
        "primary",
        (),
        (),
        "a write is done when the primary has it; when all replicas have it too; or async: they get it from the queue",
    ),
    Flag(
        "delete",
        choice("marker", "all", "primary"),
        "marker",
        (),
        (),
        "a delete hides what lies below, reaches all backends, or only the primary, and what is below shows again",
    ),
    Flag(
        "tidy",
        SECONDS,
        3600.0,
        (),
        (),
        "how often delete markers that hide nothing any more are looked for and taken away",
    ),
    Flag(
        "queue",
        TEXT,
        None,
        (),
        (),
        "file on a local disk that remembers what replicas lack; write all and async and delete all need it",
    ),
)

#: What every entry of a file's [[backends]] may say, beside the options of its type.
MEMBER: tuple[Flag, ...] = (
    Flag("name", TEXT, None, (), (), "what logs and answers call it; its type and place if missing"),
    Flag("type", TEXT, None, (), (), "what kind of backend it is, such as posix"),
    Flag(
        "role",
        choice("primary", "replica", "fallback"),
        None,
        (),
        (),
        "the first backend is the primary; others are fallbacks, only read, unless they are replicas, written too",
    ),
    Flag(
        "may-be-missed",
        BOOL,
        False,
        (),
        (),
        "answers without it are complete enough when it can't be asked",
    ),
    *TIMEOUTS,
    Flag("read-only", BOOL, False, (), (), "refuse to write to it, whatever its role"),
    Flag("bucket-prefix", TEXT, None, (), (), "what its names of buckets begin with, and clients' names don't"),
    Flag("into-bucket", TEXT, None, (), (), "the one bucket of it whose first-level folders are the clients' buckets"),
    Flag(
        "buckets",
        LIST,
        (),
        (),
        (),
        "single buckets by other names: photos=acme-photos, or photos=attic/photos for a folder of another",
    ),
)
