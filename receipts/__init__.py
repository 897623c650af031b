"""Receipts: how the numbers of an answer come from the files, as queries, and whether that is so.

The bot reads their form; the rest runs in a process of its own (``helper/checker.py``), on foreign files and queries.
Nothing is imported here: that process shall stay small.
"""
