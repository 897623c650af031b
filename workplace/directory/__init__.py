"""Who and what there is in the workspace, by id: people, groups, channels, and what they are called."""
