"""The settings of an S3 service as a backend."""

from __future__ import annotations

from colonnade.config.flags import BOOL, SECONDS, TEXT, Flag

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
