"""Draws the sets that are measured and prints the table of docs/reader.md: goals and figures.

`python3 reader/evaluate.py JARI [--count N] [--scenes N] [--share test] [--keep FOLDER]`, where JARI is the program, built for
release.
"""

import argparse
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(jari, kind, count, share, folder, seed=1):
    """What `jari evaluate` says of a set, drawn if it is not there yet."""
    path = os.path.join(folder, f"{share}-{kind}-{count}-{seed}")
    if not os.path.exists(os.path.join(path, "done")):
        subprocess.run([sys.executable, os.path.join(HERE, "draw_set.py"), kind, str(count), path, "--share", share, "--seed", str(seed)], check=True)
        open(os.path.join(path, "done"), "w").close()
    command = [jari, "evaluate", path, "--labels", os.path.join(path, "labels.csv"), "--report", path + ".html", "--json"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def main():
    a = argparse.ArgumentParser()
    a.add_argument("jari")
    a.add_argument("--count", type=int, default=1000)
    a.add_argument("--scenes", type=int, default=1000)
    a.add_argument("--share", default="test")
    a.add_argument("--keep", default=os.path.join(HERE, "sets"))
    a = a.parse_args()
    mild, hard, scenes, empty = (
        run(a.jari, kind, count, a.share, a.keep) for kind, count in (("mild", a.count), ("hard", a.count), ("scenes", a.scenes), ("empty", a.scenes))
    )
    rows = [
        ("whole plate right, crops, mild", ">= 0.985", mild["right"]),
        ("whole plate right, crops, hard", ">= 0.93", hard["right"]),
        ("whole plate right, 1280 x 720 scenes", ">= 0.95", scenes["right"]),
        ("plate read in a scene without one", "<= 0.01", empty["invented"]),
        (f"mild: accepted from {mild['threshold']}", ">= 0.90", mild["accepted"]),
        ("mild: right among the accepted", ">= 0.998", mild["rightAmongAccepted"]),
        (f"hard: accepted from {hard['threshold']}", "", hard["accepted"]),
        ("hard: right among the accepted", "", hard["rightAmongAccepted"]),
        ("calibration error, mild", "<= 0.02", mild["calibrationError"]),
        ("calibration error, hard", "<= 0.02", hard["calibrationError"]),
        ("hard: right booking of 40 expected", ">= 0.99", hard["matchedAgainst40"]),
        ("milliseconds a crop, median", "<= 5", mild["millisecondsMedian"]),
        ("milliseconds a scene, median", "<= 150", scenes["millisecondsMedian"]),
    ]
    print("| what | goal | here |\n|---|---|---|")
    for what, goal, value in rows:
        print(f"| {what} | {goal} | {value:.4g} |")
    confusions = {}
    for told in (mild, hard, scenes):
        for pair in told["confusions"]:
            key = (pair["plate"], pair["read"])
            confusions[key] = confusions.get(key, 0) + pair["times"]
    ranked = sorted(confusions.items(), key=lambda item: -item[1])
    print("\nmost confused (plate, read, times):", ", ".join(f"{t} {r} {n}" for (t, r), n in ranked[:30]))


if __name__ == "__main__":
    main()
