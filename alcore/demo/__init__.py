"""The experiments of `alcore demo`, as the TOML files a user would write."""

from importlib.resources import files

NAMES = ("digits", "digits_cnn")


def experiment_text(name: str) -> str:
    """The TOML text of a demonstration experiment."""
    return (files(__name__) / f"{name}.toml").read_text(encoding="utf-8")
