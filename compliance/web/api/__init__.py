"""The HTTP API: the same operations as the pages, by tokens."""
