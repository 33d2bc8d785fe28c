"""The messages of the outbox, each made from its context."""
