"""The effective due time: a deadline brought forward by what is at stake."""

SEVERITY_FACTORS = {"low": 1.0, "medium": 0.9, "high": 0.75, "critical": 0.5}
IMPACT_FACTOR = 0.8


def due_factor(severity, impact, threshold):
    """Return the share of the time allowed that remains.

    :param severity: low, medium, high or critical
    :param impact: money impact, company currency
    :param threshold: the type's review threshold, company currency; 0 for none
    :return: a float in (0, 1]
    """
    factor = SEVERITY_FACTORS[severity]
    if threshold and impact >= threshold:
        factor *= IMPACT_FACTOR
    return factor


def effective_due(opened, due, factor):
    """Bring ``due`` forward to the given share of the time allowed.

    :param opened: datetime at which the clock started
    :param due: datetime of the deadline
    :param factor: what :func:`due_factor` returned
    :return: datetime between ``opened`` and ``due``
    """
    return opened + (due - opened) * factor
