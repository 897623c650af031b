"""``python bot.py setup``: asks for what the bot needs, tries each answer, and writes ``.env``."""
