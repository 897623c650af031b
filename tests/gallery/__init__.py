"""Pictures of real answers on the playground's page, for docs/: ``python -m tests.gallery [name…]``."""
