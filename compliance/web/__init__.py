"""The pages: Flask, one folder per journey of a user."""
