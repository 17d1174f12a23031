"""``colonnade sync SRC DST``, ``diff`` and ``verify``: status 0 if all is well, 1 if places differ, 2 for trouble."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from colonnade.backend import Backend
from colonnade.cli.parse import Given
from colonnade.cli.places import FORMS, Places
from colonnade.cli.serving import log_to_stderr
from colonnade.config import options, pending
from colonnade.config.files import load
from colonnade.config.flags import ConfigError
from colonnade.config.settings import shared_of
from colonnade.config.values import resolve
from colonnade.errors import S3Error
from colonnade.sync.journal import Journal, default_path
from colonnade.sync.places import Place
from colonnade.sync.report import Progress, Report
from colonnade.sync.run import Plan, Run

SAME, DIFFERENT, TROUBLE = 0, 1, 2


def run(command: str, given: Given, flags: Given, arguments: list[str]) -> int:
    """Carry out one of the three."""
    try:
        return _run(command, given, flags, arguments)
    except (ConfigError, S3Error, OSError) as error:
        print(f"colonnade: {command}: {error}", file=sys.stderr)
        return TROUBLE


def _run(command: str, given: Given, flags: Given, arguments: list[str]) -> int:
    if len(arguments) != 2:
        raise ConfigError(f"give the two places, not {len(arguments)}; a place is {FORMS}")
    own = resolve(options.SYNC if command == "sync" else options.COMPARE, flags, os.environ)
    file = load(own["config"], os.environ) if own["config"] else None
    values = resolve(options.GLOBAL + pending.GLOBAL, given, os.environ, file.settings if file else None)
    log_to_stderr(debug=values["debug"], quiet=values["quiet"])
    places = Places(file, shared_of(values))
    source, target = (places.read(text) for text in arguments)
    if bool(source.bucket) is not bool(target.bucket):
        raise ConfigError("both places are a whole backend, or neither is")
    report = Report(command, source.name, target.name, dry_run=bool(own.get("dry_run")))
    journal = _journal(own, source, target) if command == "sync" else None
    made = Run(_plan(command, own), source, target, report, journal)
    made.progress = Progress(report, quiet=values["quiet"])
    try:
        asyncio.run(_with_backends(made, list(places.backends.values())))
    except KeyboardInterrupt:
        print(f"colonnade: {command}: interrupted; the same command goes on from here", file=sys.stderr)
        return TROUBLE
    print(report.as_json() if own["json"] else report.as_table())
    return _status(report)


async def _with_backends(made: Run, backends: list[Backend]) -> None:
    """The run, its backends started and closed around it."""
    started: list[Backend] = []
    try:
        for backend in backends:
            await backend.start()
            started.append(backend)
        await made.run()
    finally:
        for backend in started:
            await backend.close()


def _journal(own: dict[str, Any], source: Place, target: Place) -> Journal | None:
    if own["dry_run"]:
        return None
    return Journal(Path(own["journal"]) if own["journal"] else default_path(source.name, target.name))


def _plan(command: str, own: dict[str, Any]) -> Plan:
    return Plan(
        copy=command == "sync",
        thorough=command == "verify",
        delete=own.get("delete", False),
        force=own.get("force", False),
        one_way=own.get("one_way", False),
        dry_run=own.get("dry_run", False),
        include=own["include"],
        exclude=own["exclude"],
        rate=own["bwlimit"],
        parallel=own["parallel"],
    )


def _status(report: Report) -> int:
    if report.failed:
        return TROUBLE
    if report.differ or report.only_in_source or report.only_in_target or report.newer_in_target:
        return DIFFERENT
    return SAME
