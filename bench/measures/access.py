"""What it costs to know an account and to decide what it may: a GET of root's asks for neither."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bench import requests, servers
from bench.figure import Figure
from bench.setting import BUCKET, KEYS, Setting, client, fill

READER = ("reader", "secret-of-the-reader")


def access(setting: Setting) -> Iterator[Figure]:
    """An account's GETs, which no statement of the policy decides, so that the ACL is asked too, beside root's."""
    accounts = setting.fresh()
    accounts.mkdir()
    user = {"access": READER[0], "secret": READER[1], "role": "user", "userID": 0, "groupID": 0, "projectID": 0}
    (accounts / "users.json").write_text(json.dumps({"accessAccounts": {READER[0]: user}}))
    (accounts / "users.json").chmod(0o600)
    options = ["--iam-dir", str(accounts)]
    server = setting.start(servers.directory(setting.fresh(), setting.workers, "--no-fsync", options=options))
    fill(server)
    restrict(client(server))
    paths = [f"/{BUCKET}/{key}" for key in KEYS]
    of_root, of_reader = (
        [requests.plain(server, requests.presigned_target(server, path, keys=keys)) for path in paths]
        for keys in (None, READER)
    )
    yield setting.beside("GET 4 KiB, account, policy and ACL", (server, of_root), (server, of_reader))


def restrict(s3: Any) -> None:
    """A policy of twenty statements about others, and ACLs that let the reader read."""
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": [READER[0]]},
            "Action": ["s3:GetObject", "s3:PutObject"],
            "Resource": f"arn:aws:s3:::{BUCKET}/department-{number}/*",
        }
        for number in range(20)
    ]
    s3.put_bucket_policy(Bucket=BUCKET, Policy=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    rules = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    s3.put_bucket_ownership_controls(Bucket=BUCKET, OwnershipControls=rules)
    grant = {"GrantFullControl": f"id={servers.ACCESS}", "GrantRead": f"id={READER[0]}"}
    s3.put_bucket_acl(Bucket=BUCKET, **grant)
    for key in KEYS:
        s3.put_object_acl(Bucket=BUCKET, Key=key, **grant)
