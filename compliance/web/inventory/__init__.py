"""The inventory of use cases."""
