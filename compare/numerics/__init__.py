"""How far two arrays are apart, in units of what rounding explains."""
