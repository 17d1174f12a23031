"""Lines of a whole page of files at once, column by column, where they are all of the usual kind: most pages are such.

`listed` says the same of any file, one by one, in three times the time.
"""

from __future__ import annotations

import stat
from collections.abc import Sequence
from datetime import datetime
from itertools import repeat

from colonnade.backends.posix.glance import ABSENT, CUT, Glimpse
from colonnade.backends.posix.status import moment
from colonnade.rules.pages import Entry

#: Last-Modified, ETag, size, storage class (None where nobody looked for it), and what is said of a checksum.
Line = tuple[datetime, str, int, str | None, Entry]

_SECOND = 1_000_000_000


def lines(rows: Sequence[Glimpse], head: bytes, said: Entry) -> list[Line] | None:
    """The lines of regular files, by what was seen of them: status, ETag and the beginning of a checksum.

    None unless all have an ETag of one length and a checksum that begins with `head`, of which `said` is said.
    """
    _, _, _, modified, sizes, modes, of_etags, etags, of_sums, sums = zip(*rows, strict=True)
    length = of_etags[0]
    if not 0 < length < CUT or of_etags.count(length) != len(rows) or ABSENT in of_sums:
        return None
    if not all(stat.S_ISREG(mode) for mode in set(modes)) or not all(text.startswith(head) for text in sums):
        return None
    moments = [moment(time // _SECOND) for time in modified]
    tags = [text[:length].decode() for text in etags]
    return list(zip(moments, tags, sizes, repeat(None), repeat(said), strict=False))


def newest(rows: Sequence[Glimpse]) -> tuple[int, int] | None:
    """The device that all files are on, and when the last of them was changed; None where there are several."""
    devices = {row[0] for row in rows}
    return (devices.pop(), max(row[2] for row in rows)) if len(devices) == 1 else None
