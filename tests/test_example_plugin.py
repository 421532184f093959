"""The example that is shipped is the one of plugins/README.md, which is built and installed."""

from pathlib import Path

from alcore_dashboard.services.plugins import example

README = Path(__file__).parents[1] / "plugins" / "README.md"


def test_the_example_is_word_for_word_that_of_the_readme() -> None:
    assert example().count("```") == 4
    assert example().strip() in README.read_text(encoding="utf-8")
