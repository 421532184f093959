"""The example that is shipped is the one of plugins/README.md, which is built and installed."""

import re
from pathlib import Path

from alcore_dashboard.services.plugins import example

README = Path(__file__).parents[1] / "plugins" / "README.md"


def test_the_example_is_word_for_word_that_of_the_readme() -> None:
    assert example().count("```") == 4
    readme = re.sub(r"^```\w+", "```text", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert example().strip() in readme
