"""Array routines that make the layers fast: no layers, no parameters, no checks."""
