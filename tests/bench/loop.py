#!/usr/bin/env python3
"""How fast searches were, and how near to the best of all points they came: for tests/bench/loop.sh.

    loop.py [--json] EXHAUSTIVE SEARCHED       folders of reports (ksnvcc report --json)

A search is judged by the times of the exhaustive one: of the best that it held for each workload, by its own
measurements, among the points without knobs. NEAR is what is asked of it, and when it first was so near for good."""
import json
import math
import os
import sys

NEAR = 1.02


def reports(folder):
    for name in sorted(os.listdir(folder)):
        if name.endswith(".report"):
            report = json.load(open(os.path.join(folder, name)))
            yield (report["about"] or {}).get("file", name), (report["about"] or {}).get("entry", name), report


def key(trial):
    return trial["name"], json.dumps(trial["values"], sort_keys=True)


def good(report):
    return [t for t in report["trials"] if t["state"] == "good"]


def judged(reference, report):
    """(over the best of all points, seconds until it was NEAR, variants until then): each workload may have a winner of its
    own, so over is the weighted geometric mean over the workloads of what is held there, beside the best"""
    truth = {key(t): t["us"] for t in good(reference)}
    weights = [w.get("weight", 1) for w in reference["about"]["workloads"]]
    if not truth:
        return None, None, None
    least = [min(us[w] for us in truth.values() if us[w] > 0) for w in range(len(weights))]
    best, held, over, at, n = [None] * len(weights), [None] * len(weights), None, None, 0
    for t in good(report):
        n += 1
        if key(t) not in truth:
            continue
        for w, us in enumerate(t["us"]):
            if us > 0 and truth[key(t)][w] > 0 and (best[w] is None or us < best[w]):
                best[w], held[w] = us, truth[key(t)][w] / least[w]
        if None in held:
            continue
        over = math.exp(sum(w * math.log(h) for w, h in zip(weights, held)) / sum(weights))
        if over > NEAR:
            at = None
        elif at is None:
            at = (t["at"], n)
    return over, at and at[0], at and at[1]


def row(file, entry, kind, report, reference):
    pace = report.get("pace") or {}
    held, at, n = judged(reference, report) if reference else (None, None, None)
    return {"file": file, "entry": entry, "kind": kind, "variants": len(report["trials"]),
            "seconds": report["searched"], **{k: pace.get(k) for k in (
                "measured", "twins", "failed", "rate", "busy", "exploring", "explore_rate", "explore_busy",
                "checking", "timing", "loading", "harness", "compilers", "engine", "compiling", "units")},
            "best": min([t["score"] for t in good(report)], default=None), "over_best": held, "near_at": at,
            "near_after": n}


def shown(x, format, times=1):
    return "-" if x is None else format % (x * times)


def main(words):
    as_json = words[:1] == ["--json"]
    exhaustive, searched = words[as_json:]
    truth = {(file, entry): report for file, entry, report in reports(exhaustive)}
    rows = []
    for folder, kind in ((exhaustive, "all"), (searched, "search")):
        for file, entry, report in reports(folder):
            rows.append(row(file, entry, kind, report, truth.get((file, entry))))
    if as_json:
        print(json.dumps(rows, indent=1))
        return
    print("%-26s %-6s %8s %7s | %9s %5s | %9s %5s | %8s %7s | %s" % (
        "entry", "", "variants", "seconds", "explored/s", "busy", "all/s", "busy", "over", "2 % at",
        "checking timing loading compilers engine harness (s), compiles of variants a unit"))
    for r in rows:
        each = r["measured"] / r["units"] if r["units"] and r["measured"] else 0
        print("%-26s %-6s %8d %7.1f | %9s %5s | %9s %5s | %8s %7s | %s, %.1f" % (
            r["entry"][-26:], r["kind"], r["variants"], r["seconds"], shown(r["explore_rate"], "%.1f"),
            shown(r["explore_busy"], "%.0f%%", 100), shown(r["rate"], "%.1f"), shown(r["busy"], "%.0f%%", 100),
            shown(r["over_best"] and r["over_best"] - 1, "%.1f%%", 100), shown(r["near_at"], "%.1fs"),
            " ".join(shown(r[k], "%.1f") for k in ("checking", "timing", "loading", "compilers", "engine", "harness")),
            each))


main(sys.argv[1:])
