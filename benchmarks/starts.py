"""From nothing to the first answer, and what each process keeps in memory, beside Django and a bare Flask page.

    script/benchmark starts

Each server is started three times on a store that is there already, the best time counts: until /health answers, which
the product does once the law is read. Memory is what is resident after some pages were asked for.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from crashes import answers, fill, free_port
from saves import CLIENTS, THREADS, Anybody, reading, resident

from compliance.config import load

BARE = """
import sys
from flask import Flask
from waitress import serve
app = Flask("bare")
app.add_url_rule("/health", view_func=lambda: "alive")
serve(app, host="127.0.0.1", port=int(sys.argv[1]), threads=int(sys.argv[2]))
"""


def children(pid):
    """Return the processes below one, by what they run."""
    found, todo = {}, [pid]
    while todo:
        parent = todo.pop()
        for task in Path(f"/proc/{parent}/task").iterdir():
            for child in (task / "children").read_text().split():
                words = Path(f"/proc/{child}/cmdline").read_bytes().decode().split("\0")
                found[int(child)] = " ".join(words[2:4])
                todo.append(int(child))
    return found


def started(command, environment, port, pages=()):
    """Start a server; return the seconds until it answered, its memory, and that of the processes below it, in MB."""
    began = time.perf_counter()
    server = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL)
    try:
        while not answers(port):
            assert server.poll() is None, command
            time.sleep(0.01)
        took = time.perf_counter() - began
        client = Anybody(port, 0)
        for page in pages:
            reading(client, page)()
        time.sleep(3)  # its workers are there, too
        below = {name: resident([pid]) for pid, name in children(server.pid).items()}
        return took, resident([server.pid]), below
    finally:
        server.terminate()
        server.wait()


def best(times, command, environment, port, pages=()):
    found = [started(command, environment, port, pages) for _ in range(times)]
    return {"start_s": round(min(took for took, *_ in found), 2), "memory_mb": found[-1][1], "below_mb": found[-1][2]}


def main():
    result, port = {}, free_port()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PYRAMIDE_INSTANCE": folder, "PYRAMIDE_PORT": str(port), "PYRAMIDE_WORKERS": "1"}
        fill(load(environment), [port], CLIENTS)
        command = [sys.executable, "-m", "compliance.cli", "serve"]
        result["Pyramide"] = best(3, command, environment, port, ["/sign-in"])
        script = str(Path(__file__).parent / "rival_django.py")
        command = [sys.executable, script, folder, str(port), str(THREADS), str(CLIENTS), "200"]
        started(command, {}, port)  # makes its store
        result["Django"] = best(3, command, {}, port, ["/sign-in"])
        result["bare Flask"] = best(3, [sys.executable, "-c", BARE, str(port), str(THREADS)], {}, port)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
