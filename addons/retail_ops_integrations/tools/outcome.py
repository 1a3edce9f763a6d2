"""What a handler says became of an event."""

from typing import NamedTuple


class Done(NamedTuple):
    """Worked off.

    exception_id: int of the store exception, or None; note: text or None.
    """

    exception_id: int | None = None
    note: str | None = None


class Parked(NamedTuple):
    """Understood, but something it names is unknown here: a person decides.

    exception_id: int of the store exception that says so, or None.
    """

    reason: str
    exception_id: int | None = None


class Superseded(NamedTuple):
    """Not applied: a newer fact of the same ordering key is known."""

    reason: str


class Failed(NamedTuple):
    """Against a business rule: trying again by itself would change nothing."""

    reason: str
