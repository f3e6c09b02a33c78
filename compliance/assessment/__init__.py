"""Facts, a program and a date make an outcome; everything in here is pure."""
