"""Makes topsis.json: scores by pymcdm with vector and min-max normalisation for random decision matrices.

pip install pymcdm==1.4.0 && python -W ignore make_topsis.py > topsis.json

pymcdm turns a cost column round (1 - x / norm) where the book lets the ideal carry the direction. The
distances, and so the scores, are the same.
"""

import json

import numpy as np
from pymcdm.methods import TOPSIS
from pymcdm.normalizations import minmax_normalization, vector_normalization

random = np.random.default_rng(1981)
methods = {
    "vector": TOPSIS(normalization_function=vector_normalization),
    "min-max": TOPSIS(normalization_function=minmax_normalization),
}
cases = []
for rows, columns in [(2, 2), (5, 3), (8, 4), (12, 5), (20, 6), (60, 8)]:
    matrix = random.uniform(0.5, 100.0, (rows, columns)).round(3)
    weights = random.uniform(0.1, 1.0, columns).round(3)
    types = random.choice([-1, 1], columns)
    types[0] = 1
    for normalisation, method in methods.items():
        scores = method(matrix, weights / weights.sum(), types)
        cases.append(
            {
                "normalisation": normalisation,
                "matrix": matrix.tolist(),
                "weights": weights.tolist(),
                "types": types.tolist(),
                "scores": scores.tolist(),
            }
        )
print("[" + ",\n".join(json.dumps(case) for case in cases) + "]")
