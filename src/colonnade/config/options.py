"""The settings that work, as a table."""

from __future__ import annotations

from colonnade.config.flags import AGE, BOOL, COUNT, INTEGER, LIST, OCTAL, RATE, SECONDS, TEXT, URL_PATH, Flag, choice

GLOBAL: tuple[Flag, ...] = (
    Flag(
        "port",
        LIST,
        (":7070",),
        ("p",),
        ("VGW_PORT",),
        "where to listen: :7070, host:7070, 127.0.0.1:7070, [::1]:7070, /run/x.sock, ./x.sock or @name",
    ),
    Flag(
        "access",
        TEXT,
        None,
        ("a",),
        ("ROOT_ACCESS_KEY_ID", "ROOT_ACCESS_KEY"),
        "access key of the root account; made at random and printed if missing",
    ),
    Flag(
        "secret",
        TEXT,
        None,
        ("s",),
        ("ROOT_SECRET_ACCESS_KEY", "ROOT_SECRET_KEY"),
        "secret key of the root account; made at random and printed if missing",
        secret=True,
    ),
    Flag(
        "iam-dir",
        TEXT,
        None,
        (),
        ("VGW_IAM_DIR",),
        "directory of the accounts beside root (users.json); root is alone if missing",
    ),
    Flag(
        "iam-readable",
        choice("refuse", "warn"),
        "refuse",
        (),
        ("COLONNADE_IAM_READABLE",),
        "what to do about a users.json that others than its owner can read",
    ),
    Flag(
        "s3-iam-endpoint",
        TEXT,
        None,
        (),
        ("VGW_S3_IAM_ENDPOINT",),
        "S3 service that keeps the accounts beside root, in the object users.json of a bucket",
    ),
    Flag("s3-iam-access", TEXT, None, (), ("VGW_S3_IAM_ACCESS_KEY",), "access key there"),
    Flag("s3-iam-secret", TEXT, None, (), ("VGW_S3_IAM_SECRET_KEY",), "secret key there", secret=True),
    Flag("s3-iam-region", TEXT, "us-east-1", (), ("VGW_S3_IAM_REGION",), "region of that service"),
    Flag("s3-iam-bucket", TEXT, None, (), ("VGW_S3_IAM_BUCKET",), "bucket there"),
    Flag("s3-iam-noverify", BOOL, False, (), ("VGW_S3_IAM_NO_VERIFY",), "don't verify that service's certificate"),
    Flag("iam-cache-disable", BOOL, False, (), ("VGW_IAM_CACHE_DISABLE",), "ask the account store for every request"),
    Flag(
        "iam-cache-ttl",
        SECONDS,
        120.0,
        (),
        ("VGW_IAM_CACHE_TTL",),
        "how long an account of another service is believed; a directory's are looked at for every request",
    ),
    Flag(
        "iam-cache-prune",
        SECONDS,
        3600.0,
        (),
        ("VGW_IAM_CACHE_PRUNE",),
        "how long an account that nobody uses is remembered",
    ),
    Flag(
        "disable-acl",
        BOOL,
        False,
        ("noacl",),
        ("VGW_DISABLE_ACL",),
        "grants of ACLs don't count and can't be set: only owners and policies say who may use a bucket",
    ),
    Flag("readonly", BOOL, False, (), ("VGW_READ_ONLY",), "refuse every change, root's too"),
    Flag("region", TEXT, "us-east-1", ("r",), ("VGW_REGION",), "region that signatures must name"),
    Flag("cert", TEXT, None, (), ("VGW_CERT",), "TLS certificate file (PEM)"),
    Flag("key", TEXT, None, (), ("VGW_KEY",), "TLS private key file (PEM)"),
    Flag(
        "admin-port",
        LIST,
        (),
        ("ap",),
        ("VGW_ADMIN_PORT",),
        "where to listen for the administrator's API, in the forms of port; it is not on the S3 port then",
    ),
    Flag("admin-cert", TEXT, None, (), ("VGW_ADMIN_CERT",), "TLS certificate file of admin-port; no TLS if missing"),
    Flag("admin-cert-key", TEXT, None, (), ("VGW_ADMIN_CERT_KEY",), "TLS private key file of admin-port"),
    Flag(
        "admin-max-connections",
        COUNT,
        250_000,
        ("amc",),
        ("VGW_ADMIN_MAX_CONNECTIONS",),
        "connections to each listener of admin-port at once, over all workers; further ones wait",
    ),
    Flag(
        "admin-max-requests",
        COUNT,
        100_000,
        ("amr",),
        ("VGW_ADMIN_MAX_REQUESTS",),
        "requests carried out at once on admin-port, over all workers; the rest are told SlowDown",
    ),
    Flag("workers", COUNT, None, (), ("COLONNADE_WORKERS",), "worker processes; one per CPU if missing"),
    Flag(
        "max-connections",
        COUNT,
        250_000,
        ("mc",),
        ("VGW_MAX_CONNECTIONS",),
        "connections to each listener at once, over all workers; further ones wait",
    ),
    Flag(
        "max-requests",
        COUNT,
        100_000,
        ("mr",),
        ("VGW_MAX_REQUESTS",),
        "requests carried out at once, over all workers; the rest are told SlowDown",
    ),
    Flag(
        "keep-alive",
        BOOL,
        True,
        (),
        ("VGW_KEEP_ALIVE",),
        "serve several requests over one connection (--keep-alive=false turns it off)",
    ),
    Flag(
        "stop-timeout",
        SECONDS,
        10.0,
        (),
        ("COLONNADE_STOP_TIMEOUT",),
        "how long a stopping server waits for the requests it is carrying out",
    ),
    Flag(
        "virtual-domain",
        LIST,
        (),
        ("vd",),
        ("VGW_VIRTUAL_DOMAIN",),
        "domain whose sub-domains are buckets (bucket.DOMAIN)",
    ),
    Flag("health", URL_PATH, None, (), ("VGW_HEALTH",), "path answered with 200 to anybody, such as /health"),
    Flag(
        "disable-strict-bucket-names",
        BOOL,
        False,
        (),
        ("VGW_DISABLE_STRICT_BUCKET_NAMES",),
        "let new buckets have names that S3 would refuse",
    ),
    Flag(
        "cors-allow-origin",
        TEXT,
        None,
        (),
        ("VGW_CORS_ALLOW_ORIGIN",),
        "origin whose pages may use buckets that have no CORS configuration; * is any",
    ),
    Flag(
        "block-public-access",
        BOOL,
        False,
        (),
        ("COLONNADE_BLOCK_PUBLIC_ACCESS",),
        "give new buckets a public access block, as Amazon does",
    ),
    Flag(
        "default-object-ownership",
        choice("BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"),
        "BucketOwnerEnforced",
        (),
        ("COLONNADE_DEFAULT_OBJECT_OWNERSHIP",),
        "who owns objects in new buckets that don't say; with the first, as on S3, ACLs have no effect",
    ),
    Flag("socket-perm", OCTAL, None, (), ("VGW_SOCKET_PERM",), "mode of unix sockets, octal such as 0660"),
    Flag(
        "backend-header",
        BOOL,
        True,
        (),
        ("COLONNADE_BACKEND_HEADER",),
        "say in x-colonnade-backend which of several backends answered",
    ),
    Flag("mp-max-parts", COUNT, 10_000, (), ("VGW_MP_MAX_PARTS",), "highest part number of an upload to a directory"),
    Flag(
        "copy-object-threshold",
        COUNT,
        5 * 1024**3,
        (),
        ("VGW_COPY_OBJECT_THRESHOLD",),
        "largest source, in bytes, that is copied within a directory by one request",
    ),
    Flag(
        "expire-uploads",
        AGE,
        None,
        (),
        ("COLONNADE_EXPIRE_UPLOADS",),
        "clear away multipart uploads that got no part for so long, such as 7d; they stay for ever if missing",
    ),
    Flag(
        "access-log",
        TEXT,
        None,
        (),
        ("LOGFILE", "VGW_ACCESS_LOG"),
        "file that gets a line for every request of S3's; it may be renamed at any time",
    ),
    Flag(
        "admin-access-log",
        TEXT,
        None,
        (),
        ("LOGFILE", "VGW_ADMIN_ACCESS_LOG"),
        "file that gets a line for every request of an administrator's; if missing, changes are told on stderr",
    ),
    Flag("debug", BOOL, False, (), ("VGW_DEBUG",), "log what happens, with one line for each request"),
    Flag("quiet", BOOL, False, ("q",), ("VGW_QUIET",), "log warnings and errors only, and no banner"),
    Flag(
        "print-env",
        BOOL,
        False,
        (),
        ("COLONNADE_PRINT_ENV",),
        "print the export lines a client needs on stdout once the server listens, secret key included",
    ),
)

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
    Flag("dir-perms", OCTAL, 0o755, (), ("VGW_DIR_PERMS",), "mode of new buckets and directories, less the umask"),
)

#: How long a backend is waited for, for each kind of wait.
TIMEOUTS: tuple[Flag, ...] = (
    Flag("connect-timeout", SECONDS, 5.0, (), (), "how long a connection with it may take to be made"),
    Flag("answer-timeout", SECONDS, 30.0, (), (), "how long it has to answer, with the first bytes of an object too"),
    Flag("stall-timeout", SECONDS, 30.0, (), (), "how long it has for each further piece of a body, up or down"),
    Flag("patience", SECONDS, 900.0, (), (), "how long it has to copy or assemble a whole object"),
)

#: An S3 service as a backend: `s3`, and every entry of `s3-multi` and of a file with ``type = "s3"``.
S3: tuple[Flag, ...] = (
    Flag("access", TEXT, None, ("a",), ("VGW_S3_ACCESS_KEY",), "access key there; AWS' usual places if missing"),
    Flag("secret", TEXT, None, ("s",), ("VGW_S3_SECRET_KEY",), "secret key there", secret=True),
    Flag("endpoint", TEXT, None, (), ("VGW_S3_ENDPOINT",), "address of the service; AWS if missing"),
    Flag("region", TEXT, "us-east-1", (), ("VGW_S3_REGION",), "region of the service"),
    Flag(
        "meta-bucket",
        TEXT,
        None,
        (),
        ("VGW_S3_META_BUCKET",),
        "bucket there that keeps ACLs, policies, CORS and websites, so that they are the gateway's; it must exist",
    ),
    Flag("anonymous-credentials", BOOL, False, (), ("VGW_S3_ANONYMOUS_CREDENTIALS",), "sign nothing"),
    Flag("disable-checksum", BOOL, False, (), ("VGW_S3_DISABLE_CHECKSUM",), "sign no payload (UNSIGNED-PAYLOAD)"),
    Flag(
        "disable-data-integrity-check",
        BOOL,
        False,
        (),
        ("VGW_S3_DISABLE_DATA_INTEGRITY_CHECK",),
        "compute no checksums of bodies; those that clients give go along",
    ),
    Flag("ssl-skip-verify", BOOL, False, (), ("VGW_S3_SSL_SKIP_VERIFY",), "don't verify the service's certificate"),
    Flag("ca-file", TEXT, None, (), ("COLONNADE_S3_CA_FILE",), "certificates (PEM) to verify the service's by"),
    Flag("use-path-style", BOOL, False, (), ("VGW_S3_USE_PATH_STYLE",), "name buckets in the path, not in the host"),
    Flag("debug", BOOL, False, (), ("VGW_S3_DEBUG",), "log every request to the service"),
    Flag(
        "gcs-compatibility",
        BOOL,
        False,
        (),
        ("VGW_S3_GCS_COMPATIBILITY",),
        "accepted for Google's service: what it asks for is always so",
    ),
    *TIMEOUTS,
)

#: `s3-multi`.
S3_MULTI: tuple[Flag, ...] = (
    Flag("config", TEXT, None, ("c",), ("VGW_S3_MULTI_CONFIG",), "JSON file that names the services in order"),
    Flag("debug", BOOL, False, (), ("VGW_S3_MULTI_DEBUG",), "list the services, and log every request to them"),
)

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

#: `serve` and `check`.
CONFIG: tuple[Flag, ...] = (
    Flag("config", TEXT, None, ("c",), ("COLONNADE_CONFIG",), "configuration file, TOML or JSON (by its suffix)"),
)

#: `status`.
STATUS: tuple[Flag, ...] = (*CONFIG, Flag("json", BOOL, False, (), (), "print it as JSON"))

#: `diff` and `verify`.
COMPARE: tuple[Flag, ...] = (
    *CONFIG,
    Flag("include", LIST, (), (), (), "only keys that match one of these shell patterns"),
    Flag("exclude", LIST, (), (), (), "no keys that match one of these shell patterns"),
    Flag("parallel", COUNT, 8, (), (), "keys worked on at a time"),
    Flag("bwlimit", RATE, None, (), (), "most bytes a second, such as 500K, 20M or 1G"),
    Flag("json", BOOL, False, (), (), "print the report as JSON"),
)

#: `sync`.
SYNC: tuple[Flag, ...] = (
    *COMPARE,
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
