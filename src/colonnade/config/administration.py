"""The flags of ``colonnade admin`` and its commands, as tables."""

from __future__ import annotations

from colonnade.config.flags import BOOL, INTEGER, TEXT, Flag, choice

#: `admin` itself.
ADMIN: tuple[Flag, ...] = (
    Flag(
        "access",
        TEXT,
        None,
        ("a",),
        ("ADMIN_ACCESS_KEY_ID", "ADMIN_ACCESS_KEY"),
        "access key of an administrator; the global one (root's) if missing",
    ),
    Flag(
        "secret",
        TEXT,
        None,
        ("s",),
        ("ADMIN_SECRET_ACCESS_KEY", "ADMIN_SECRET_KEY"),
        "its secret key; the global one if missing",
        secret=True,
    ),
    Flag("region", TEXT, "us-east-1", ("r",), ("ADMIN_REGION",), "the gateway's region"),
    Flag(
        "endpoint-url",
        TEXT,
        None,
        ("er",),
        ("ADMIN_ENDPOINT_URL",),
        "where the administrator's API is: http://HOST:PORT, https://HOST:PORT or unix:/PATH",
        required=True,
    ),
    Flag("allow-insecure", BOOL, False, ("ai",), ("ADMIN_ALLOW_INSECURE",), "don't verify the gateway's certificate"),
    Flag("json", BOOL, False, (), (), "print the answer as JSON, a refusal too"),
)

_ACCESS = Flag("access", TEXT, None, ("a",), (), "access key of the account", required=True)
_ROLES = choice("admin", "user", "userplus")
_IDS = (
    Flag("user-id", INTEGER, None, ("ui",), (), "owner of its new files on the filesystem"),
    Flag("group-id", INTEGER, None, ("gi",), (), "group of its new files"),
    Flag("project-id", INTEGER, None, ("pi",), (), "project of its new files"),
)

CREATE_USER: tuple[Flag, ...] = (
    _ACCESS,
    Flag("secret", TEXT, None, ("s",), (), "its secret key; - reads it from stdin", secret=True, required=True),
    Flag("role", _ROLES, None, ("r",), (), "what it may do", required=True),
    *_IDS,
)

UPDATE_USER: tuple[Flag, ...] = (
    _ACCESS,
    Flag("secret", TEXT, None, ("s",), (), "its new secret key; - reads it from stdin", secret=True),
    Flag("role", _ROLES, None, ("r",), (), "its new role"),
    *_IDS,
)

DELETE_USER: tuple[Flag, ...] = (_ACCESS,)

CHANGE_BUCKET_OWNER: tuple[Flag, ...] = (
    Flag("bucket", TEXT, None, ("b",), (), "the bucket", required=True),
    Flag("owner", TEXT, None, ("o",), (), "access key of its new owner", required=True),
)

CREATE_BUCKET: tuple[Flag, ...] = (
    Flag("owner", TEXT, None, ("o",), (), "access key of its owner", required=True),
    Flag("bucket", TEXT, None, (), (), "the new bucket", required=True),
    Flag("acl", TEXT, None, (), (), "its canned ACL, such as private"),
    Flag("grant-full-control", TEXT, None, (), (), 'who may do all to it: id="KEY", uri="GROUP", ...'),
    Flag("grant-read", TEXT, None, (), (), "who may list it"),
    Flag("grant-read-acp", TEXT, None, (), (), "who may read its ACL"),
    Flag("grant-write", TEXT, None, (), (), "who may write to it"),
    Flag("grant-write-acp", TEXT, None, (), (), "who may change its ACL"),
    Flag(
        "create-bucket-configuration",
        TEXT,
        None,
        (),
        (),
        "LocationConstraint=REGION,Tags=[{Key=K,Value=V},...], or the same as JSON",
    ),
    Flag("object-lock-enabled-for-bucket", BOOL, False, (), (), "objects in it can be locked"),
    Flag("object-ownership", TEXT, None, (), (), "BucketOwnerEnforced, BucketOwnerPreferred or ObjectWriter"),
)
