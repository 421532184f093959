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
