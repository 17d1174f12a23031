"""What the figures should reach, and in what unit each is told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """The bound that a figure should keep, `wanted` None where it is told only; `unit` says of what it is a share."""

    wanted: float | None
    unit: str
    at_most: bool = False

    def met(self, value: float) -> bool:
        """Whether a figure keeps it."""
        return self.wanted is None or (value <= self.wanted if self.at_most else value >= self.wanted)

    @property
    def comparable(self) -> bool:
        """Whether figures of two machines can be compared: shares can, seconds and bytes can't."""
        return self.unit.startswith("of ")


HELLO = "of hello"

TARGETS: dict[str, Target] = {
    "GET 4 KiB": Target(0.50, HELLO),
    "GET 4 KiB, signed headers": Target(0.40, HELLO),
    "HEAD": Target(0.50, HELLO),
    "PUT 4 KiB": Target(0.09, HELLO),
    "PUT 4 KiB over another": Target(None, HELLO),
    "PUT 4 KiB with fsync": Target(0.7, "of a raw loop"),
    "DELETE 4 KiB": Target(0.12, HELLO),
    "LIST 100": Target(0.05, HELLO),
    "LIST 1,000": Target(0.006, HELLO),
    "walk of 100,000 keys": Target(150_000, "keys/s of CPU"),
    "the same again": Target(None, "keys/s of CPU"),
    "walk of 1,000,000 keys": Target(0.8, "of the rate of 100,000"),
    "memory of that walk": Target(None, "MiB at the most", at_most=True),
    "GET 4 KiB through the s3 backend": Target(0.08, HELLO),
    "GET 1 GiB, one client": Target(0.9, "of a bare stream"),
    "GET 1 GiB, four clients": Target(0.9, "of a bare stream"),
    "PUT 1 GiB": Target(0.75, "of MD5's rate"),
    "PUT 1 GiB, checksum ETag": Target(1.0, "of MD5's rate"),
    "1 GiB in 16 parts at once": Target(1.0, "of one PUT's rate"),
    "memory, idle": Target(80, "MiB", at_most=True),
    "memory, 256 slow GETs of 1 GiB": Target(130, "MiB", at_most=True),
    "memory, 64 PUTs of 256 MiB": Target(200, "MiB", at_most=True),
    "start to first answer": Target(0.8, "s", at_most=True),
    "--version": Target(0.15, "s", at_most=True),
    "p99 at half of the highest rate": Target(5, "x p50", at_most=True),
    "the same of hello": Target(None, "x p50", at_most=True),
    "p99 of small GETs beside streams": Target(0.020, "s", at_most=True),
    "p99 of hello beside the same streams": Target(None, "s", at_most=True),
    "rate beside 2,000 idle connections": Target(0.9, "of that without"),
    "memory of an idle connection": Target(20, "KiB", at_most=True),
    "GET 4 KiB, hit in the first of 2 layers": Target(0.95, "of one directory"),
    "merged page of 1,000 from 3 full layers": Target(None, "of one directory"),
    "merged page of 1,000 from 3 layers": Target(0.3, "of one directory"),
    "peer GET 4 KiB": Target(None, HELLO),
    "peer PUT 4 KiB": Target(None, HELLO),
    "peer LIST 100": Target(None, HELLO),
    "peer LIST 1,000": Target(None, HELLO),
    "GET 4 KiB, account, policy and ACL": Target(0.9, "of root's"),
}
