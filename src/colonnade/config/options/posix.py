"""The settings of a served directory."""

from __future__ import annotations

from colonnade.config.flags import BOOL, COUNT, INTEGER, OCTAL, SECONDS, TEXT, Flag, choice

POSIX: tuple[Flag, ...] = (
    Flag("fsync", BOOL, True, (), (), "answer a write only once it is on disk (--no-fsync turns it off)"),
    Flag("disableotmp", BOOL, False, (), ("VGW_DISABLE_OTMP",), "give files being written a name: no O_TMPFILE"),
    Flag(
        "disable-copy-file-range",
        BOOL,
        False,
        (),
        ("VGW_DISABLE_COPY_FILE_RANGE",),
        "copy through memory, neither in the kernel nor by reflink",
    ),
    Flag(
        "versioning-dir",
        TEXT,
        None,
        (),
        ("VGW_VERSIONING_DIR",),
        "directory for older versions of objects, beside the served one on the same filesystem; lets buckets have them",
    ),
    Flag(
        "sidecar",
        TEXT,
        None,
        (),
        ("VGW_META_SIDECAR",),
        "directory outside of the served one that keeps metadata as files, for filesystems without extended attributes",
    ),
    Flag("nometa", BOOL, False, (), ("VGW_META_NONE",), "keep no metadata: bodies only"),
    Flag("default-etag", TEXT, None, (), ("VGW_DEFAULT_ETAG",), "ETag of files that carry none, as it is given"),
    Flag(
        "data-integrity-etag",
        BOOL,
        False,
        (),
        ("VGW_DATA_INTEGRITY_ETAG",),
        "make ETags of checksums, such as CRC64NVME-..., and compute no MD5",
    ),
    Flag("chuid", BOOL, False, (), ("VGW_CHOWN_UID",), "give new files and directories to the account's user id"),
    Flag("chgid", BOOL, False, (), ("VGW_CHOWN_GID",), "give new files and directories to the account's group id"),
    Flag("bucketlinks", BOOL, False, (), ("VGW_BUCKET_LINKS",), "links to directories, in the served one, are buckets"),
    Flag(
        "io-buffer-size",
        INTEGER,
        None,
        (),
        ("VGW_POSIX_IO_BUFFER_SIZE",),
        "bytes of large bodies read or written at a time; what was measured best if missing or not above 0",
    ),
    Flag(
        "enable-odirect",
        BOOL,
        False,
        (),
        ("VGW_ENABLE_O_DIRECT",),
        "read and write large bodies past the page cache (O_DIRECT), where the filesystem can",
    ),
    Flag(
        "threads",
        choice("auto", "always", "never"),
        "auto",
        (),
        ("COLONNADE_POSIX_THREADS",),
        "serve in threads of their own, so that a stalled filesystem holds up nobody else; auto: all but local ones",
    ),
    Flag(
        "concurrency",
        COUNT,
        256,
        (),
        ("VGW_POSIX_CONCURRENCY",),
        "operations that a worker carries out at once in threads of their own",
    ),
    Flag(
        "stall-timeout",
        SECONDS,
        30.0,
        (),
        (),
        "seconds without any progress after which an operation in such a thread is answered with 503",
    ),
    Flag("dir-perms", OCTAL, 0o755, (), ("VGW_DIR_PERMS",), "mode of new buckets and directories, less the umask"),
)
