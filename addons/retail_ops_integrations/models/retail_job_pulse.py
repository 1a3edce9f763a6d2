from odoo import api, fields, models

MET = """(EXCLUDED.statements <= pulse.idle_statements
             OR COALESCE(pulse.idle_at < EXCLUDED.idle_at - interval '7 days', true))"""
# The fewest count for a week after they were last met: code that came to cost more
# shows, and a run that did work does not.
PULSE = f"""
    INSERT INTO retail_job_pulse AS pulse (
        cron_id, beat_at, statements, idle_statements, idle_at, seconds
    )
    VALUES (%(cron_id)s, clock_timestamp() AT TIME ZONE 'utc', %(statements)s,
            %(statements)s, clock_timestamp() AT TIME ZONE 'utc', %(seconds)s)
        ON CONFLICT (cron_id) DO UPDATE
       SET beat_at = EXCLUDED.beat_at, statements = EXCLUDED.statements,
           seconds = EXCLUDED.seconds,
           idle_statements = CASE WHEN {MET} THEN EXCLUDED.statements
                                  ELSE pulse.idle_statements END,
           idle_at = CASE WHEN {MET} THEN EXCLUDED.idle_at
                          ELSE pulse.idle_at END
"""  # noqa: S608
MINUTES = {"minutes": 1, "hours": 60, "days": 1440, "weeks": 10080, "months": 43200}


class RetailJobPulse(models.Model):
    """When a Scheduled Action of this suite last ran through, and what that cost."""

    _name = "retail.job.pulse"
    _description = "Pulse of a Scheduled Action"
    _log_access = False
    _allow_sudo_commands = False
    _order = "beat_at desc"
    _rec_name = "cron_id"

    cron_id = fields.Many2one(
        "ir.cron", required=True, readonly=True, ondelete="cascade"
    )
    name = fields.Char(
        string="Scheduled Action", compute="_compute_job", compute_sudo=True
    )
    is_active = fields.Boolean(compute="_compute_job", compute_sudo=True)
    failures = fields.Integer(
        string="Failures in a row", compute="_compute_job", compute_sudo=True
    )
    next_at = fields.Datetime(
        string="Next run", compute="_compute_job", compute_sudo=True
    )
    beat_at = fields.Datetime(string="Last run", required=True, readonly=True)
    seconds = fields.Float(string="Took (s)", digits=(12, 3), readonly=True)
    statements = fields.Integer(
        string="SQL statements", readonly=True, help="Of the last run."
    )
    idle_statements = fields.Integer(
        string="When idle", readonly=True, help="The fewest a run took within a week."
    )
    idle_at = fields.Datetime(string="When idle, met at", readonly=True)
    idle_per_hour = fields.Integer(
        string="Idle an hour",
        compute="_compute_job",
        compute_sudo=True,
        help="SQL statements an hour while there is nothing to do.",
    )
    done = fields.Integer(compute="_compute_progress", compute_sudo=True)
    remaining = fields.Integer(
        compute="_compute_progress",
        compute_sudo=True,
        help="Left over by the last run.",
    )

    _cron_unique = models.UniqueIndex("(cron_id)", "A job has one pulse.")

    @api.depends("cron_id", "idle_statements")
    def _compute_job(self):
        for pulse in self:
            cron = pulse.cron_id
            minutes = cron.interval_number * MINUTES[cron.interval_type or "days"]
            pulse.name = cron.name
            pulse.is_active = cron.active
            pulse.failures = cron.failure_count
            pulse.next_at = cron.nextcall
            runs = 60 / minutes if minutes and cron.active else 0
            pulse.idle_per_hour = round(pulse.idle_statements * runs)

    def _compute_progress(self):
        latest = dict(
            self.env["ir.cron.progress"]._read_group(
                [("cron_id", "in", self.cron_id.ids)], ["cron_id"], ["id:max"]
            )
        )
        progress = self.env["ir.cron.progress"].browse(latest.values())
        by_cron = {step.cron_id: step for step in progress}
        for pulse in self:
            pulse.done = by_cron.get(pulse.cron_id, progress[:0]).done
            pulse.remaining = by_cron.get(pulse.cron_id, progress[:0]).remaining

    @api.model
    def _beat(self, cron, statements, seconds):
        """Note a run that went through.

        :param cron: ir.cron
        :param statements: int, SQL statements of the run
        :param seconds: float
        """
        values = {
            "cron_id": cron.id,
            "statements": statements,
            "seconds": seconds,
        }
        self.env.cr.execute(PULSE, values)
