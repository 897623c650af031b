"""``python bot.py doctor``: tries everything that the bot needs, and says what to do about what is missing."""
