"""How a bucket's configurations lie in its attributes: the names and encodings that the compatible gateway has.

What it doesn't keep lies in attributes of our own, as the JSON of boto3's dict.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from colonnade.backends.configxml import from_xml, to_xml
from colonnade.backends.posix import lockattributes, properties
from colonnade.rules import acl
from colonnade.rules.bucketconfig import BY_NAME, Kind


@dataclass(frozen=True, slots=True)
class Codec:
    """The attribute of a configuration, and the way into it and back."""

    attribute: str
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]


def codec(kind: Kind) -> Codec:
    """How a kind is kept."""
    return _CODECS.get(kind.name) or Codec(f"colonnade.{kind.name}", properties.to_json, json.loads)


def _tags(raw: bytes) -> Any:
    tags = properties.tags_from_json(raw)
    return {"TagSet": tags} if tags else None


_CODECS = {
    "acl": Codec("acl", acl.to_json, acl.from_json),
    "tagging": Codec(properties.TAGS, lambda value: properties.tags_to_json(value["TagSet"]), _tags),
    "policy": Codec("policy", str.encode, lambda raw: raw.decode(errors="replace")),
    "ownership": Codec(
        "ownership",
        lambda value: value["Rules"][0]["ObjectOwnership"].encode(),
        lambda raw: {"Rules": [{"ObjectOwnership": raw.decode()}]},
    ),
    "cors": Codec("cors", partial(to_xml, BY_NAME["cors"]), partial(from_xml, "cors")),
    "website": Codec(
        "website",
        lambda value: gzip.compress(to_xml(BY_NAME["website"], value), mtime=0),
        lambda raw: from_xml("website", gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw),
    ),
    "lock": Codec(lockattributes.BUCKET, lockattributes.of_configuration, lockattributes.configuration),
}
