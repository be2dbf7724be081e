"""Every concept that exists twice: what to feed it, and how it is checked."""
