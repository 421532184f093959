"""Every error that alcore raises on purpose."""


class AlcoreError(Exception):
    """Root of all errors that alcore raises on purpose.

    The message is one sentence for a person: what was received, what was expected,
    what to do. Pages and the command line show it as it is, without a traceback.
    """


class UsageError(AlcoreError):
    """The request itself cannot be met as written (bad file, name, option or budget)."""


class RunStopped(AlcoreError):
    """A run was asked to stop and did so between two steps."""


class StoreAway(AlcoreError):
    """The server of the store's database cannot be reached at this moment."""


class LeaseLost(AlcoreError):
    """Somebody else has the run now, or it is over: what this worker does no longer counts."""


def sentence(error: BaseException) -> str:
    """What any error says, on one line of at most 400 characters, with its type if not ours."""
    try:
        text = " ".join(str(error).split())[:400]
    except Exception:  # the text of a plugin's error is code of the plugin
        text = "no message"
    return storable(text if isinstance(error, AlcoreError) else f"{type(error).__name__}: {text}")


def storable(text: str) -> str:
    """The text without what no database or terminal takes: halves of characters, zero bytes."""
    return text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
