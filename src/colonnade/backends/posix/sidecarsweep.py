"""What dead writers left in a sidecar: put in its place, or cleared."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable
from contextlib import suppress

from colonnade.backends.posix import underway
from colonnade.backends.posix.locks import Locks
from colonnade.backends.posix.names import TMP
from colonnade.backends.posix.sidecarplaces import SidecarPlaces
from colonnade.backends.posix.underway import META

_UPLOAD = re.compile(rf"/{re.escape(TMP)}/multipart/[^/]+/[^/.]+$")


class Sweep:
    """Goes through one sidecar. `flush` flushes and closes descriptors."""

    def __init__(self, places: SidecarPlaces, flush: Callable[..., None]) -> None:
        self._places = places
        self._flush = flush

    def bucket(self, bucket: str, locks: Locks) -> None:
        """What was on its way in a bucket, and what is left of uploads that aren't there. Raises OSError."""

        def settle(path: str, coming: str) -> None:
            changed: list[int] = []
            with locks.all(bucket):
                try:
                    if underway.is_of(coming, self._places.at(path)):
                        self._places.under_way.settle(coming, self._places.home(path), changed)
                finally:
                    self._flush(*changed)

        self._places.under_way.sweep(
            lambda path: self._places.bucket_of(path) == bucket and not self._being_completed(path), settle
        )
        uploads = f"{bucket}/{TMP}/multipart"
        with suppress(FileNotFoundError):
            for name in os.listdir(self._places.home(uploads)):
                with locks.waited(bucket, f"{uploads}/{name}"):  # nobody begins one of the key meanwhile
                    self._clear_uploads(f"{uploads}/{name}")

    def _being_completed(self, path: str) -> bool:
        """Whether something is in an upload that has its claim's name just now."""
        upload = os.path.dirname(path)
        return (
            bool(_UPLOAD.search(upload)) and not os.path.isdir(self._places.at(upload)) and bool(self._claims(upload))
        )

    def _claims(self, upload: str) -> list[str]:
        directory, _, name = upload.rpartition("/")
        try:
            return [found for found in os.listdir(self._places.at(directory)) if found.startswith(f"{name}.")]
        except FileNotFoundError:
            return []

    def _clear_uploads(self, directory: str) -> None:
        """Remove the attributes of a key's uploads that aren't there, neither by their name nor by a claim's."""
        kept = os.listdir(self._places.home(directory))
        for name in kept:
            path = f"{directory}/{name}"
            # Looked at twice, for a name may change while a directory is read.
            if name != META and not any(os.path.isdir(self._places.at(path)) or self._claims(path) for _ in range(2)):
                shutil.rmtree(self._places.home(path), ignore_errors=True)
        if not os.path.isdir(self._places.at(directory)):
            shutil.rmtree(self._places.home(directory), ignore_errors=True)
