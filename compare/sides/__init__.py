"""Running anybody's code into a trace of named arrays."""
