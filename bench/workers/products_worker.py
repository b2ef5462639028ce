# Two bare matrix products a step, [N, N] × [N, B] in float32, with numpy's BLAS: what a step could cost if
# it were nothing else.
#
#   python products_worker.py
import json
import sys
import time

import numpy

products = None


def prepare(shape):
    global products
    units, chains = shape["units"], shape["chains"]
    random = numpy.random.default_rng(1)
    matrices = [random.standard_normal((units, units), numpy.float32) for _ in range(2)]
    states = random.standard_normal((units, chains), numpy.float32)
    out = numpy.empty((units, chains), numpy.float32)
    products = lambda: [numpy.dot(matrix, states, out=out) for matrix in matrices]
    products()


for line in sys.stdin:
    request = json.loads(line)
    answer = {}
    try:
        if request["ask"] == "describe":
            answer = {"device": {"details": [f"numpy {numpy.__version__}"]}}
        elif request["ask"] == "prepare":
            prepare(request)
        elif request["ask"] == "run":
            start = time.perf_counter()
            for _ in range(request["count"]):
                products()
            answer = {"seconds": time.perf_counter() - start}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
