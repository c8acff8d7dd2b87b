"""Makes pareto.json: fronts, ranks and hypervolumes by moocore for random points, with and without ties.

pip install moocore==0.3.2 && python make_pareto.py > pareto.json

Less is better in every objective, except those in `maximise`. The reference point is one that some points do not
reach.
"""

import json

import moocore
import numpy as np

random = np.random.default_rng(1975)
cases = []
for rows, columns in [(20, 2), (60, 3), (60, 4), (50, 5), (40, 6)]:
    for levels in [None, 6]:
        points = random.uniform(0.0, 10.0, (rows, columns)).round(3)
        if levels:
            points = random.integers(0, levels, (rows, columns)).astype(float)
        maximise = random.choice([True, False], columns)
        signed = np.where(maximise, -points, points)
        reference = np.where(maximise, -1.0, 9.0)
        front = moocore.is_nondominated(points, maximise=maximise, keep_weakly=True)
        cases.append(
            {
                "points": points.tolist(),
                "maximise": maximise.tolist(),
                "front": front.tolist(),
                "ranks": moocore.pareto_rank(signed).tolist(),
                "reference": np.abs(reference).tolist(),
                "hypervolume": moocore.hypervolume(signed, ref=reference),
            }
        )
print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")
