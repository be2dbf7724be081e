"""Time and memory of a trace, over models of 10^5 to 10^8 parameters.

    python tests/trace_curve.py

Each size runs in a process of its own: a model of Linear layers is made, its parameters
are traced, saved and loaded. Peak memory is given less that of the imports.
"""

import json
import subprocess
import sys

SIZES = (10**5, 10**6, 10**7, 10**8)
ONE = """
import json, resource, sys, tempfile, time
from pathlib import Path
import numpy as np
from twofold.compare.sides.trace import Trace
from twofold.compare.files.traces import load_trace, save_trace

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

save_trace(Trace(x=np.zeros(1)), Path(tempfile.mkdtemp()) / "warm.safetensors")
n, base = int(sys.argv[1]), peak()
width = max(1, round((n / 12) ** 0.5))
rng = np.random.default_rng(0)
trace = Trace(
    (f"layers.{i}.weight", rng.standard_normal((width, width), np.float32))
    for i in range(12)
)
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.safetensors"
    started = time.perf_counter()
    save_trace(trace, path)
    loaded = load_trace(path)
    seconds = time.perf_counter() - started
    size = path.stat().st_size
assert all(np.array_equal(loaded[k], v) for k, v in trace.items())
print(json.dumps([12 * width**2, seconds, peak() - base, size / 2**20]))
"""


def measure(parameters: int) -> list[float]:
    done = subprocess.run(
        [sys.executable, "-c", ONE, str(parameters)], capture_output=True, check=True
    )
    return json.loads(done.stdout)


if __name__ == "__main__":
    print("parameters   save + load   peak memory   file")
    for size in SIZES:
        parameters, seconds, peak, file = measure(size)
        print(f"{parameters:>10,} {seconds:>11.3f} s {peak:>9.0f} MiB {file:>6.0f} MiB")
