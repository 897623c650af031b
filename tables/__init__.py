"""What can be known of a data file locally, without a model. ``tables.inspecting`` is for the helper process alone."""

from tables.columns import Column
from tables.facts import EMPTY, FileFacts, Sheet, size_phrase, unknown
from tables.kinds import COUNTED_BYTES, extension, is_counted, is_data, is_taken, is_workbook
from tables.pasted import PastedTable, pasted_tables, without_pasted
from tables.traps import Reading, Trap

__all__ = [
    "COUNTED_BYTES", "EMPTY", "Column", "FileFacts", "PastedTable", "Reading", "Sheet", "Trap", "extension",
    "is_counted", "is_data", "is_taken", "is_workbook", "pasted_tables", "size_phrase", "unknown", "without_pasted",
]  # fmt: skip
