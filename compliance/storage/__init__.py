"""Tables (private to this room), migrations, and one repository per noun."""
