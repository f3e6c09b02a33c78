"""The organisation at a glance."""
