"""What a listing asks of a page's files, by the library as without it."""

from __future__ import annotations

import os
import re
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colonnade.backends.posix import build
from colonnade.backends.posix.alike import Line
from colonnade.backends.posix.etags import ETags
from colonnade.backends.posix.glance import ABSENT, CUT, NOTHING, STATE, Glance, plain_states
from colonnade.backends.posix.listed import Listed
from colonnade.backends.posix.options import Options

#: Too long for a name.
LONG = "x" * 300

PATHS = ["file", "empty", "directory", "directory/", "link", "dangling", "pipe", "absent", "file/", "directory/é\n"]
PATHS.append(LONG)


def tree(top: Path) -> int:
    """An open directory with one of each kind of file."""
    (top / "directory").mkdir()
    (top / "file").write_bytes(b"data")
    (top / "empty").touch()
    (top / "directory/é\n").write_bytes(b"more")
    (top / "link").symlink_to("file")
    (top / "dangling").symlink_to("absent")
    os.mkfifo(top / "pipe")
    return os.open(top, os.O_PATH)


def test_states_are_the_same_without_the_library(compiled: Glance, tmp_path: Path) -> None:
    """Of every kind of file, and of what can't be one."""
    directory = tree(tmp_path)
    states = compiled.states(directory, PATHS)
    assert states == plain_states(directory, PATHS)
    nothing = [path for path, state in zip(PATHS, states, strict=True) if state == NOTHING]
    assert nothing == ["absent", "file/", LONG]
    os.close(directory)


def test_attributes_are_those_of_files_and_directories(compiled: Glance, tmp_path: Path) -> None:
    """Nothing is told of links and pipes; of a long attribute as much as there is room for."""
    directory = tree(tmp_path)
    os.setxattr(tmp_path / "file", "user.a", b"v" * CUT + b"w")
    os.setxattr(tmp_path / "empty", "user.a", b"")
    os.setxattr(tmp_path / "directory", "user.b", b"\0")
    told = {}
    states, rows = compiled.attributes(directory, PATHS, ["user.a", "user.b"])
    for path, state, seen in zip(PATHS, states, rows, strict=True):
        if seen[5]:
            assert [state] == plain_states(directory, [path])
            assert seen[:6] == STATE.unpack(state)
            sizes, values = seen[6::2], seen[7::2]
            told[path] = [None if size == ABSENT else value[:size] for size, value in zip(sizes, values, strict=True)]
    assert told == {
        "file": [b"v" * CUT, None],
        "empty": [b"", None],
        "directory": [None, b"\0"],
        "directory/": [None, b"\0"],
        "directory/é\n": [None, None],
    }
    os.close(directory)


ATTRIBUTES = st.fixed_dictionaries(
    {},
    optional={
        "etag": st.sampled_from([b"", b'"0123"', b"e" * (CUT - 1), b"e" * CUT, b"e" * 200]),
        "checksums": st.sampled_from(
            [
                b'{"Algorithm":"CRC64NVME","Type":"FULL_OBJECT","CRC64NVME":"AAAAAAAAAAA="}',
                b'{"Algorithm":"","Type":"","CRC32":null}',
                b'{"CRC32":null,"CRC32C":null,"SHA1":null,"SHA256":null,"CRC64NVME":null,"Type":"COMPOSITE","Algorithm":"SHA1"}',
                b'{"Algorithm":"SHA1"}' + b" " * 2000,
            ]
        ),
        "colonnade.storage-class": st.sampled_from([b"GLACIER", b"C" * 100]),
    },
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory for all examples of a property."""
    return tmp_path_factory.mktemp("lines")


@settings(deadline=None, max_examples=50)
@given(files=st.lists(ATTRIBUTES, min_size=1, max_size=4), classed=st.booleans())
def test_lines_are_those_of_files_asked_singly(
    compiled: Glance, place: Path, files: list[dict[str, bytes]], classed: bool
) -> None:
    """Whatever attributes they carry: what isn't told at once is told as if asked for alone."""
    for number, attributes in enumerate(files):
        path = place / str(number)
        path.unlink(missing_ok=True)
        path.write_bytes(b"x" * number)
        for name, value in attributes.items():
            os.setxattr(path, f"user.{name}", value)
    listed = Listed(read, ETags(Options("."), kept=True), glance=compiled)
    names = [str(number) for number in range(len(files))]
    for line, name in zip(listed.all(str(place), names, classed), names, strict=True):
        singly = listed.of(str(place / name), os.stat(place / name), classed)
        assert line in (None, singly)


def read(path: str, name: str) -> bytes | None:
    """An attribute, None where it is absent."""
    try:
        return os.getxattr(path, f"user.{name}")
    except OSError:
        return None


def test_a_line_is_of_one_moment(compiled: Glance, tmp_path: Path) -> None:
    """Of a file that is replaced all the time, the size and the ETag belong together."""
    listed = Listed(read, ETags(Options("."), kept=True), glance=compiled)
    over, name = threading.Event(), tmp_path / "new"

    def replace() -> None:
        size = 0
        while not over.is_set():
            size = size % 50 + 1
            name.write_bytes(b"x" * size)
            os.setxattr(name, "user.etag", b"%d" % size)
            name.rename(tmp_path / "k")

    writer = threading.Thread(target=replace)
    writer.start()
    seen: list[Line] = []
    while len(seen) < 2000:
        seen += [line for line in listed.all(str(tmp_path), ["k"] * 10, False) if line]
    over.set()
    writer.join()
    assert [line for line in seen if line[1] != str(line[2])] == []


def test_without_a_compiler_nothing_is_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is said on the build's log, and nothing is left behind."""
    monkeypatch.setenv("CC", str(tmp_path / "none"))
    older = tmp_path / "libglance.so"
    older.touch()
    assert not build.compile_to(older)
    assert "can't be compiled" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("compiled")
def test_another_version_of_the_library_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation may have kept one of before an update: then files are asked one by one."""
    source = tmp_path / "old.c"
    source.write_text(re.sub(r"(?<=glance_version = )\d+", "0", build.SOURCE.read_text()))
    monkeypatch.setattr(build, "SOURCE", source)
    assert build.compile_to(tmp_path / "old.so")
    assert not Glance(str(tmp_path / "old.so")).compiled
