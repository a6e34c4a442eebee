#!/usr/bin/env python3
"""Kernel Tuner beside ksnvcc, on the same kernel and space: the parts of tests/bench/kernel_tuner.sh.

    kernel_tuner.py run KERNEL STRATEGY SEED REFERENCE LIMIT    one search by Kernel Tuner
    kernel_tuner.py ours KERNEL SEED REFERENCE REPORT WALL      what a report of ksnvcc says of one of its own
    kernel_tuner.py table [--json] RESULTS                      all of them

Both are judged by the same times, those of an exhaustive search (REFERENCE, in the format T4): a search
has arrived when what it holds for the best, by its own measurements, is within 5 % of the best there. Its
time is that of the wall from the start of the process.
"""
import time

BEGAN = time.time()

import json
import os
import re
import statistics
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCES = os.path.join(HERE, "tuned")
sys.path[:] = [p for p in sys.path if os.path.abspath(p) != HERE]  # this file is called like the module
NEAR = 1.05

# what Kernel Tuner is told that the annotation says: the launch, the arguments, the constraints
KERNELS = {
    "gemm": {
        "problem": (4096, 4096),
        "blocks": ["BX", "BY"],
        "grid": (["BX", "TN"], ["BY", "TM"]),
        "tune": {"BX": [4, 8, 16, 32, 64], "BY": [4, 8, 16, 32, 64], "BK": [8, 16, 32], "TM": [2, 4, 8],
                 "TN": [2, 4, 8]},
        "where": ["BX * TN >= 32", "BX * TN <= 128", "BY * TM >= 32", "BY * TM <= 128", "BX * BY >= 64",
                  "BX * BY <= 1024", "(BX * TN + BY * TM) * BK * 4 <= 48 * 1024"],
    },
    "convolution": {
        "problem": (4096, 4096),
        "blocks": ["BX", "BY"],
        "grid": (["BX", "TX"], ["BY", "TY"]),
        "tune": {"BX": [16, 32, 64, 128], "BY": [1, 2, 4, 8, 16], "TX": [1, 2, 3, 4, 8], "TY": [1, 2, 3, 4, 8],
                 "PAD": [0, 1]},
        "where": ["BX * BY >= 64", "BX * BY <= 1024",
                  "(BY * TY + 16) * (BX * TX + 16 + PAD) * 4 <= 48 * 1024"],
    },
    "nbody": {
        "problem": (65536, 1),
        "blocks": ["BLOCK"],
        "grid": (["BLOCK", "ITEMS"], []),
        "tune": {"BLOCK": [32, 64, 128, 192, 256, 384, 512, 1024], "ITEMS": [1, 2, 3, 4],
                 "UNROLL": [1, 2, 4, 8, 16, 32], "SHARED": [0, 1], "FAST": [0, 1]},
        "where": [],
    },
}


def source(kernel):
    """The kernel as Kernel Tuner wants it: without the values that it sets itself."""
    text = open(os.path.join(SOURCES, kernel + ".cu")).read()
    for name in KERNELS[kernel]["tune"]:
        text, n = re.subn(r"(?m)^constexpr int %s = \d+;\n" % name, "", text)
        assert n == 1, name
    return re.sub(r"(?m)^#pragma ksearch.*\n", "", text)


def arguments(kernel, numpy):
    draw = numpy.random.default_rng(1)

    def floats(*shape):
        return draw.uniform(-1, 1, shape).astype(numpy.float32)

    if kernel == "gemm":
        n = numpy.int32(4096)
        return [n, n, n, numpy.float32(1), floats(4096, 4096), floats(4096, 4096), numpy.float32(0.5),
                floats(4096, 4096)]
    if kernel == "convolution":
        return [floats(4096, 4096), floats(4096 + 16, 4096 + 16), floats(17, 17), numpy.int32(4096),
                numpy.int32(4096)]
    return [floats(65536, 4), floats(65536, 4), numpy.int32(65536)]


def named(kernel, values):
    return ",".join(str(int(values[name])) for name in KERNELS[kernel]["tune"])


def reference(kernel, file):
    """Times of all configurations, over the best one."""
    times = {}
    for result in json.load(open(file))["results"]:
        for m in result["measurements"]:
            if m["name"] == "time":
                times[named(kernel, result["configuration"])] = m["value"]
    best = min(times.values())
    return {name: t / best for name, t in times.items()}


def say(result):
    print(json.dumps(result), flush=True)


def run(kernel, strategy, seed, file, limit):
    """One search by Kernel Tuner, which is left to itself but for a clock."""
    from collections import OrderedDict

    about, truth = KERNELS[kernel], reference(kernel, file)
    said = {"kernel": kernel, "tool": "Kernel Tuner", "strategy": strategy, "seed": seed, "limit": limit}
    seen = {"evals": 0, "best": None, "ratio": None}

    import numpy
    import kernel_tuner

    said["version"] = getattr(kernel_tuner, "__version__", "?")
    said["start"] = time.time() - BEGAN

    def clock(p):
        """Called after every measurement, as a metric: has it arrived?"""
        seen["evals"] += 1
        if seen["best"] is None or p["time"] < seen["best"]:
            seen["best"], seen["ratio"] = p["time"], truth.get(named(kernel, p))
        at = time.time() - BEGAN
        if seen["ratio"] and seen["ratio"] <= NEAR:
            say({**said, "seconds": at, "evals": seen["evals"], "ratio": seen["ratio"]})
            os._exit(0)
        if at > limit:
            say({**said, "seconds": None, "evals": seen["evals"], "ratio": seen["ratio"]})
            os._exit(0)
        return 0

    grid_x, grid_y = about["grid"]
    try:
        kernel_tuner.tune_kernel(
            kernel, source(kernel), about["problem"], arguments(kernel, numpy), OrderedDict(about["tune"]),
            grid_div_x=grid_x, grid_div_y=grid_y, block_size_names=about["blocks"], restrictions=about["where"],
            lang=os.environ.get("KT_LANG", "cupy"), strategy=strategy, strategy_options={"time_limit": limit},
            metrics=OrderedDict(clock=clock), seed=seed, quiet=True)
    except Exception as why:  # its strategies end in many ways
        said["why"] = str(why)[:300]
    say({**said, "seconds": None, "evals": seen["evals"], "ratio": seen["ratio"]})


def ours(kernel, seed, file, report, wall):
    """When a search of ours arrived: the report counts from its beginning, the wall from the process's."""
    truth, report = reference(kernel, file), json.load(open(report))
    before = max(0.0, wall - report["searched"])
    best = said = ratio = None
    n = 0
    for trial in report["trials"]:
        if trial["state"] != "good":
            continue
        n += 1
        if best is None or trial["score"] < best:
            best, ratio = trial["score"], truth.get(named(kernel, trial["values"]))
        if said is None and ratio and ratio <= NEAR:
            said = {"seconds": before + trial["at"], "evals": n, "ratio": ratio}
    pace = report.get("pace") or {}
    say({"kernel": kernel, "tool": "ksnvcc", "strategy": "surrogate", "seed": seed, "start": before,
         **(said or {"seconds": None, "evals": n, "ratio": ratio}), "final": ratio, "wall": wall,
         "rate": pace.get("explore_rate"), "busy": pace.get("busy"), "explore_busy": pace.get("explore_busy")})


def median(values):
    """Over the seeds; a search that did not arrive counts as longer than all others."""
    value = statistics.median(float("inf") if v is None else v for v in values)
    return value


def failed(run):
    """A search that measured nothing says nothing of how long one takes."""
    return run["seconds"] is None and not run["evals"]


def table(file, as_json):
    rows, results = [], [json.loads(line) for line in open(file) if line.strip()]
    for kernel in dict.fromkeys(r["kernel"] for r in results):
        mine = [r["seconds"] for r in results if r["kernel"] == kernel and r["tool"] == "ksnvcc"]
        if not mine:
            continue
        own = median(mine)
        for tool, strategy in dict.fromkeys((r["tool"], r["strategy"]) for r in results if r["kernel"] == kernel):
            runs = [r for r in results if (r["kernel"], r["tool"], r["strategy"]) == (kernel, tool, strategy)]
            ran = [r["seconds"] for r in runs if not failed(r)]
            value = median(ran) if ran else None
            limit = max([r.get("limit") or 0 for r in runs])
            rows.append({"kernel": kernel, "tool": tool, "strategy": strategy,
                         "seconds": [r["seconds"] for r in runs], "failed": [failed(r) for r in runs],
                         "why": next((r["why"] for r in runs if r.get("why") and failed(r)), None),
                         "median": None if value == float("inf") else value,
                         "limit": limit or None, "evals": [r["evals"] for r in runs],
                         "times_ksnvcc": None if own == float("inf") or not ran else
                         (limit if value == float("inf") else value) / own,
                         "at_least": value == float("inf")})
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    print("Seconds of wall time, from the start of the process, to within 5 % of the best of an exhaustive search.")
    print("ksnvcc checks every launch that it times against the original, on inputs that it draws itself, and compiles")
    print("with nvcc; Kernel Tuner checks nothing unless it is given an answer, times 7 launches on the same inputs, and")
    print("compiles with NVRTC. Each as it is by default.\n")
    print("%-12s %-13s %-18s %-26s %8s %7s  %s" % ("kernel", "tool", "strategy", "seconds, a seed each", "median",
                                                  "x", "variants"))
    for r in rows:
        each = " ".join("failed" if bad else "%.1f" % s if s is not None else ">%g" % (r["limit"] or 0)
                        for s, bad in zip(r["seconds"], r["failed"]))
        middle = "%.1f" % r["median"] if r["median"] is not None else ">%g" % r["limit"] if r["at_least"] else "-"
        times = "-" if r["times_ksnvcc"] is None else "%s%.1f" % (">" if r["at_least"] else "", r["times_ksnvcc"])
        print("%-12s %-13s %-18s %-26s %8s %7s  %s" % (r["kernel"], r["tool"], r["strategy"], each, middle, times,
                                                      " ".join(map(str, r["evals"]))))
    for r in rows:
        if r["why"]:
            print("\n%s, %s of %s: %s" % (r["kernel"], r["strategy"], r["tool"], r["why"]))


def main(words):
    if words[:1] == ["run"] and len(words) == 6:
        return run(words[1], words[2], int(words[3]), words[4], float(words[5]))
    if words[:1] == ["ours"] and len(words) == 6:
        return ours(words[1], int(words[2]), words[3], words[4], float(words[5]))
    if words[:1] == ["table"] and len(words) in (2, 3):
        return table(words[-1], "--json" in words)
    sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
