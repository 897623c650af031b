"""Measures how right a deployment is: questions with known values, asked through the bot's own heart."""
