"""Assess the uses of AI listed in a file; fail where one is high-risk or prohibited and not approved in the inventory.

    PYRAMIDE=https://pyramide.example PYRAMIDE_TOKEN=pyr_… python assess.py ai-use-cases.yaml

Ends with 0 where all is well, 1 where a use stops the build, 2 where something could not be asked.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

import yaml

STOPS = {"high_risk", "prohibited"}
SECONDS = 60


class FailedError(Exception):
    """The site could not be asked, or refused; said in its words."""


def ask(method: str, path: str, body: Any = None) -> Any:
    """Return what the API answers. Raises FailedError."""
    site, token = os.environ.get("PYRAMIDE", ""), os.environ.get("PYRAMIDE_TOKEN", "")
    if not site.startswith(("https://", "http://localhost", "http://127.0.0.1")) or not token:
        raise FailedError("Set PYRAMIDE (https://…) and PYRAMIDE_TOKEN.")
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept-Language": os.environ.get("LC_MESSAGES", "fr")[:2],
    }
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"{site.rstrip('/')}/api/v1{path}", data, headers, method=method)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as response:  # noqa: S310 - checked above
            return json.load(response)
    except urllib.error.HTTPError as error:
        try:
            said = json.load(error)
        except ValueError:
            raise FailedError(f"HTTP {error.code}") from None
        places = "".join(f"\n  {item['pointer']}: {item['detail']}" for item in said.get("errors", []))
        raise FailedError(f"{said.get('detail', error.code)}{places}") from None
    except OSError as error:
        raise FailedError(str(error)) from None


def approved(reference: str | None) -> bool:
    """Tell whether a use case of the inventory is approved. Raises FailedError."""
    if not reference:
        return False
    found = ask("GET", f"/use-cases?text={urllib.parse.quote(reference)}")
    return any(item["reference"] == reference and item["state"] == "approved" for item in found["items"])


def main(path: str) -> int:
    """Assess each use case of a file; return how the program ends."""
    try:
        listed = yaml.safe_load(Path(path).read_text(encoding="utf-8"))["use_cases"]
        found = [assessed(item) for item in listed]
    except (OSError, yaml.YAMLError, KeyError, TypeError, FailedError) as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    return 1 if any(found) else 0


def assessed(item: dict[str, Any]) -> bool:
    """Say what a use of AI is; tell whether it stops the build. Raises FailedError."""
    facts = json.loads(json.dumps(item.get("facts", {}), default=str))  # days as YAML reads them
    outcome = ask("POST", "/assessments", {"facts": facts})
    level = outcome["level"]
    stops = level["value"] in STOPS and not approved(item.get("use_case"))
    said = level["value"] or " / ".join(level["possible"]) + f" ({len(outcome['open_questions'])} ?)"
    print(f"{'STOP' if stops else 'ok  '}  {item['name']}: {said}")
    return stops


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "ai-use-cases.yaml"))
