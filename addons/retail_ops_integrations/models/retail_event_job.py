from odoo import api, fields, models

STATES = [
    ("received", "Received"),
    ("waiting", "Waiting for an earlier one"),
    ("pending", "Queued"),
    ("leased", "Being processed"),
    ("done", "Done"),
    ("parked", "Parked"),
    ("dead", "Dead letter"),
    ("skipped", "Skipped"),
    ("superseded", "Superseded"),
]
OPEN_STATES = ("received", "waiting", "pending", "leased")
FAILED_STATES = ("dead", "parked")
LANES = (
    "retail_ops_integrations.cron_process_inbox",
    "retail_ops_integrations.cron_process_inbox_2",
)


class RetailEventJob(models.Model):
    """An event's way through the queue: the narrow, hot table.

    received → waiting → pending → leased → done, parked or dead. Of the events
    with one ordering key only the first is ever pending.
    """

    _name = "retail.event.job"
    _description = "Event"
    _inherits = {"retail.event": "payload_id"}
    _log_access = False
    _allow_sudo_commands = False
    _order = "id desc"
    _rec_name = "event_id"

    payload_id = fields.Many2one(
        "retail.event",
        string="Received event",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    source_id = fields.Many2one(
        "retail.source", required=True, readonly=True, ondelete="restrict"
    )
    ordering_key = fields.Char(
        readonly=True,
        help="Events of one source with the same key are processed one after the "
        "other, in the order they came.",
    )
    state = fields.Selection(STATES, required=True, readonly=True)
    attempts = fields.Integer(
        readonly=True, help="How often processing began, crashes included."
    )
    next_at = fields.Datetime(string="Next attempt", readonly=True)
    lease_until = fields.Datetime(readonly=True)
    lease_token = fields.Char(readonly=True)
    error_class = fields.Selection(
        [("transient", "Transient"), ("business", "Business rule")],
        string="Kind of failure",
        readonly=True,
        help="Transient failures are tried again by themselves; a broken business "
        "rule waits for a person.",
    )
    reason = fields.Char(readonly=True, help="Why it is where it is.")
    finished_at = fields.Datetime(readonly=True)
    exception_id = fields.Many2one(
        "retail.exception",
        string="Store exception",
        readonly=True,
        index="btree_not_null",
    )
    owner_told = fields.Boolean(readonly=True)
    holds_key = fields.Boolean(
        readonly=True,
        help="Later events of the same ordering key wait until this one is replayed "
        "or skipped.",
    )
    is_suspect = fields.Boolean(
        string="Taken alone",
        readonly=True,
        help="Its worker ended while it was being processed: it is taken alone, "
        "after the others.",
    )
    seconds = fields.Float(
        string="Took (s)",
        compute="_compute_seconds",
        help="From arrival to outcome.",
    )

    _payload_unique = models.UniqueIndex(
        "(payload_id)", "An event stands in the queue once."
    )
    _ready_idx = models.Index("(source_id, next_at, id) WHERE state = 'pending'")
    _suspect_idx = models.Index("(next_at, id) WHERE state = 'pending' AND is_suspect")
    _received_idx = models.Index("(id) WHERE state = 'received'")
    _lease_idx = models.Index("(lease_until) WHERE state = 'leased'")
    _waiting_idx = models.Index("(source_id, ordering_key, id) WHERE state = 'waiting'")
    _head_idx = models.Index(
        "(source_id, ordering_key) WHERE state IN ('pending', 'leased') OR holds_key"
    )
    _attention_idx = models.Index(
        "(source_id, state) WHERE state IN ('dead', 'parked')"
    )

    @api.depends("finished_at", "received_at")
    def _compute_seconds(self):
        for job in self:
            finished = job.finished_at and job.received_at
            job.seconds = (
                (job.finished_at - job.received_at).total_seconds() if finished else 0
            )

    # === Verbs === #
    def _replay(self, reason):
        """Queue events again that ended, however they ended.

        A replay has no second effect: what it leads to is found by its key.

        :param reason: text for the ledger
        :return: the events that were queued
        """
        ended = self.filtered(lambda job: job.state not in OPEN_STATES).sudo()
        ready = ended.filtered(lambda job: job._recognise())
        keyed = ready.filtered("ordering_key")
        keyed.write({**FRESH, "state": "received", "next_at": self.env.cr.now()})
        (ready - keyed).write(
            {**FRESH, "state": "pending", "next_at": self.env.cr.now()}
        )
        self._note(ready, "event.replayed", reason)
        self._wake_lanes()
        return ready

    def _skip(self, reason):
        """Set events aside for good; later ones of the same key go on.

        :param reason: text for the ledger
        :return: the events that were skipped
        """
        skippable = self.filtered(
            lambda job: job.state in (*FAILED_STATES, "received", "waiting", "pending")
        ).sudo()
        skippable.write(
            {
                **FRESH,
                "state": "skipped",
                "reason": reason,
                "finished_at": fields.Datetime.now(),
            }
        )
        self._note(skippable, "event.skipped", reason)
        self._wake_lanes()
        return skippable

    @api.model
    def _wake_lanes(self):
        """Have the inbox worked off after the commit, by whoever is free first.

        Two lanes share one queue: while one is busy with a slow batch, the other
        takes what else is ready.
        """
        for lane in LANES:
            self.env["retail.wakeup"]._wake(lane)

    def _note(self, jobs, action, reason):
        facts = [
            {"source": job.source_id.code, "event_id": job.event_id, "reason": reason}
            for job in jobs
        ]
        self.env["retail.audit.entry"]._record(jobs, action, facts)

    # === Actions of users === #
    def action_replay(self):
        """Ask why, then process the events again."""
        return self.env["retail.reason"]._ask("event_replay", self)

    def action_skip(self):
        """Ask why, then set the events aside."""
        return self.env["retail.reason"]._ask("event_skip", self)

    def action_open_exception(self):
        """Open the store exception that the event led to."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "retail.exception",
            "res_id": self.exception_id.id,
            "view_mode": "form",
        }

    def action_open_trace(self):
        """Show every hop of the event's case."""
        self.ensure_one()
        return self.env["retail.trace"]._open(self.correlation_id)


# What a new attempt starts from.
FRESH = {
    "attempts": 0,
    "lease_until": False,
    "lease_token": False,
    "error_class": False,
    "reason": False,
    "finished_at": False,
    "owner_told": False,
    "holds_key": False,
    "is_suspect": False,
}
