"""In which precision a process multiplies."""

import os
import sys
from pathlib import Path

from alcore.errors import UsageError

_CPU = Path("/proc/cpuinfo")
_BFLOAT16_CPUS = ("avx512_bf16", "amx_bf16")
_MODE = "ONEDNN_DEFAULT_FPMATH_MODE"
_MODES = {"float32": "STRICT", "bfloat16": "BF16"}


def choose_precision(precision: str) -> None:
    """Set in which precision this process multiplies; a SavedModel's own types are fixed.

    Raises:
        UsageError: bfloat16 on a CPU that lacks it, where it would change nothing, or
            TensorFlow already runs with the other one.
    """
    wanted = _MODES[precision]
    if wanted == "BF16" and not _cpu_has_bfloat16():
        raise UsageError(
            'model.precision = "bfloat16" has no effect on this CPU, which has neither '
            'AVX512-BF16 nor AMX; use "float32"'
        )
    if "tensorflow" in sys.modules and os.environ.get(_MODE, "STRICT") != wanted:
        raise UsageError(
            f"TensorFlow already runs with another precision than {precision} in this process; "
            "start a new process"
        )
    os.environ[_MODE] = wanted


def _cpu_has_bfloat16() -> bool:
    flags = _CPU.read_text() if _CPU.is_file() else ""
    return any(name in flags for name in _BFLOAT16_CPUS)
