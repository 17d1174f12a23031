"""What the fields of an account are called in the documents of the administrator's API, for both ends of it."""

from __future__ import annotations

from collections.abc import Mapping

#: Fields that are numbers.
NUMBERS: Mapping[str, str] = {"user_id": "UserID", "group_id": "GroupID", "project_id": "ProjectID"}

#: Fields of Account -> elements.
ELEMENTS: Mapping[str, str] = {"access": "Access", "secret": "Secret", "role": "Role", **NUMBERS}
