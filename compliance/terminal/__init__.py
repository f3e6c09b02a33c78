"""The face of the command line: words and layout."""
