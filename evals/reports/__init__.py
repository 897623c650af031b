"""Reports as JSON, Markdown and a page."""
