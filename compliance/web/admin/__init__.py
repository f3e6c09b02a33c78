"""People, settings, the log, the outbox."""
