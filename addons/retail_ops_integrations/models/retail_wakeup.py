import logging

import psycopg2

from odoo import SUPERUSER_ID, api, models
from odoo.sql_db import db_connect

from ..tools.coalesce import Coalescer

_logger = logging.getLogger(__name__)

COALESCE_SECONDS = 0.05
PENDING_WAKES = "retail_ops_integrations.wakes"
LOCK_SPACE = 0x5E7A11  # of advisory locks; the second half is the job's id

# A trigger that a running job is about to delete is locked by it: it does not
# count, since that job may have looked at the queue for the last time already.
ONE_TRIGGER = """
    WITH waiting AS MATERIALIZED (
        SELECT id FROM ir_cron_trigger
         WHERE cron_id = %(cron_id)s AND call_at <= now() AT TIME ZONE 'utc'
         LIMIT 1
           FOR KEY SHARE SKIP LOCKED
    )
    INSERT INTO ir_cron_trigger (cron_id, call_at)
    SELECT id, date_trunc('second', now() AT TIME ZONE 'utc')
      FROM ir_cron
     WHERE id = %(cron_id)s AND active AND NOT EXISTS (SELECT FROM waiting)
"""


def _trigger(key):
    """Leave one trigger for the job and notify the cron workers."""
    dbname, cron_id = key
    try:
        with db_connect(dbname).cursor() as cr:
            cr.execute(
                "SELECT pg_try_advisory_xact_lock(%s, %s)", (LOCK_SPACE, cron_id)
            )
            if not cr.fetchone()[0]:
                return  # another process is waking the same job right now
            cr.execute(ONE_TRIGGER, {"cron_id": cron_id})
            cr.postcommit.add(
                api.Environment(cr, SUPERUSER_ID, {})["ir.cron"]._notifydb
            )
    except psycopg2.Error as error:
        _logger.info("job %s waits for its interval: %s", cron_id, error)


WAKER = Coalescer(COALESCE_SECONDS, _trigger)


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
        postcommit = self.env.cr.postcommit
        wakes = postcommit.data.setdefault(PENDING_WAKES, set())
        if not wakes:
            postcommit.add(lambda: [WAKER.call(key) for key in wakes])
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(xmlid)
        wakes.add((self.env.cr.dbname, cron_id))
