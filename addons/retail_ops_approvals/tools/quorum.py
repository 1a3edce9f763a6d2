"""Can distinct people fill every step of a request?

Nobody decides twice in one request, so the steps need a system of distinct
representatives (Hall, 1935); it is found by augmenting paths (Kuhn, 1955). Roles that
must not meet in one request are settled first: of each pair one side stays out.
"""

from itertools import product


def distinct_people(steps, apart=()):
    """Give every place of every step a person of its own.

    :param steps: list of ``(candidates, needed)``: a collection of user ids, and
        how many of them have to decide
    :param apart: pairs of sets of user ids; nobody of the one decides together with
        somebody of the other, and who is in both decides nothing
    :return: list aligned with ``steps``, a set of user ids each; None when there are
        too few people
    """
    for banned in _sides_left_out(steps, apart):
        people = [(set(candidates) - banned, needed) for candidates, needed in steps]
        if (seated := _seat_all(people)) is not None:
            return seated
    return None


def _sides_left_out(steps, apart):
    """Yield sets of people that may stay out, so that no pair meets."""
    asked = set().union(*(candidates for candidates, _needed in steps))
    met = [pair for pair in apart if asked & pair[0] and asked & pair[1]]
    for chosen in product(*met):
        yield asked.intersection(set().union(*chosen))


def _seat_all(steps):
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


def seat_for(person, principals, steps, apart=()):
    """Return in whose name, and in which step, ``person`` decides.

    Who decides and in whose name he does are both used up: neither can take another
    place of the request.

    :param person: user id
    :param principals: ids of those in whose name ``person`` may decide, first choice
        first; his own id when he may decide himself
    :param steps: as for :func:`distinct_people`
    :param apart: as for :func:`distinct_people`
    :return: ``(index into principals, index into steps)``, the first that leaves all
        other places possible, or the first of all when none does; None for no seat
    """
    seats = [
        (choice, index)
        for choice, principal in enumerate(principals)
        for index, (candidates, needed) in enumerate(steps)
        if needed and principal in candidates
    ]
    for choice, index in seats:
        left = _after({person, principals[choice]}, index, steps)
        if distinct_people(left, apart) is not None:
            return choice, index
    return seats[0] if seats else None


def _after(used, index, steps):
    return [
        (set(candidates) - used, needed - (position == index))
        for position, (candidates, needed) in enumerate(steps)
    ]
