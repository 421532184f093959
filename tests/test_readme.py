"""Every block of the READMEs is run here as a reader would, or listed with the reason why not.

The blocks of one README share a folder and are taken in order. A block under a line that names a
file is written to it; any other shell or Python block is run, and no other kind is known.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

CHECKOUT = Path(__file__).parents[1]
READMES = ["README.md", "plugins/README.md"]
BLOCK = re.compile(r"(?:^`([\w./-]+)`:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RUNNERS = {
    "sh": ["bash", "-euo", "pipefail", "-c"],
    "bash": ["bash", "-euo", "pipefail", "-c"],
    "console": ["bash", "-euo", "pipefail", "-c"],
    "python": [sys.executable, "-c"],
}
NOT_RUN = {
    "make demo": "installs everything anew and serves until it is stopped; see test_make.py",
    "make test": "is what runs this test",
    "alcore data prepare tf_flowers\nalcore run --preset flowers --jobs 2": "downloads 229 MB",
    "alcore run --preset article": "takes an hour and weights from TensorFlow Hub",
    "python tests/kills.py --kills 10": "test_kills.py does that",
    'pip install ".[all]"': "downloads everything again; test_wheel.py installs the wheel",
}


@pytest.mark.parametrize("readme", READMES)
def test_every_block_works(readme: str, tmp_path: Path) -> None:
    a_file_that_the_reader_has(tmp_path)
    for file, language, text in blocks(readme):
        if file:
            (tmp_path / file).write_text(text)
        elif text.strip() not in NOT_RUN:
            run(language, text, tmp_path)


def test_every_exception_is_in_a_readme() -> None:
    texts = {text.strip() for readme in READMES for _, _, text in blocks(readme)}
    assert set(NOT_RUN) <= texts


def blocks(readme: str) -> list[tuple[str, str, str]]:
    """File (or nothing), language and text of every block."""
    text = (CHECKOUT / readme).read_text()
    found = BLOCK.findall(text)
    assert text.count("```") == 2 * len(found), f"{readme} has a block that this test cannot read"
    return found


def a_file_that_the_reader_has(folder: Path) -> None:
    rng = np.random.default_rng(0)
    np.save(folder / "probabilities.npy", rng.dirichlet(np.ones(5), 2000).astype(np.float32))
    for number in range(140):
        name = folder / "photos" / ("stripes" if number % 2 else "noise") / f"{number}.png"
        name.parent.mkdir(parents=True, exist_ok=True)
        pixels = rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)
        if number % 2:
            pixels[::4] = 255
        Image.fromarray(pixels).save(name)


def run(language: str, text: str, folder: Path) -> None:
    if language == "console":
        text = "".join(re.findall(r"^\$ (.*\n)", text, re.MULTILINE))
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [*RUNNERS[language], text],
        cwd=folder, env=os.environ | {"PATH": path}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=200, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
