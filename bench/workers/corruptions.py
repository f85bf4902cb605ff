"""Corruptions by Python: imagecorruptions 1.1.2 and its numba fork, one thread, for bench/corruptions.ts; times one call when
told to, so that all sides alternate.

Runs in an environment of tools/reference/requirements-corruptions.txt. Reads JSON lines on stdin: {"do": "load", "library":
"imagecorruptions"} or {"do": "load", "library": "fork", "folder"}, the folder that imagecorruptions-imaug 1.1.5 was installed
into; {"do": "picture", "width", "height", "rgb": base64}; {"do": "run", "library", "corruption", "severity", "seed", "cpu"}.
Answers {"ms": 12.3}, from an array of bytes to one, by the clock or of the processor's time, or {"none": "why"}.
"""

import base64
import contextlib
import json
import os
import pathlib
import sys
import time
import warnings

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ[name] = "1"

import cv2
import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "reference"))
from patched_imagecorruptions import import_fork, import_patched

cv2.setNumThreads(1)
# spatter without an edge divides by zero
warnings.simplefilter("ignore", RuntimeWarning)


class Libraries:
    def __init__(self):
        self.loaded, self.picture = {}, None

    def load(self, library, folder=None):
        self.loaded[library] = import_fork(folder) if library == "fork" else import_patched()

    def take(self, width, height, rgb):
        self.picture = np.frombuffer(base64.b64decode(rgb), np.uint8).reshape(height, width, 3).copy()

    def run(self, library, corruption, severity, seed, cpu):
        package = self.loaded[library]
        if corruption not in package.get_corruption_names("all"):
            return {"none": f"has no {corruption}"}
        np.random.seed(seed)
        now = time.process_time if cpu else time.perf_counter
        start = now()
        package.corrupt(self.picture, severity=severity, corruption_name=corruption)
        return {"ms": 1e3 * (now() - start)}


def main():
    libraries = Libraries()
    do = {"load": libraries.load, "picture": libraries.take, "run": libraries.run}
    for line in sys.stdin:
        ask = json.loads(line)
        # what libraries print is no answer
        with contextlib.redirect_stdout(sys.stderr):
            answer = do[ask.pop("do")](**ask) or {"ok": True}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
