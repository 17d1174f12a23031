"""Random sequences of operations, with what only a running store knows (ids, ETags) left open."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

#: None begins the name of another up to a slash: a directory holds them all.
KEYS = ("a", "b/1", "b/c/ü")

#: What directory objects and what lies in them add; where versions are kept there are none.
DIRECTORIES = ("d/", "d/e/", "d/e/x")

BODIES = st.sampled_from([b"", b"x", b"ab", b"the same", bytes(5000)])
METADATA = st.sampled_from([{}, {"a": "1"}, {"a": "2", "ü": "ö"}, {"much": "m" * 1500}])
TAGS = st.sampled_from(["", "a=1", "b=2&a=1", "&".join(f"key{n}={'v' * 200}" for n in range(10))])
TAG_SETS = st.sampled_from([[], [{"Key": "t", "Value": "1"}], [{"Key": "z", "Value": ""}, {"Key": "a", "Value": "b"}]])
BESIDE = {"Metadata": METADATA, "Tagging": TAGS}

#: Which key, version or upload is meant of those that are there, over and over; NONE is one that isn't there.
NONE = -1
WHICH = st.sampled_from([0, 0, 0, 0, 1, 1, 1, 2, 2, 3, 3, NONE])

#: ETags to be looked up: that of what a key holds, and no object's.
CURRENT, OTHER = "current", '"00000000000000000000000000000000"'

_UNLESS: list[dict[str, Any]] = [{}] * 6
_UNLESS += [{"IfNoneMatch": "*"}, {"IfMatch": CURRENT}, {"IfMatch": "*"}, {"IfMatch": OTHER}]

#: Which of an upload's parts are joined; only some of these are allowed.
PARTS = ("all", "all", "all", "first", "last", "reversed", "twice", "missing", "outdated")

Operation = tuple[str, dict[str, Any]]


def _one(operation: str, *merged: st.SearchStrategy[dict[str, Any]], **members: Any) -> st.SearchStrategy[Operation]:
    """An operation with some arguments, and with what else is drawn."""
    drawn = st.tuples(st.fixed_dictionaries(members), *merged)
    return drawn.map(lambda some: (operation, {name: value for one in some for name, value in one.items()}))


def operations(*, versions: bool) -> st.SearchStrategy[list[Operation]]:
    """Sequences of operations on one bucket, which keeps versions now and then if it can."""
    files = st.sampled_from(KEYS)
    keys = files if versions else st.sampled_from(KEYS + DIRECTORIES)
    version = st.fixed_dictionaries({}, optional={"VersionId": WHICH} if versions else {})
    source = st.fixed_dictionaries({}, optional={"SourceVersionId": WHICH} if versions else {})
    unless = st.sampled_from(_UNLESS)
    replacing = st.fixed_dictionaries(
        {}, optional={"MetadataDirective": st.just("REPLACE"), "TaggingDirective": st.just("REPLACE")}
    )
    source_unless = st.sampled_from([{}] * 4 + [{"CopySourceIfMatch": CURRENT}, {"CopySourceIfMatch": OTHER}])
    put = _one("PutObject", unless, Key=keys, Body=BODIES, **BESIDE)
    part = _one("UploadPart", UploadId=WHICH, PartNumber=st.integers(1, 3), Body=BODIES)
    complete = _one("CompleteMultipartUpload", unless, UploadId=WHICH, Parts=st.sampled_from(PARTS))
    chosen = [
        *[put] * 8,
        *[_one("GetObject", version, There=WHICH)] * 2,
        _one("GetObject", version, There=WHICH, Range=st.sampled_from(["bytes=0-0", "bytes=1-3", "bytes=100-200"])),
        _one("GetObject", version, There=WHICH, PartNumber=st.integers(1, 3)),
        _one("HeadObject", version, There=WHICH),
        _one("DeleteObject", st.sampled_from([{}, {"IfMatch": CURRENT}, {"IfMatch": OTHER}]), There=WHICH),
        _one("DeleteObject", version, There=WHICH),
        _one("CopyObject", unless, replacing, source, source_unless, Key=files, CopySource=WHICH, **BESIDE),
        _one("CopyObject", replacing, source, Key=files, CopySource=WHICH, **BESIDE),
        _one("GetObjectTagging", version, There=WHICH),
        _one("PutObjectTagging", version, There=WHICH, Tagging=TAG_SETS.map(lambda tags: {"TagSet": tags})),
        _one("DeleteObjectTagging", version, There=WHICH),
        *[_one("CreateMultipartUpload", Key=files, **BESIDE)] * 2,
        *[part] * 5,
        _one("ListParts", UploadId=WHICH),
        _one("AbortMultipartUpload", UploadId=WHICH),
        _one("UploadPartCopy", source, source_unless, UploadId=WHICH, PartNumber=st.integers(1, 3), CopySource=WHICH),
        *[complete] * 3,
        _one("DeleteBucket", Empty=st.booleans()),
        st.just(("restart", {})),
    ]
    if versions:
        states = st.sampled_from([{"Status": "Enabled"}, {"Status": "Suspended"}])
        chosen += [_one("PutBucketVersioning", VersioningConfiguration=states)] * 2
    else:
        entries = st.lists(keys, min_size=1, max_size=3, unique=True)
        chosen.append(_one("DeleteObjects", Delete=entries.map(lambda some: {"Objects": [{"Key": k} for k in some]})))
    begin: st.SearchStrategy[Operation] = put
    if versions:
        begin = st.just(("PutBucketVersioning", {"VersioningConfiguration": {"Status": "Enabled"}}))
    return st.tuples(begin, st.lists(st.one_of(chosen), min_size=25, max_size=70)).map(lambda both: [both[0], *both[1]])
