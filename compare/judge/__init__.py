"""Whether two sides match, where they part, and who is wrong."""
