"""How ready a store and a chain are, and how risky their launch is.

An item is a tuple ``(weight, state, is_veto, is_overdue)``; its state is open,
done, not_applicable or failed.
"""

RISKS = ("none", "low", "medium", "high")
HIGH_SHARE = 0.1
MEDIUM_SHARE = 0.25


def percent(items, ready_percent):
    """Return the share of the weight that is done.

    What does not apply weighs nothing. A veto item that is open or failed keeps
    the result one point below what counts as ready.

    :param items: list of items
    :param ready_percent: percentage from which a store counts as ready
    :return: float from 0 to 100
    """
    weights = [(weight, state) for weight, state, _veto, _late in items]
    total = sum(weight for weight, state in weights if state != "not_applicable")
    done = sum(weight for weight, state in weights if state == "done")
    share = 100.0 * done / total if total else 100.0
    if any(is_vetoed(item) for item in items):
        return min(share, ready_percent - 1.0)
    return share


def is_vetoed(item):
    """Tell whether this item alone keeps its store from being ready.

    :param item: one item
    :return: bool
    """
    _weight, state, is_veto, _late = item
    return is_veto and state in ("open", "failed")


def store_risk(items):
    """Return the risk that the store is not ready at its deadline.

    high: a veto item is overdue or failed; medium: a veto item is open, or any
    other is overdue or failed; low: something is open; none: nothing is.

    :param items: list of items
    :return: one of :data:`RISKS`
    """
    return max((_item_risk(item) for item in items), key=RISKS.index, default="none")


def _item_risk(item):
    _weight, state, is_veto, is_overdue = item
    if state not in ("open", "failed"):
        return "none"
    in_trouble = is_overdue or state == "failed"
    return RISKS[1 + is_veto + in_trouble]


def chain_risk(stores, high, medium, ready):
    """Return the risk of launching in all stores together.

    high: a tenth of the stores or more is at high risk; medium: any store is, or
    a quarter is at medium risk; low: a store is not ready yet; none: all are.

    :param stores: number of stores
    :param high: number of stores at high risk
    :param medium: number of stores at medium risk
    :param ready: number of stores that are ready
    :return: one of :data:`RISKS`
    """
    if high and high >= stores * HIGH_SHARE:
        return "high"
    if high or medium and medium >= stores * MEDIUM_SHARE:
        return "medium"
    return "none" if ready == stores else "low"
