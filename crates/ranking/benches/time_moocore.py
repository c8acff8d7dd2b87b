"""Times moocore (C) on what benches/ranking.rs is timed on: uniform points, less is better.

pip install moocore==0.3.2 && python time_moocore.py
"""

import time

import moocore
import numpy as np


def least_ms(ask, times):
    def once():
        start = time.perf_counter()
        ask()
        return (time.perf_counter() - start) * 1e3

    return min(once() for _ in range(times))


random = np.random.default_rng(1981)
for width in [2, 3, 4, 5]:
    points = random.random((90_000, width))
    print(f"pareto front, {width} objectives: {least_ms(lambda: moocore.is_nondominated(points), 20):.2f} ms")
for width in [3, 5]:
    points = random.random((10_000, width))
    print(f"fronts of 10,000, {width} objectives: {least_ms(lambda: moocore.pareto_rank(points), 5):.2f} ms")
for width, count in [(3, 1000), (4, 200)]:
    points = random.random((count, width))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    ask = lambda: moocore.hypervolume(points, ref=[1.0] * width)
    print(f"hypervolume of {count}, {width} objectives: {least_ms(ask, 5):.3f} ms")
