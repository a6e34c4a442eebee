#!/usr/bin/env python3
"""Kernel Tuner's own genetic algorithm on recorded spaces, for what ours is held beside.

    kernel_tuner_ga.py FOLDER [SEEDS] >tests/data/kernel_tuner_ga.tsv

needs kernel_tuner, from PyPI. Its strategy runs unmodified, with its own defaults, against a cost that is looked up; the
space is what was recorded. A row a space: best possible time over best found at 25, 50, 100 and 200 distinct
evaluations, mean over seeds, and the standard deviation of each over seeds.
"""
import datetime
import glob
import gzip
import math
import os
import random
import sys

sys.path[:] = [p for p in sys.path if os.path.abspath(p) != os.path.dirname(os.path.abspath(__file__))]

import numpy

MARKS = (25, 50, 100, 200)


def read(path):
    """the parameters with their values, and the time of each configuration; inf: it failed"""
    lines = [l.rstrip("\n").split("\t") for l in gzip.open(path, "rt") if not l.startswith("#")]
    n = lines[0].index("time_ms")
    rows = [tuple(float(v) if "." in v else int(v) for v in l[:n]) for l in lines[1:]]
    times = [float(l[n]) if l[n][0].isdigit() else math.inf for l in lines[1:]]
    params = {name: sorted({r[i] for r in rows}) for i, name in enumerate(lines[0][:n])}
    return params, dict(zip(rows, times))


class Lookup:
    """stands for a GPU: a configuration's time is that of the table, and a new one costs an evaluation"""

    def __init__(self, times, names):
        self.times, self.names, self.seen = times, names, {}

    def add_strategy_time(self, _):
        pass

    def run(self, configurations, options):
        from kernel_tuner import util

        results = []
        for c in map(tuple, configurations):
            if options.budget.is_done():
                results.append(None)
                continue
            result = dict(zip(self.names, c))
            if c not in self.seen:
                self.seen[c] = self.times[c]
                options.budget.add_evaluations(1)
            result["time"] = self.times[c]
            if math.isinf(self.times[c]):
                result["__error__"] = util.RuntimeFailedConfig()
            results.append(result)
        return results


def run(space, times, seed):
    from kernel_tuner import util
    from kernel_tuner.interface import Options
    from kernel_tuner.strategies import genetic_algorithm

    random.seed(seed)
    numpy.random.seed(seed)
    lookup = Lookup(times, list(space.tune_params))
    options = Options({"strategy_options": Options({}), "objective": ["time"], "objective_higher_is_better": [False],
                       "verbose": False, "budget": util.TuningBudget(None, MARKS[-1]), "cache": {}})
    genetic_algorithm.tune(space, lookup, options)
    best, found = min(times.values()), []
    for t in lookup.seen.values():
        found.append(max(best / t, found[-1] if found else 0))
    found += found[-1:] * (MARKS[-1] - len(found))
    return [found[m - 1] for m in MARKS]


def main():
    from importlib.metadata import version

    from kernel_tuner.searchspace import Searchspace

    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    print("# kernel_tuner %s, genetic_algorithm with its defaults, %d seeds, %s" %
          (version("kernel_tuner"), seeds, datetime.date.today()))
    print("\t".join(["space"] + ["at%d" % m for m in MARKS] + ["sd%d" % m for m in MARKS]))
    for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.tsv.gz"))):
        params, times = read(path)
        cache = {str(i): dict(zip(params, c)) for i, c in enumerate(times)}
        space = Searchspace(None, None, None, from_cache={"tune_params": params, "cache": cache})
        found = numpy.array([run(space, times, seed) for seed in range(seeds)])
        print("\t".join([os.path.basename(path).split(".")[0]] + ["%.4f" % x for x in found.mean(axis=0)] +
                        ["%.4f" % x for x in found.std(axis=0, ddof=1)]), flush=True)


main()
