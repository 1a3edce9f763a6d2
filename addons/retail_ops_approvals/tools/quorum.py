"""Can distinct people fill every step of a request?

Nobody decides twice in one request, so the steps need a system of distinct
representatives (Hall, 1935); it is found by augmenting paths (Kuhn, 1955).
"""


def distinct_people(steps):
    """Give every place of every step a person of its own.

    :param steps: list of ``(candidates, needed)``: a collection of user ids, and
        how many of them have to decide
    :return: list aligned with ``steps``, a set of user ids each; None when there are
        too few people
    """
    places = [
        index
        for index, (_candidates, needed) in enumerate(steps)
        for _ in range(needed)
    ]
    place_of = {}
    for place in range(len(places)):
        if not _seat(place, places, steps, place_of, set()):
            return None
    seated = [set() for _step in steps]
    for person, place in place_of.items():
        seated[places[place]].add(person)
    return seated


def _seat(place, places, steps, place_of, seen):
    """Seat somebody at ``place``, moving others to places they can take as well."""
    for person in sorted(steps[places[place]][0]):
        if person in seen:
            continue
        seen.add(person)
        taken = place_of.get(person)
        if taken is None or _seat(taken, places, steps, place_of, seen):
            place_of[person] = place
            return True
    return False


def step_for(person, steps):
    """Return the step in which a decision of ``person`` leaves all others possible.

    :param person: user id
    :param steps: as for :func:`distinct_people`
    :return: index into ``steps``, the first that ``person`` may decide when no choice
        leaves the others possible; None when ``person`` may decide none
    """
    mine = [
        index
        for index, (candidates, needed) in enumerate(steps)
        if needed and person in candidates
    ]
    for index in mine:
        if distinct_people(_after(person, index, steps)) is not None:
            return index
    return mine[0] if mine else None


def _after(person, index, steps):
    return [
        (set(candidates) - {person}, needed - (position == index))
        for position, (candidates, needed) in enumerate(steps)
    ]
