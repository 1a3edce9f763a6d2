from collections import defaultdict

from odoo import api, fields, models

from ..tools import priority, worktime

SLA_BATCH = 200


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
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _escalation_idx = models.Index(
        "(next_escalation_at) WHERE is_open AND next_escalation_at IS NOT NULL"
    )

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

        Stores with the same hours in the same zone share one look at the calendar.
        """
        for exceptions in self.filtered("is_open")._by_opening_hours():
            plan = [
                (exception.opened_at, hours)
                for exception in exceptions
                for hours in exception._hours_allowed()
            ]
            moments = iter(exceptions[0].store_id._plan_hours(plan))
            for exception in exceptions:
                exception._write_deadlines(next(moments), next(moments), next(moments))

    def _by_opening_hours(self):
        """Return the exceptions in groups whose stores open at the same hours."""
        groups = defaultdict(self.browse)
        for exception in self:
            store = exception.store_id
            groups[store.resource_calendar_id, store.tz] |= exception
        return groups.values()

    def _hours_allowed(self):
        target = self.type_id.sla_policy_id.sudo()._target_for(self.severity)
        return target.acknowledge_hours, target.act_hours, target.resolve_hours

    def _write_deadlines(self, acknowledge, act, resolve):
        factor = self._priority_factor()
        values = {
            "acknowledge_due": acknowledge,
            "act_due": act,
            "resolve_due": resolve,
            "effective_due": priority.effective_due(self.opened_at, resolve, factor),
            "priority_note": self._priority_note(self, factor),
        }
        if not self.breached_at:
            values["next_escalation_at"] = resolve
        self.write(values)

    # === Pauses === #
    def _end_waiting(self):
        """Give back the working time that passed while waiting."""
        now = fields.Datetime.now()
        for exception in self.filtered("waiting_since"):
            since = exception.waiting_since
            days = (now - since).days + 1
            paused = worktime.hours_between(
                exception.store_id._working_intervals(since, days), since, now
            )
            if paused:
                exception._move_deadlines(since, paused)

    def _move_deadlines(self, since, hours):
        names = ("acknowledge_due", "act_due", "resolve_due", "effective_due")
        later = [name for name in names if self[name] and self[name] > since]
        plan = [(self[name], hours) for name in later]
        if plan:
            moments = self.store_id._plan_hours(plan)
            self.write(dict(zip(later, moments, strict=True)))
            if not self.breached_at:
                self.next_escalation_at = self.resolve_due

    # === Breach and escalation === #
    @api.model
    def _cron_escalate(self):
        """Scheduled Action: escalate what passed its deadline, once a level."""
        domain = [
            ("is_open", "=", True),
            ("state", "!=", "waiting"),
            ("next_escalation_at", "<=", fields.Datetime.now()),
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
        now, moments = fields.Datetime.now(), {}
        for exceptions in self._by_opening_hours():
            plan = [
                (now, exc.type_id.sla_policy_id.escalate_hours) for exc in exceptions
            ]
            planned = exceptions[0].store_id._plan_hours(plan)
            moments.update(zip(exceptions, planned, strict=True))
        return moments

    def _escalation_target(self, level):
        """Return who takes over: up the region tree, then the queue's owner."""
        manager = self.region_id._manager_at_level(level - 1)
        return manager or self.queue_id.business_owner_id

    def _escalation_values(self, again):
        level = self.escalation_level + 1
        above = self._escalation_target(level)
        is_last = above == self.queue_id.business_owner_id
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
        zoned = self.with_context(tz=self.store_id.tz)
        due = fields.Datetime.context_timestamp(zoned, self.breached_at)
        return self.env._(
            "Not resolved by %(moment)s (%(zone)s)",
            moment=f"{due:%Y-%m-%d %H:%M}",
            zone=self.store_id.tz,
        )
