"""Where the app is installed: the workspaces that the bot serves, and its tokens there."""
