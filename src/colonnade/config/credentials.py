"""The root account's keys: given, or made at random before any worker is forked."""

from __future__ import annotations

import secrets
import string
from dataclasses import dataclass, field

ALPHABET = string.ascii_letters + string.digits
ACCESS_LENGTH = 20
SECRET_LENGTH = 40


@dataclass(frozen=True)
class Credentials:
    """Access key and secret key; `made` names those that were not given, as AWS clients call them."""

    access: str
    secret: str = field(repr=False)
    made: tuple[str, ...] = ()

    def exports(self) -> list[str]:
        """Lines for a shell that set both keys."""
        return [f"export AWS_ACCESS_KEY_ID={self.access}", f"export AWS_SECRET_ACCESS_KEY={self.secret}"]

    def exports_of_made(self) -> list[str]:
        """Lines for a shell that set what was made at random."""
        return [line for line in self.exports() if line.removeprefix("export ").partition("=")[0] in self.made]


def complete(access: str | None, secret: str | None) -> Credentials:
    """The keys given; each one missing is made at random, anew at every start."""
    made = [] if access else ["AWS_ACCESS_KEY_ID"]
    made += [] if secret else ["AWS_SECRET_ACCESS_KEY"]
    return Credentials(access or _random(ACCESS_LENGTH), secret or _random(SECRET_LENGTH), tuple(made))


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
