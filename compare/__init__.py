"""The harness: runs both sides on the same numbers and says whether they match.

Its rooms, from the ground up: `numerics`, `sides`, `judge`, `report`, `files`,
`concepts`, `training`, `lessons`, `study`, `bench` and `commands`. Each imports only
what stands below it. `api` is the door for Python, `cli` for the command line,
`pytest_plugin` for pytest.
"""
