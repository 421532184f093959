"""What importing a plugin costs, measured in a fresh process."""

import json
import subprocess
import sys
from typing import Any

HEAVY = ("tensorflow", "keras", "torch", "jax", "streamlit", "sklearn", "scipy", "pandas")
_TIME_LIMIT = 120
_PROGRAM = """
import json, sys, time
import alcore
start = time.perf_counter()
error = None
try:
    __import__(sys.argv[1])
except BaseException as raised:
    error = f"{type(raised).__name__}: {raised}"
seconds = time.perf_counter() - start
heavy = [name for name in sys.argv[2:] if name in sys.modules]
answer = {"seconds": seconds, "heavy": heavy} if error is None else {"error": error}
sys.stdout.write("\\n" + json.dumps(answer))
"""


def check_import(module: str) -> dict[str, Any]:
    """Seconds an import takes beyond alcore's own, and the heavy modules it pulls in.

    Returns:
        ``{"seconds": float, "heavy": [names]}``, or ``{"error": sentence}`` where it fails.
    """
    command = [sys.executable, "-c", _PROGRAM, module.partition(":")[0], *HEAVY]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_TIME_LIMIT
        )
    except subprocess.TimeoutExpired:
        return {"error": f"still importing after {_TIME_LIMIT} s"}
    lines = done.stdout.splitlines()
    if not lines or not lines[-1].startswith("{"):
        return {"error": f"the process ended with code {done.returncode}"}
    answer: dict[str, Any] = json.loads(lines[-1])
    return answer
