"""The commands of `twofold`, one file each: options above, what is done below.

Everything heavy is imported inside the command that needs it, so that help appears at
once.
"""
