"""Somebody's code in a process of its own: it gets numbers, and gives back numbers.

`nursery` is a process that has loaded torch and nothing of ours that matters; a fork of
it, behind the `fence`, runs the candidate (`runner`) while `watch` notes what it does.
`process` is the end that we hold, `wire` what goes between, `side` makes a side of it.
"""
