"""``make bench``: the bot beside a plain streaming bot (the floor) and a plain polling one, on local fakes."""
