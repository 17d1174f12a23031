"""Several backends as one: an overlay of a primary, where every write lands, over lower layers."""

from colonnade.multi.members import Member, Role
from colonnade.multi.overlay import Overlay

__all__ = ["Member", "Overlay", "Role"]
