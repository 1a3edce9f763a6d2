"""What a draft would have made of the past, added up.

Every past request is answered twice: as it went, and by the draft. Equal answers are
the same object, so that a hundred thousand requests come down to a few counters.
"""

from collections import Counter, defaultdict
from typing import NamedTuple

from . import quorum

MOVES_KEPT = 1000


class Answer(NamedTuple):
    """Who would have been asked by one row, in one store, without those involved."""

    rule_id: int  # 0: no row holds, or no policy covers the kind
    path: tuple | None  # what two rows that ask the same have in common; None: none
    steps: tuple = ()  # ((frozenset of user ids, approvals needed), ...)
    conflicts: int = 0  # people left out because they had a hand in the case
    hours: float = 0.0  # expected from request to the last approval

    @property
    def is_automatic(self):
        """Tell whether a row says that nobody has to decide."""
        return self.path == ()

    @property
    def is_dead_end(self):
        """Tell whether it would have gone to the policy's owner."""
        return self.path is None or quorum.distinct_people(list(self.steps)) is None


class Past(NamedTuple):
    """One past request, as far as routes depend on it."""

    id: int
    kind_id: int
    company_id: int
    store_id: int
    rule_id: int
    amount: float  # in the currency of the report
    excluded: frozenset  # ids of users who had a hand in the case
    cost_centre_id: int = 0


class Side:
    """One side of the report for one kind: as it went, or as the draft would."""

    def __init__(self):
        self.count = self.automatic = self.dead_ends = self.conflicts = 0
        self.unseen = self.hours = 0.0

    def add(self, answer, count, amount):
        """Add ``count`` requests of the same answer.

        :param answer: :class:`Answer`
        :param count: how many requests
        :param amount: their amounts together
        """
        self.count += count
        self.conflicts += count * bool(answer.conflicts)
        if answer.is_automatic:
            self.automatic += count
            self.unseen += amount
        elif answer.is_dead_end:
            self.dead_ends += count
        else:
            self.hours += count * answer.hours

    @property
    def decided(self):
        """Return how many requests people could decide."""
        return self.count - self.automatic - self.dead_ends

    @property
    def mean_hours(self):
        """Return the expected hours of a request that people decide."""
        return self.hours / self.decided if self.decided else 0.0


class Comparison:
    """Past requests, answered twice."""

    def __init__(self):
        self.count = 0
        self.moves = []  # (amount, request id, before, after)
        self.moved = self.looser = self.stricter = 0
        self._pairs = defaultdict(lambda: [0, 0.0])

    def add(self, past, before, after):
        """Count one past request.

        :param past: :class:`Past`
        :param before: :class:`Answer` as it went
        :param after: :class:`Answer` of the draft
        """
        self.count += 1
        pair = self._pairs[past.kind_id, before, after]
        pair[0] += 1
        pair[1] += past.amount
        if before.path != after.path:
            self.moved += 1
            self.looser += after.is_automatic
            self.stricter += before.is_automatic
            self._keep((past.amount, past.id, before, after))

    def _keep(self, move):
        self.moves.append(move)
        if len(self.moves) >= 2 * MOVES_KEPT:
            self.moves = self.largest_moves()

    def largest_moves(self):
        """Return the moved requests of the largest amounts, largest first."""
        return sorted(self.moves, key=lambda move: (-move[0], move[1]))[:MOVES_KEPT]

    def by_kind(self):
        """Return both sides of each kind.

        :return: dict of kind id to ``(before, after)``, each a :class:`Side`, and
            how many of its requests moved
        """
        kinds = defaultdict(lambda: [Side(), Side(), 0])
        for (kind_id, before, after), (count, amount) in self._pairs.items():
            line = kinds[kind_id]
            line[0].add(before, count, amount)
            line[1].add(after, count, amount)
            line[2] += count * (before.path != after.path)
        return kinds

    def load(self):
        """Return how often each person would have been asked, and have decided.

        A step that any of five may decide counts a fifth of a decision for each.

        :return: ``(before, after)``, each a pair of Counters of user id to requests
            asked and to decisions expected
        """
        sides = ((Counter(), Counter()), (Counter(), Counter()))
        for (_kind_id, *answers), (count, _amount) in self._pairs.items():
            for (asked, decisions), answer in zip(sides, answers, strict=True):
                for people, needed in answer.steps:
                    for user_id in people:
                        asked[user_id] += count
                        decisions[user_id] += count * min(needed / len(people), 1.0)
        return sides


def expected_hours(stages):
    """Return how long a path takes: its stages one after the other.

    :param stages: list of stages; each lists the hours of the steps that are asked
        at the same time, of which the slowest counts
    :return: hours
    """
    return sum(max(hours) for hours in stages)
