"""Whether one person's counts take out goods more often than everybody else's."""

from math import exp, lgamma, log, log1p
from typing import NamedTuple


class Tally(NamedTuple):
    """What one person counted."""

    losses: int  # counts that took goods out of the books
    counts: int  # all counts, those that changed nothing included


class Finding(NamedTuple):
    """A person whose losses chance does not explain."""

    who: int
    tally: Tally
    others: Tally
    chance: float  # of as many losses or more, times the number of people compared


def binomial_tail(successes, trials, probability):
    """Return the chance of ``successes`` or more in ``trials``, exactly.

    The sum of the binomial probabilities from ``successes`` on (any textbook of
    statistics, e.g. Feller, An Introduction to Probability Theory, vol. 1, VI.2),
    added up from logarithms so that large numbers do not overflow.

    :param successes: int, 0 to ``trials``
    :param trials: int
    :param probability: float, 0 to 1
    :return: float, 0 to 1
    """
    if successes <= 0:
        return 1.0
    if probability <= 0:
        return 0.0
    if probability >= 1:
        return 1.0
    yes, no = log(probability), log1p(-probability)
    return min(
        1.0,
        sum(
            exp(_log_choose(trials, hits) + hits * yes + (trials - hits) * no)
            for hits in range(successes, trials + 1)
        ),
    )


def _log_choose(total, chosen):
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)


def findings(tallies, limit=0.01, least=5):
    """Compare each person with all the others together.

    The others' share of losses, with one loss and one other count added (Laplace's
    rule of succession) so that a few spotless counts prove nothing, is what chance
    would give. Its tail is multiplied by the number of people (Bonferroni), since
    among many somebody always stands out.

    :param tallies: dict of anything that names a person to a :class:`Tally`
    :param limit: chance under which somebody is flagged
    :param least: losses under which nobody is
    :return: list of :class:`Finding`, the least likely first
    """
    losses = sum(tally.losses for tally in tallies.values())
    counts = sum(tally.counts for tally in tallies.values())
    found = []
    for who, tally in tallies.items():
        others = Tally(losses - tally.losses, counts - tally.counts)
        share = (others.losses + 1) / (others.counts + 2)
        tail = binomial_tail(tally.losses, tally.counts, share)
        chance = min(1.0, tail * len(tallies))
        if tally.losses >= least and others.counts and chance < limit:
            found.append(Finding(who, tally, others, chance))
    return sorted(found, key=lambda finding: finding.chance)
