"""Several backends as one: an overlay of a primary, where every write lands, over lower layers."""

from colonnade.multi.members import Member, Role
from colonnade.multi.overlay import Overlay
from colonnade.multi.timeouts import Timeouts

__all__ = ["Member", "Overlay", "Role", "Timeouts"]
