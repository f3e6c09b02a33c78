"""Beside the Act: other laws that a use case falls under, and the concerns that an organisation measures."""
