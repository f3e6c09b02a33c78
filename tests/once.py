"""What is made once in a run of tests, however it is asked for."""

import inspect
from functools import wraps


def once(function):
    """Keep what a function gives for the same arguments, whether they are named, in their place, or left out."""
    signature, kept = inspect.signature(function), {}

    @wraps(function)
    def given(*arguments, **named):
        bound = signature.bind(*arguments, **named)
        bound.apply_defaults()
        key = tuple(bound.arguments.values())
        if key not in kept:
            kept[key] = function(*arguments, **named)
        return kept[key]

    return given
