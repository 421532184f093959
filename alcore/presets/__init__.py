"""Ready-made experiments, as the TOML files a user would write."""

from importlib.resources import files

DEMONSTRATION = ("digits", "digits_cnn")
"""Those of `alcore demo`."""
NAMES = (*DEMONSTRATION, "flowers", "article")


def experiment_text(name: str) -> str:
    """The TOML text of a ready-made experiment."""
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
