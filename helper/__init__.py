"""Looks into foreign files in processes of their own, which may use little, write nothing and reach nobody.

``pool`` is the bot's side; ``__main__`` is such a process. Nothing is imported here: the process shall stay small.
"""
