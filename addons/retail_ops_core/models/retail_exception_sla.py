from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..tools import priority, worktime

SLA_BATCH = 200
CLOCKS = ("acknowledge_due", "act_due", "resolve_due")
DONE = {"acknowledge_due": "acknowledged_at", "act_due": "acted_at"}
CLOCK_FIELDS = {"reopened_at", "pause_ids", "paused_hours", "paused_wall_hours"}


class RetailException(models.Model):
    """Clocks: deadlines on the store's hours, pauses, breach and escalation."""

    _inherit = "retail.exception"

    opened_at = fields.Datetime(
        default=fields.Datetime.now,
        readonly=True,
        copy=False,
        help="When the clocks started.",
    )
    acknowledge_due = fields.Datetime(readonly=True, copy=False)
    act_due = fields.Datetime(readonly=True, copy=False)
    resolve_due = fields.Datetime("Deadline", readonly=True, copy=False)
    effective_due = fields.Datetime(
        "Due",
        readonly=True,
        copy=False,
        help="The deadline, brought forward by severity and money impact: "
        "worklists sort by it.",
    )
    priority_note = fields.Char("Why this due time", readonly=True, copy=False)
    breached_at = fields.Datetime(
        readonly=True, copy=False, help="The deadline that was missed."
    )
    next_escalation_at = fields.Datetime(readonly=True, copy=False)
    escalation_level = fields.Integer(
        readonly=True, copy=False, help="0 in the store, 1 at its region, and so on up."
    )
    reopened_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When it was last taken up again: the clock to resolve starts anew.",
    )
    pause_ids = fields.One2many(
        "retail.exception.pause", "exception_id", "Pauses", readonly=True
    )
    paused_hours = fields.Float(
        "Paused (opening hours)",
        compute="_compute_paused_hours",
        store=True,
        help="Opening hours of the store in which the clocks stood still.",
    )
    paused_wall_hours = fields.Float(
        "Paused (hours by the clock)",
        compute="_compute_paused_hours",
        store=True,
        help="All hours in which the clocks stood still, nights and holidays included.",
    )
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _escalation_idx = models.Index(
        "(next_escalation_at) WHERE is_open IS TRUE AND next_escalation_at IS NOT NULL"
    )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name in CLOCK_FIELDS:
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.depends("pause_ids")
    def _compute_paused_hours(self):
        for exception in self:
            pauses = exception.sudo().pause_ids
            exception.paused_hours = sum(pauses.mapped("working_hours"))
            exception.paused_wall_hours = sum(pauses.mapped("wall_hours"))

    @api.depends("resolve_due", "is_open", "state")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for exception in self:
            due = exception.resolve_due
            exception.is_overdue = bool(exception.is_open and due and due < now)

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return [("is_open", "=", True), ("resolve_due", "<", fields.Datetime.now())]

    # === Deadlines === #
    def _set_deadlines(self):
        """Place the hours of the SLA policy on the stores' calendars.

        Worked out from facts alone (policy, opening, pauses, opening hours), so that
        it may be repeated whenever one of them changes.
        """
        self.filtered("is_open")._place_deadlines()

    def _place_deadlines(self):
        plan = [item for exception in self for item in exception._clock_plan()]
        moments = iter(self.env["retail.store"]._plan_batch(plan))
        self._write_each(
            exception._deadline_values(next(moments), next(moments), next(moments))
            for exception in self
        )

    def _clock_plan(self):
        """Return ``(store, start, hours, pauses)`` of each of the three clocks."""
        pauses = [(pause.began_at, pause.ended_at) for pause in self.pause_ids]
        begin, again = self.opened_at, self.reopened_at or self.opened_at
        starts = (begin, begin, again)
        return [
            (self.store_id, start, hours, pauses)
            for start, hours in zip(starts, self._hours_allowed(), strict=True)
        ]

    def _hours_allowed(self):
        policy = self.type_id.sla_policy_id.sudo()
        target = policy._target_for(self.severity, self.store_id.format)
        if not target:
            severities = self.env["retail.sla.target"]._severity_labels()
            raise UserError(
                self.env._(
                    "Exceptions of type “%(type)s” have no hours to keep to: add a "
                    "target for severity %(severity)s to the SLA policy “%(policy)s”.",
                    type=self.type_id.name,
                    severity=severities[self.severity],
                    policy=policy.name,
                )
            )
        return target.acknowledge_hours, target.act_hours, target.resolve_hours

    def _deadline_values(self, acknowledge, act, resolve):
        moments = zip(CLOCKS, (acknowledge, act, resolve), strict=True)
        values = {
            name: self._moved_deadline(name, moment)
            for name, moment in moments
            if not self._is_clock_over(name)
        }
        if "resolve_due" in values:
            values.update(self._priority_values(values["resolve_due"]))
            values["next_escalation_at"] = values["resolve_due"]
        return values

    def _priority_values(self, due):
        start, factor = self.reopened_at or self.opened_at, self._priority_factor()
        return {
            "effective_due": priority.effective_due(start, due, factor),
            "priority_note": self._priority_note(self, factor),
        }

    def _clock_now(self):
        """Return up to when the clocks have run: while it waits, they stand."""
        return self.waiting_since or fields.Datetime.now()

    def _is_clock_over(self, name):
        """Tell whether a deadline was met or missed, and so stands for good."""
        due, done = self[name], DONE.get(name)
        if not due or done and self[done]:
            return bool(due)
        if name == "resolve_due" and self.reopened_at and due <= self.reopened_at:
            return False
        return due <= self._clock_now()

    def _moved_deadline(self, name, moment):
        """Nobody misses a deadline backwards: it moves to now at the earliest."""
        return max(moment, self._clock_now()) if self[name] else moment

    # === Pauses === #
    def _end_waiting(self):
        """Note the pause on both clocks, and give its working time back."""
        now = fields.Datetime.now()
        waiting = self.filtered("waiting_since")
        if not waiting:
            return
        self.env["retail.exception.pause"].sudo().create(
            [exception._pause_values(now) for exception in waiting]
        )
        waiting._set_deadlines()

    def _pause_values(self, now):
        since = self.waiting_since
        days = (now - since).days + 1
        intervals = self.store_id._working_intervals(since, days)
        return {
            "exception_id": self.id,
            "reason": self.waiting_reason,
            "began_at": since,
            "ended_at": now,
            "working_hours": worktime.hours_between(intervals, since, now),
            "wall_hours": (now - since).total_seconds() / 3600,
        }

    # === Breach and escalation === #
    @api.model
    def _cron_escalate(self):
        """Scheduled Action: escalate what passed its deadline, once a level."""
        domain = [
            ("is_open", "=", True),
            ("state", "!=", "waiting"),
            ("next_escalation_at", "<=", fields.Datetime.now()),
            ("store_id.hours_changed_at", "=", False),
        ]
        remaining = self.search_count(domain)
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while batch := self.search(domain, order="next_escalation_at", limit=SLA_BATCH):
            batch = batch.try_lock_for_update().filtered_domain(domain)
            if not batch:
                break
            batch._escalate()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _escalate(self):
        """Hand each exception one level up and say why."""
        again = self._next_escalations()
        before = {exception: exception.user_id for exception in self}
        for exception in self:
            exception.write(exception._escalation_values(again[exception]))
        reasons = {exception: exception._escalation_note() for exception in self}
        self._record_escalations(before, reasons)
        self._tell(lambda exc: exc.user_id, lambda exc: reasons[exc])
        self._schedule_handling()
        self._add_activities(
            "retail_ops_core.activity_escalated",
            lambda exc: exc.user_id,
            lambda exc: reasons[exc],
        )
        self._publish_fact("exception.escalated")

    def _next_escalations(self):
        """Return dict exception -> when it climbs again if nobody resolves it."""
        now = fields.Datetime.now()
        plan = [
            (exc.store_id, now, exc.type_id.sla_policy_id.escalate_hours, ())
            for exc in self
        ]
        moments = self.env["retail.store"]._plan_batch(plan)
        return dict(zip(self, moments, strict=True))

    def _escalation_target(self, level):
        """Return who takes over: up the region tree, then the queue's owner."""
        manager = self.region_id._manager_at_level(level - 1)
        return manager or self.queue_id._answering()

    def _escalation_values(self, again):
        level = self.escalation_level + 1
        above = self._escalation_target(level)
        is_last = above == self.queue_id._answering()
        missed = self.resolve_due <= fields.Datetime.now() and self.resolve_due
        return {
            "breached_at": self.breached_at or missed,
            "escalation_level": level,
            "next_escalation_at": False if is_last else again,
            "user_id": above.id,
        }

    def _record_escalations(self, before, reasons):
        now = fields.Datetime.now()
        self.env["retail.escalation"].create(
            [
                {
                    "exception_id": exception.id,
                    "escalated_at": now,
                    "level": exception.escalation_level,
                    "from_user_id": before[exception].id,
                    "to_user_id": exception.user_id.id,
                    "reason": reasons[exception],
                }
                for exception in self
            ]
        )
        self.env["retail.audit.entry"]._record(
            self,
            "exception.escalated",
            [
                {"level": exc.escalation_level, "user_id": exc.user_id.id}
                for exc in self
            ],
        )

    def _escalation_note(self):
        return self.env._(
            "%(why)s: escalated to level %(level)s, %(user)s.",
            why=self._escalation_reason(),
            level=self.escalation_level,
            user=self.user_id.name,
        )

    def _escalation_reason(self):
        if not self.breached_at:
            return self.env._("%s asked for it before the deadline", self.env.user.name)
        zone = self.store_id.tz
        due = format_datetime(self.env, self.breached_at, tz=zone)
        return self.env._(
            "Not resolved by %(moment)s (%(zone)s)",
            moment=due,
            zone=zone,
        )
