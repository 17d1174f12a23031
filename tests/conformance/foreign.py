"""S3 servers that aren't ours, as what lies behind the s3 backend: how each is started, and what it can't.

And what our own directory can't once it is told to keep nothing beside bodies.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from colonnade.backends.s3 import S3Backend
from colonnade.backends.s3.settings import Settings

TOOLS = Path(__file__).parents[2] / ".tools"

#: Seconds a server has to start.
START = 60.0


@contextlib.contextmanager
def running(command: Sequence[str | Path], says: str, log: Path) -> Iterator[str]:
    """Run a server as long as the block; its address is what `says` finds in what it logs. Raises if it won't start."""
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            limit = time.monotonic() + START
            while not (found := re.search(says, log.read_text())):
                if process.poll() is not None or time.monotonic() > limit:
                    raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")
                time.sleep(0.02)
            yield found[1]
        finally:
            process.terminate()


class Moto(S3Backend):
    """The s3 backend in front of moto's server, which lives as long as it does."""

    def __init__(self, directory: Path) -> None:
        self._upstream = contextlib.ExitStack()
        command: list[str | Path] = [TOOLS / "moto/bin/moto_server", "-H", "127.0.0.1", "-p", "0"]
        url = self._upstream.enter_context(running(command, r"Running on (http://\S+)", directory / "log"))
        super().__init__(Settings(endpoint=url, access="access", secret="secret"))

    async def close(self) -> None:
        """Close the connections, then stop the server behind."""
        await super().close()
        await asyncio.to_thread(self._upstream.close)


@dataclass(frozen=True)
class Declared:
    """What of the suite a server can't pass, each with the reason.

    `left_out` are whole files; `lacks` are tests, or what their names with parameters begin with: shown as skips.
    """

    left_out: dict[str, str]
    lacks: dict[str, str]

    def reason(self, test: str) -> str | None:
        """Why a test is skipped, such as ``test_reading[head_object-conditions1-200]``; None if it runs."""
        for name, why in self.lacks.items():
            if test == name or test.startswith((f"{name}[", f"{name}-", f"{name}]")):
                return why
        return None


_ETAGS = "compares a condition with the ETag letter by letter: no list, no star, no W/, no missing quotes"
_BOTH = "judges If-Unmodified-Since although If-Match holds"

MOTO = Declared(
    left_out={
        "test_beside": "keeps what lies beside an object by rules of its own",
        "test_bucketconfig": "takes bucket configurations that S3 refuses, and gives others back changed",
        "test_checksums": "verifies no checksum, and tells few of those it was given",
        "test_objectacl": "names its one account differently in different answers, and checks no grant",
        "test_conditional_changes": "judges few conditions of writes and deletes",
        "test_multipart_pages": "lists uploads without markers, and lets parts come in no order",
        "test_parts": "tells no parts, and combines no checksums",
        "test_objectlock": "holds locks, but judges few of the requests that set them",
    },
    lacks={
        "test_a_delete_leaves_a_marker": "says nothing of the delete marker it makes",
        "test_a_key_that_never_was": "makes no delete marker for it",
        "test_a_version_of_a_key_above_others": "says no version of what isn't there",
        "test_a_made_up_token": "takes any continuation token",
        "test_a_token_that_was_changed": "takes any continuation token",
        "test_a_page_has_at_most_a_thousand": "pages are as large as they are asked to be",
        "test_a_marker_that_is_no_version": "takes any",
        "test_a_version_marker_needs_a_key_marker": "takes one without",
        "test_a_directory_bucket_is_not_made": "makes one of the usual kind",
        "test_all_of_a_plain_object": "tells no checksum type",
        "test_an_upload_that_is_not_there": "fails over an id it did not make",
        "test_bad_names_are_refused": "takes names that S3 refuses",
        "test_bad_ones[tags0": "takes a tag twice",
        "test_checksum": "verifies no checksum",
        "test_copying[conditions1": _ETAGS,
        "test_copying[conditions5": _ETAGS,
        "test_completing_again_after_another_write": "completes nothing twice",
        "test_tags_of_the_null_version": "gives the null version no id",
        "test_copying_a_part": "judges no condition of a part's source",
        "test_all_headers_go_along": "copies the redirect too",
        "test_to_itself_for_a_change[change1": "sees no change in another checksum",
        "test_of_what_came_in_parts": "keeps the composite checksum",
        "test_creating_twice_is_refused": "as S3 in us-east-1: the owner may make it again",
        "test_its_region": "tells of no bucket in ListBuckets",
        "test_keys_have_at_most_1024_bytes": "takes longer ones",
        "test_listing_by_pages": "doesn't list buckets by pages",
        "test_listing_shows_all_in_order": "has buckets whose names S3 refuses, in order of their making",
        "test_listing_uploads": "rolls up no uploads",
        "test_many_at_once": "says nothing of the delete markers it makes",
        "test_next_marker_only_with_a_delimiter": "gives it always",
        "test_no_keys_at_all[list_object_versions": "says there is more",
        "test_no_other_version_is_there": "calls an id that can't be one missing",
        "test_none": "takes an empty header",
        "test_null_versions": "gives the null version no id",
        "test_page_by_page[/": "common prefixes don't count towards a page",
        "test_part_and_range_together": "takes both",
        "test_part_copy_of_a_bad_range": "copies what there is",
        "test_part_numbers[0": "looks for the upload first",
        "test_part_two_of_a_plain_object": "calls it InvalidRange",
        "test_parts": "tells no parts",
        "test_parts_of_a_version": "says no version of a part's source",
        "test_parts_become_an_object": "tells no number of parts",
        "test_quietly": "isn't quiet",
        "test_reading[get_object-conditions12": _BOTH,
        "test_reading[get_object-conditions2": _ETAGS,
        "test_reading[get_object-conditions3": _ETAGS,
        "test_reading[get_object-conditions7": _ETAGS,
        "test_reading[get_object-conditions8": _ETAGS,
        "test_reading[head_object-conditions1": _ETAGS,
        "test_reading[head_object-conditions12": _BOTH,
        "test_reading[head_object-conditions2": _ETAGS,
        "test_reading[head_object-conditions3": _ETAGS,
        "test_reading[head_object-conditions7": _ETAGS,
        "test_reading[head_object-conditions8": _ETAGS,
        "test_304_has_the_etag_and_no_body": "leaves the date out",
        "test_304_says_what_caches_are_told": "leaves all of it out",
        "test_a_delete_marker_is_no_source": "calls a marker's id one that isn't there",
        "test_a_suspended_bucket_keeps_the_order": "forgets older versions when versioning is suspended",
        "test_suspended": "forgets older versions when versioning is suspended",
        "test_deleting_a_version": "deletes it",
        "test_the_document_has_one_order": "says nothing of the delete marker it makes",
        "test_the_whole_s_size": "doesn't compare it",
        "test_two_kibibytes_of_metadata": "takes more",
        "test_what_a_delete_marker_can_not": "says nothing of the delete marker it makes",
        "test_what_is_asked_of_a_deleted_key": "says nothing of the delete marker it makes",
        "test_what_is_no_number[-1": "fails over a number below nought",
        "test_what_is_no_range_is_ignored": "reads other units as bytes, and fails over no range",
        "test_what_would_be_forgotten_is_refused": "keeps what was to be encrypted or appended",
        "test_what_no_backend_has": "has every operation of the model, well or not",
        "test_wrong_order": "looks at the sizes first",
    },
)

_NOT_KEPT = "keeps nothing beside bodies"
_NO_DIRECTORIES = "a directory is no object without attributes"
_NO_MD5 = "an ETag is made of the file's identity, no MD5"

NOMETA = Declared(
    left_out={
        "test_attributes": _NOT_KEPT,
        "test_beside": _NOT_KEPT,
        "test_bucketconfig": _NOT_KEPT,
        "test_checksums": "verifies checksums, and doesn't keep them",
        "test_conditional_changes": _NO_MD5,
        "test_conditions": _NO_MD5,
        "test_copy": _NOT_KEPT,
        "test_cors": _NOT_KEPT,
        "test_metadata": _NOT_KEPT,
        "test_objectacl": _NOT_KEPT,
        "test_objectlock": _NOT_KEPT,
        "test_tagging": _NOT_KEPT,
    },
    lacks={
        "test_a_directory_object": _NO_DIRECTORIES,
        "test_completing_again": "nothing tells by which upload an object came",
        "test_headers": _NOT_KEPT,
        "test_page_by_page": _NO_DIRECTORIES,
        "test_parts_and_their_checksums": _NOT_KEPT,
        "test_parts_become_an_object": "keeps no sizes of parts",
        "test_parts_page_by_page": "keeps no sizes of parts",
        "test_parts_read_one_by_one": "keeps no sizes of parts",
        "test_parts_that_are_ranges": "keeps no sizes of parts",
        "test_prefix_and_delimiter": _NO_DIRECTORIES,
        "test_tagging": _NOT_KEPT,
        "test_tags_go_along": _NOT_KEPT,
        "test_the_etag_is_the_md5": _NO_MD5,
        "test_the_order_is_that_of_utf8": _NO_DIRECTORIES,
        "test_upload": _NO_MD5,
    },
)

#: By the name of the row in targets.py.
DECLARED = {"moto": MOTO, "nometa": NOMETA}


def left_out(target: str) -> dict[str, str]:
    """The files of the suite that aren't run over a target, and why."""
    return DECLARED[target].left_out if target in DECLARED else {}
