"""The result of a use case, its approval and its history."""
