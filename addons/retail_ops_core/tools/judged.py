"""What is written in one go is judged when all of it is, for parts grow in turn.

Kept with the cursor, where no caller reaches it, and never in the context.
"""

from contextlib import contextmanager

KEY = "retail_judged_as_a_whole"


@contextmanager
def judged_as_a_whole(records, judge):
    """Leave these records out of :func:`judged_now` until the block ends well.

    :param records: recordset; what an outer block has is judged by that one
    :param judge: name of the method that judges them then
    """
    begun = records.env.cr.cache.setdefault((KEY, records._name), set())
    mine = set(records.ids) - begun
    begun.update(mine)
    try:
        yield
    finally:
        begun.difference_update(mine)
    getattr(records.browse(mine), judge)()


def judged_now(records):
    """Return the ``records`` of which no part is still being written."""
    begun = records.env.cr.cache.get((KEY, records._name))
    if not begun:
        return records
    return records.filtered(lambda record: record.id not in begun)
