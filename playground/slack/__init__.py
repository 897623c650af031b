"""A Slack workspace on this machine, for trying, developing and testing the bot without Slack.

``server.LocalSlack`` is the whole of it. ``api/`` holds the Web API, one module for each family of methods; ``human``
and ``interactions`` act as people do; ``events`` decides what the app hears of it, ``outbox`` delivers that over
``sockets`` or ``http_events``; ``faults`` breaks things; ``ledger`` and ``questions`` tell what happened. ``page/`` is
what a browser shows.
"""
