"""The approval matrix as compiled rows.

The first row, in the policy's order, whose scope and thresholds all hold decides.
Rows are found by scope (exception type, family, store format, region), so that a
document is compared with the few rows that could ever concern it.
"""

from collections import defaultdict
from itertools import product
from math import inf
from typing import NamedTuple

from .bands import Bands

NEAR_MISSES = 5
THRESHOLDS = {  # fact, and the field of a row that asks for so much of it
    "variance": "variance_min",
    "recurrence": "recurrence_min",
    "risk": "risk_min",
    "outlier": "outlier_min",
}
ANY = None


class Row(NamedTuple):
    """One row; an empty scope holds for every document."""

    id: int
    currency_id: int = 0  # 0: the company's currency
    amount_min: float = 0.0
    amount_max: float = 0.0  # 0: no upper end; the end itself is outside
    variance_min: float = 0.0  # percent
    type_ids: tuple = ()
    family: str = ""
    store_format: str = ""
    region_ids: tuple = ()
    group_ids: tuple = ()  # roles, one of which the requester holds
    is_emergency: bool = False  # True: only for emergencies
    recurrence_min: int = 0  # times in the window, this one included
    risk_min: int = 0  # of the store: 1 low, 2 medium, 3 high
    counts_split: bool = False  # True: also meant by amounts cut into several
    base_id: int = 0  # the row that this one stands for in its regions
    category_ids: tuple = ()  # of products
    margin_below: float = 0.0  # percent; a margin nobody knows is below any
    is_outside_campaign: bool = False  # True: only where no campaign covers it
    is_outside_terms: bool = False  # True: only outside catalogue or budget
    outlier_min: float = 0.0  # robust score against earlier amounts

    @property
    def is_plain(self):
        """Tell whether amount and variance alone decide within the row's scope."""
        return not (
            self.group_ids
            or self.is_emergency
            or self.recurrence_min
            or self.risk_min
            or self.outlier_min
            or self.margin_below
            or self.is_outside_campaign
            or self.is_outside_terms
        )


class Facts(NamedTuple):
    """What is known of one document."""

    amount: float = 0.0  # company currency
    variance: float = 0.0  # percent, absolute
    type_id: int = 0
    family: str = ""
    store_format: str = ""
    region_ids: tuple = ()  # the store's region and all above it
    rates: dict = {}  # currency id -> what one unit of company currency is worth
    group_ids: tuple = ()  # of the requester
    is_emergency: bool = False
    recurrence: int = 1
    risk: int = 0
    category_ids: tuple = ()  # the product's category and all above it
    margin: float | None = None  # percent that is left, None where nobody knows
    is_outside_campaign: bool = False
    is_outside_terms: bool = False
    outlier: float = 0.0  # robust score, see tools.outlier


class Miss(NamedTuple):
    """Why a row of the right scope does not hold."""

    row: Row
    condition: str  # the field of the row that is not met
    wanted: float
    found: float


class TurningPoint(NamedTuple):
    """Where another amount would meet another row."""

    amount: float  # company currency
    side: str  # "below": under this amount; "from": at it and above
    row: Row | None


class Change(NamedTuple):
    """Another fact than the amount that would lead to another row."""

    fact: str  # a field of Facts, or with_role, without_role
    value: float  # percent, times, risk, whether so, id of the role
    row: Row | None


class Matrix:
    """Rows of one request kind, compiled once for each published version."""

    def __init__(self, rows, variants=()):
        """Compile rows.

        :param rows: list of :class:`Row`, in the policy's order
        :param variants: list of :class:`Row` that stand for others in their regions
        """
        self.rows = tuple(rows)
        self._variants = defaultdict(dict)  # region id -> id of the row -> its variant
        for row in variants:
            for region_id in row.region_ids:
                self._variants[region_id][row.base_id] = row
        self._regional = {}
        self.currency_ids = {row.currency_id for row in rows if row.currency_id}
        self.asks_risk = any(row.risk_min for row in self.rows)
        self.counts_split = any(row.counts_split for row in self.rows)
        self.asks_outlier = any(row.outlier_min for row in self.rows)
        self.asks_category = any(row.category_ids for row in self.rows)
        self._positions = defaultdict(list)
        for position, row in enumerate(self.rows):
            for scope in _scopes(row):
                self._positions[scope].append(position)
        self._bands = {
            scope: self._bands_of(positions)
            for scope, positions in self._positions.items()
        }
        self._special = {
            scope: [each for each in positions if not self.rows[each].is_plain]
            for scope, positions in self._positions.items()
        }

    def _bands_of(self, positions):
        by_currency = defaultdict(list)
        for position in positions:
            row = self.rows[position]
            if not row.is_plain:
                continue
            by_currency[row.currency_id].append(
                (position, row.amount_min, row.amount_max, row.variance_min)
            )
        return {currency: Bands(entries) for currency, entries in by_currency.items()}

    def in_regions(self, region_ids):
        """Return the rows as they stand in one place, compiled when first asked for.

        A variant of the region nearest to the store stands for its row.

        :param region_ids: the store's region and all above it, from the top down
        :return: :class:`Matrix`, this one where no region has a variant
        """
        varied = tuple(each for each in region_ids if each in self._variants)
        if not varied:
            return self
        if varied not in self._regional:
            self._regional[varied] = Matrix(self._rows_in(varied))
        return self._regional[varied]

    def _rows_in(self, region_ids):
        instead = {}
        for region_id in region_ids:
            instead |= self._variants[region_id]
        return [
            instead[row.id]._replace(region_ids=row.region_ids)
            if row.id in instead
            else row
            for row in self.rows
        ]

    def in_scope(self, facts):
        """Return the rows that concern a document, in order."""
        positions = {
            position
            for scope in _scopes_of(facts)
            for position in self._positions.get(scope, ())
        }
        return [self.rows[position] for position in sorted(positions)]

    def match(self, facts):
        """Return the row that decides, or None.

        :param facts: :class:`Facts`
        """
        firsts = [
            bands.first(_amount_in(currency_id, facts), facts.variance)
            for scope in _scopes_of(facts)
            for currency_id, bands in self._bands.get(scope, {}).items()
        ]
        firsts += [
            self._first_special(self._special.get(scope, ()), facts)
            for scope in _scopes_of(facts)
        ]
        found = [position for position in firsts if position is not None]
        return self.rows[min(found)] if found else None

    def _first_special(self, positions, facts):
        """Rows with conditions beyond amount and variance are few and tried in turn."""
        for position in positions:
            row = self.rows[position]
            if _miss(row, facts) is None:
                return position
        return None

    def near_misses(self, facts):
        """Return why the rows before the deciding one do not hold.

        :param facts: :class:`Facts`
        :return: list of :class:`Miss`, nearest threshold first
        """
        misses = []
        for row in self.in_scope(facts):
            miss = _miss(row, facts)
            if miss is None:
                break
            misses.append(miss)
        return sorted(misses, key=_distance)[:NEAR_MISSES]

    def turning_points(self, facts):
        """Return the nearest amounts, one each way, that lead to another row.

        :param facts: :class:`Facts`
        :return: list of up to two :class:`TurningPoint`
        """
        rows = self.in_scope(facts)
        current = _first(rows, facts)
        bounds = sorted({0.0} | {end for row in rows for end in _ends(row, facts)})
        under = [bound for bound in bounds if bound <= facts.amount]
        over = [bound for bound in bounds if bound > facts.amount]
        points = []
        for lower, bound in zip(reversed(under[:-1]), reversed(under), strict=False):
            row = _first(rows, facts._replace(amount=lower))
            if row != current:
                points.append(TurningPoint(bound, "below", row))
                break
        for bound in over:
            row = _first(rows, facts._replace(amount=bound))
            if row != current:
                points.append(TurningPoint(bound, "from", row))
                break
        return points

    def changes(self, facts):
        """Return which other single facts, the amount aside, lead to another row.

        :param facts: :class:`Facts`
        :return: list of :class:`Change`
        """
        current = self.match(facts)
        tried = [
            (fact, value, self.match(facts._replace(**other)))
            for fact, value, other in _other_facts(self.in_scope(facts), facts)
        ]
        return [Change(*each) for each in tried if each[-1] != current]


def _other_facts(rows, facts):
    """Return ``(fact, value, fields of Facts)``: the next threshold of each, roles."""
    found = []
    for fact, field in THRESHOLDS.items():
        above = {getattr(row, field) for row in rows} - {0}
        above = [each for each in above if each > getattr(facts, fact)]
        found += [(fact, each, {fact: each}) for each in sorted(above)[:1]]
    floors = {row.margin_below for row in rows if row.margin_below}
    under = [
        each for each in floors if facts.margin is not None and facts.margin >= each
    ]
    found += [("margin", each, {"margin": each - 0.01}) for each in sorted(under)[-1:]]
    for fact in ("is_emergency", "is_outside_campaign", "is_outside_terms"):
        other = not getattr(facts, fact)
        if not other or any(getattr(row, fact) for row in rows):
            found.append((fact, other, {fact: other}))
    held = set(facts.group_ids)
    for role in sorted({each for row in rows for each in row.group_ids}):
        name = "without_role" if role in held else "with_role"
        found.append((name, role, {"group_ids": tuple(held ^ {role})}))
    return found


def gaps(rows):
    """Return the amounts that no row without further conditions covers.

    :param rows: rows of one kind
    :return: list of ``(from, to)`` in the currency that leaves fewest; ``to`` is
        None for an open end
    """
    plain = [row for row in rows if _is_unconditional(row)]
    by_currency = [
        [row for row in plain if row.currency_id == currency]
        for currency in {row.currency_id for row in plain}
    ]
    return min(map(_holes, by_currency or [[]]), key=len)


def _holes(rows):
    holes, reached = [], 0.0
    for row in sorted(rows, key=lambda row: row.amount_min):
        if row.amount_min > reached:
            holes.append((reached, row.amount_min))
        if not row.amount_max:
            return holes
        reached = max(reached, row.amount_max)
    return [*holes, (reached, None)]


def shadowed(rows):
    """Return the rows that can never decide, with the earlier row that does.

    :param rows: rows of one kind, in the policy's order
    :return: list of ``(row, earlier row)``
    """
    found = []
    for position, row in enumerate(rows):
        above = (earlier for earlier in rows[:position] if _covers(earlier, row))
        earlier = next(above, None)
        if earlier:
            found.append((row, earlier))
    return found


def overlaps(rows):
    """Return amounts that two rows without further conditions both cover.

    :param rows: rows of one kind, in the policy's order
    :return: list of ``(row that decides, later row, from, to)``; ``to`` is None for an
        open end. Rows that an earlier one covers altogether are left to
        :func:`shadowed`
    """
    plain = [row for row in rows if _is_unconditional(row)]
    found = []
    for place, row in enumerate(plain):
        shared = [(each, *_shared(each, row)) for each in plain[:place]]
        shared = [(each, low, high) for each, low, high in shared if low < high]
        if not any(_covers(each, row) for each, _low, _high in shared):
            found += [
                (each, row, low, None if high == inf else high)
                for each, low, high in shared
            ]
    return found


def _shared(row, other):
    """Return from and to which amounts both rows hold; nothing when to is lower."""
    if row.currency_id != other.currency_id:
        return 0.0, 0.0
    low = max(row.amount_min, other.amount_min)
    return low, min(_end(row), _end(other))


def _end(row):
    return row.amount_max or inf


def _scopes(row):
    return product(
        row.type_ids or (ANY,),
        (row.family or ANY,),
        (row.store_format or ANY,),
        row.region_ids or (ANY,),
        row.category_ids or (ANY,),
    )


def _scopes_of(facts):
    """Return the scopes that rows about a document can have."""
    return product(
        {ANY, facts.type_id},
        {ANY, facts.family},
        {ANY, facts.store_format},
        {ANY, *facts.region_ids},
        {ANY, *facts.category_ids},
    )


def _amount_in(currency_id, facts):
    if not currency_id:
        return facts.amount
    return round(facts.amount * facts.rates[currency_id], 6)


def _first(rows, facts):
    return next((row for row in rows if _miss(row, facts) is None), None)


def _miss(row, facts):
    amount = _amount_in(row.currency_id, facts)
    if amount < row.amount_min:
        return Miss(row, "amount_min", row.amount_min, amount)
    if row.amount_max and amount >= row.amount_max:
        return Miss(row, "amount_max", row.amount_max, amount)
    if facts.variance < row.variance_min:
        return Miss(row, "variance_min", row.variance_min, facts.variance)
    if facts.recurrence < row.recurrence_min:
        return Miss(row, "recurrence_min", row.recurrence_min, facts.recurrence)
    if facts.risk < row.risk_min:
        return Miss(row, "risk_min", row.risk_min, facts.risk)
    if facts.outlier < row.outlier_min:
        return Miss(row, "outlier_min", row.outlier_min, facts.outlier)
    if row.is_emergency and not facts.is_emergency:
        return Miss(row, "is_emergency", 1, 0)
    if row.group_ids and not set(row.group_ids) & set(facts.group_ids):
        return Miss(row, "group_ids", 1, 0)
    return _miss_of_offer(row, facts)


def _miss_of_offer(row, facts):
    known = facts.margin is not None
    if row.margin_below and known and facts.margin >= row.margin_below:
        return Miss(row, "margin_below", row.margin_below, facts.margin)
    if row.is_outside_campaign and not facts.is_outside_campaign:
        return Miss(row, "is_outside_campaign", 1, 0)
    if row.is_outside_terms and not facts.is_outside_terms:
        return Miss(row, "is_outside_terms", 1, 0)
    return None


def _distance(miss):
    return abs(miss.wanted - miss.found) / (miss.wanted or 1)


def _ends(row, facts):
    rate = facts.rates[row.currency_id] if row.currency_id else 1.0
    return [end / rate for end in (row.amount_min, row.amount_max) if end]


def _is_unconditional(row):
    return row.is_plain and not (
        row.variance_min
        or row.type_ids
        or row.family
        or row.store_format
        or row.region_ids
        or row.category_ids
    )


def _covers(earlier, row):
    """Tell whether every document that ``row`` fits also fits ``earlier``."""
    return (
        earlier.currency_id == row.currency_id
        and earlier.amount_min <= row.amount_min
        and _reaches(earlier, row)
        and earlier.variance_min <= row.variance_min
        and earlier.recurrence_min <= row.recurrence_min
        and earlier.risk_min <= row.risk_min
        and earlier.outlier_min <= row.outlier_min
        and (row.is_emergency or not earlier.is_emergency)
        and _within(row.group_ids, earlier.group_ids)
        and _within(row.type_ids, earlier.type_ids)
        and _within(row.region_ids, earlier.region_ids)
        and _within(row.category_ids, earlier.category_ids)
        and _is_no_wider(row, earlier)
        and earlier.family in ("", row.family)
        and earlier.store_format in ("", row.store_format)
    )


def _is_no_wider(row, earlier):
    """Tell whether what a row asks of an offer holds for the earlier too."""
    floor = earlier.margin_below
    return (
        (not floor or 0 < row.margin_below <= floor)
        and (row.is_outside_campaign or not earlier.is_outside_campaign)
        and (row.is_outside_terms or not earlier.is_outside_terms)
    )


def _reaches(earlier, row):
    return not earlier.amount_max or bool(
        row.amount_max and row.amount_max <= earlier.amount_max
    )


def _within(inner, outer):
    return not outer or (bool(inner) and set(inner) <= set(outer))
