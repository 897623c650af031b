"""Events that were delivered twice, by their sequence numbers."""

from __future__ import annotations

from typing import Any


class Repetitions:
    """Knows an event again.

    A number alone proves nothing: some servers give every event the same one. So numbers are trusted only as long as
    each of them stands for one event.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._trusted = True

    def repeats(self, event: Any) -> bool:
        """Whether the same event was here before."""
        number = event.sequence_number
        if not self._trusted or not isinstance(number, int):
            return False
        told = (event.type, event.item_id, event.output_index, event.content_index, event.delta)
        what = hash(tuple(str(part) for part in told))
        if number not in self._seen:
            self._seen[number] = what
            return False
        self._trusted = self._seen[number] == what
        return self._trusted and len(self._seen) > 1
