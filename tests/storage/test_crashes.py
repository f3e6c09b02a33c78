"""The running product killed while people save: what was acknowledged is there, whole, and logged."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_acknowledged_survives_kills_at_any_moment(kind, request):
    if kind == "postgresql" and "PYRAMIDE_TEST_DATABASE" not in os.environ:
        pytest.skip("no PostgreSQL")
    kills = 300 if request.config.getoption("--every-way") else 2
    command = [sys.executable, ROOT / "benchmarks/crashes.py", "--kills", str(kills), "--longest", "0.8"]
    if kind == "postgresql":  # a server of its own, as one of the server's processes is killed as well
        command.insert(0, ROOT / "script/with-postgresql")
    else:
        command += ["--database", ""]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr[-4000:]
    found = json.loads(run.stdout)
    assert found["kills"] == kills
    assert found["acknowledged"] > 0
    assert found["events"] == found["lines"] == found["acknowledged"] + found["kept unheard"]
    assert found["backends killed"] == (kind == "postgresql")
