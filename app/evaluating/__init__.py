"""``python bot.py eval``: measures how right the configured deployment is."""
