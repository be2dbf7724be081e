"""Array routines that make the layers fast: functions of arrays that know no layers.

A layer says what is computed and checks what it is given; here stands how it is done in
blocks, runs and products, which would hide the formula there.
"""
