"""What kind of filesystem a directory is on: local ones answer at once or not at all, others may keep one waiting."""

from __future__ import annotations

import ctypes
import os

_statfs = ctypes.CDLL(None, use_errno=True).statfs
_statfs.argtypes = [ctypes.c_char_p, ctypes.c_void_p]

#: Larger than `struct statfs` on every platform.
_ROOM = 512

#: f_type of filesystems on disks of this machine or in its memory (statfs(2), linux/magic.h).
_LOCAL = frozenset(
    {
        0xEF53,  # ext2, ext3, ext4
        0x58465342,  # XFS
        0x9123683E,  # Btrfs
        0x2FC12FC1,  # ZFS
        0xF2F52010,  # F2FS
        0xCA451A4E,  # bcachefs
        0x01021994,  # tmpfs
        0x858458F6,  # ramfs
        0x794C7630,  # overlayfs
        0x3153464A,  # JFS
        0x52654973,  # ReiserFS
        0x4D44,  # FAT
        0x2011BAB0,  # exFAT
        0x7366746E,  # NTFS
        0x5346544E,  # NTFS, the older driver
    }
)


def is_local(path: str) -> bool:
    """Whether a directory is on a filesystem of this machine; not known ones, FUSE and networks' are not.

    May wait as long as the filesystem does. Raises OSError.
    """
    buffer = ctypes.create_string_buffer(_ROOM)
    if _statfs(os.fsencode(path), buffer) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), path)
    return ctypes.c_long.from_buffer(buffer).value & 0xFFFFFFFF in _LOCAL
