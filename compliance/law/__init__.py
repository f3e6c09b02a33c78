"""Rule packs: law as data, from the text of a file to a program that can be evaluated."""
