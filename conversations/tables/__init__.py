"""What can be known of a data file locally, without a model."""

from conversations.tables.columns import Column
from conversations.tables.facts import FileFacts, inspect, inspect_now, size_phrase
from conversations.tables.kinds import extension, is_data, is_taken
from conversations.tables.pasted import PastedTable, pasted_tables, without_pasted
from conversations.tables.workbook import Sheet

__all__ = [
    "Column",
    "FileFacts",
    "PastedTable",
    "Sheet",
    "extension",
    "inspect",
    "inspect_now",
    "is_data",
    "is_taken",
    "pasted_tables",
    "size_phrase",
    "without_pasted",
]
