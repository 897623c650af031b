"""What can be known of a data file locally, without a model."""

from conversations.tables.columns import Column
from conversations.tables.facts import FileFacts, inspect, inspect_now, size_phrase
from conversations.tables.kinds import Carriage, carriage, carried_name, extension, is_data
from conversations.tables.pasted import PastedTable, pasted_tables, without_pasted
from conversations.tables.workbook import Sheet

__all__ = [
    "Carriage",
    "Column",
    "FileFacts",
    "PastedTable",
    "Sheet",
    "carriage",
    "carried_name",
    "extension",
    "inspect",
    "inspect_now",
    "is_data",
    "pasted_tables",
    "size_phrase",
    "without_pasted",
]
