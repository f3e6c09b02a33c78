"""Everything beside its rivals, one after the other on this machine, in some fifteen minutes.

    script/benchmark everything > figures.txt

Whoever wants one part, larger or longer, runs it by its name with its own words. What a machine shares with other work
makes every figure worse: the load before each part is printed with it.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

PARTS = (
    ("Evaluation: rule engines", "evaluation"),
    ("Reports: print engines", "reports"),
    ("Saves and pages: Django, Flask", "saves", "--seconds", "15"),
    ("Starts and memory: Django, Flask", "starts"),
    ("Twenty people on 5,000 use cases", "web", "5000", "20", "30"),
    ("Proofs, meaning and replay, use case by use case beside", "impact", "1000", "10000", "100000"),
    ("Killed while people save", "crashes", "--kills", "20"),
)


def main():
    failed = 0
    for title, name, *words in PARTS:
        print(f"\n# {title} (load {os.getloadavg()[0]:.1f})\n", flush=True)
        began = time.monotonic()
        done = subprocess.run([sys.executable, str(Path(__file__).parent / f"{name}.py"), *words], check=False)
        failed += done.returncode != 0
        print(f"\n{time.monotonic() - began:.0f} s{', failed' if done.returncode else ''}", flush=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())
