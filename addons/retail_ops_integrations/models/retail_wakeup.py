import logging

import psycopg2

from odoo import SUPERUSER_ID, api, models
from odoo.sql_db import db_connect

from ..tools.coalesce import Coalescer

_logger = logging.getLogger(__name__)

COALESCE_SECONDS = 0.05
# A wake-up costs a connection and rouses every cron worker: under a flood, when the
# jobs are awake anyway, this process sends no more than five a second.
DISTANCE_SECONDS = 0.2
PENDING_WAKES = "retail_ops_integrations.wakes"
LOCK_SPACE = 0x5E7A11  # of advisory locks; the second half is the job's id

NOBODY_WAKES = """
    SELECT id FROM unnest(%s::int[]) AS job (id)
     WHERE pg_try_advisory_xact_lock(%s, id)
"""
# A trigger that a running job is about to delete is locked by it: it does not
# count, since that job may have looked at the queue for the last time already.
ONE_TRIGGER_EACH = """
    WITH waiting AS MATERIALIZED (
        SELECT cron_id FROM ir_cron_trigger
         WHERE cron_id = ANY(%(jobs)s) AND call_at <= now() AT TIME ZONE 'utc'
           FOR KEY SHARE SKIP LOCKED
    )
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT id, date_trunc('second', now() AT TIME ZONE 'utc')
      FROM ir_cron
     WHERE id = ANY(%(jobs)s) AND active
       AND id NOT IN (SELECT cron_id FROM waiting)
"""


def _trigger(dbname, cron_ids):
    """Leave one trigger for each job and notify the cron workers once."""
    try:
        with db_connect(dbname).cursor() as cr:
            cr.execute(NOBODY_WAKES, (sorted(cron_ids), LOCK_SPACE))
            jobs = [cron_id for (cron_id,) in cr.fetchall()]
            if not jobs:
                return  # another process is waking the same jobs right now
            cr.execute(ONE_TRIGGER_EACH, {"jobs": jobs})
            cr.postcommit.add(
                api.Environment(cr, SUPERUSER_ID, {})["ir.cron"]._notifydb
            )
    except psycopg2.Error as error:
        _logger.info("jobs %s wait for their interval: %s", cron_ids, error)


WAKER = Coalescer(COALESCE_SECONDS, DISTANCE_SECONDS, _trigger)


class RetailWakeup(models.AbstractModel):
    """Wakes a queue's Scheduled Action once for many commits.

    NOTIFY inside the inserting transaction would cost three quarters of the
    throughput: it is sent after the commit, from another connection.
    """

    _name = "retail.wakeup"
    _description = "Wake-up of queues"

    @api.model
    def _wake(self, xmlid):
        """Have a Scheduled Action run as soon as this transaction commits.

        :param xmlid: of the ir.cron, whose interval is the backstop
        """
        postcommit, dbname = self.env.cr.postcommit, self.env.cr.dbname
        wakes = postcommit.data.setdefault(PENDING_WAKES, set())
        if not wakes:
            postcommit.add(lambda: WAKER.call(dbname, wakes))
        wakes.add(self.env["ir.model.data"]._xmlid_to_res_id(xmlid))
