from datetime import timedelta

from markupsafe import Markup

from odoo import api, fields, models

WARN_BATCH = 200
MOST_LISTED = 10
WARN_AT_SHARE = 0.8
STAMPS = {
    "acknowledge_breached_at": ("acknowledge_due", "acknowledged_at"),
    "act_breached_at": ("act_due", "acted_at"),
}


class RetailException(models.Model):
    """Notices: warnings before a deadline, clocks that ran out, stale cases."""

    _inherit = "retail.exception"

    warn_at = fields.Datetime(
        readonly=True,
        copy=False,
        help="When the assignee is warned: after 80 % of the time allowed.",
    )
    warned_at = fields.Datetime(readonly=True, copy=False)
    acknowledge_breached_at = fields.Datetime(
        readonly=True, copy=False, help="The deadline to acknowledge that was missed."
    )
    act_breached_at = fields.Datetime(
        readonly=True, copy=False, help="The deadline to act that was missed."
    )
    touched_at = fields.Datetime(
        "Last worked on",
        default=fields.Datetime.now,
        readonly=True,
        copy=False,
        help="When a person last took a step on it.",
    )
    nudged_at = fields.Datetime(readonly=True, copy=False)

    _warn_idx = models.Index("(warn_at) WHERE is_open IS TRUE AND warned_at IS NULL")
    _touched_idx = models.Index("(touched_at) WHERE is_open IS TRUE")

    @api.model
    def _has_field_access(self, field, operation):
        mine = {"warn_at", "warned_at", "touched_at", "nudged_at", *STAMPS}
        if operation == "write" and field.name in mine:
            return self.env.su
        return super()._has_field_access(field, operation)

    # === Telling people === #
    def _tell(self, user_of, body_of):
        """Put a word on each case; notify those who want to hear of it now.

        Several at once for the same person are one notification, not several.

        :param user_of: function of one exception that returns the user to tell
        :param body_of: function of one exception that returns the text
        """
        welcome = self.filtered(lambda exc: user_of(exc)._wants_notice(exc.severity))
        alone, together = self.browse(), []
        for user, exceptions in welcome.grouped(user_of).items():
            if len(exceptions) == 1:
                alone |= exceptions
            else:
                together.append((user, exceptions))
        quiet = self - alone
        if quiet:
            quiet._message_log_batch({exc.id: body_of(exc) for exc in quiet})
        for exception in alone:
            exception.message_post(
                body=body_of(exception),
                partner_ids=user_of(exception).partner_id.ids,
                subtype_xmlid="mail.mt_note",
            )
        for user, exceptions in together:
            exceptions._notify_together(user, body_of)

    def _notify_together(self, user, body_of):
        lines = [f"{exc.display_name}: {body_of(exc)}" for exc in self[:MOST_LISTED]]
        if len(self) > MOST_LISTED:
            lines.append(self.env._("and %s more", len(self) - MOST_LISTED))
        self.env["mail.thread"].message_notify(
            partner_ids=user.partner_id.ids,
            subject=self.env._("%s store exceptions", len(self)),
            body=Markup("<br/>").join(lines),
        )

    def _tell_assignees(self):
        """Tell assignees of new exceptions grave enough for them."""
        grave = self.filtered(
            lambda exc: not exc.storm_id and exc.user_id._wants_notice(exc.severity)
        )
        grave._tell(lambda exc: exc.user_id, lambda exc: exc._summary_notice())

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        """No mail for each assignment: people chose what they are told at once."""
        return []

    def _summary_notice(self):
        return self.env._(
            "%(store)s: %(summary)s. Severity %(severity)s, due %(due)s.",
            store=self.store_id.display_name,
            summary=self.summary,
            severity=dict(self._fields["severity"]._description_selection(self.env))[
                self.severity
            ],
            due=self._deadline_day(),
        )

    def _set_triaged(self):
        triaged = super()._set_triaged()
        triaged._tell_assignees()
        return triaged

    # === Warnings before the deadline === #
    def _deadline_values(self, acknowledge, act, resolve):
        values = super()._deadline_values(acknowledge, act, resolve)
        start = self.reopened_at or self.opened_at
        due = values.get("resolve_due", self.resolve_due)
        return {**values, "warn_at": start + (due - start) * WARN_AT_SHARE}

    @api.model
    def _cron_warn(self):
        """Scheduled Action: warn before deadlines, stamp clocks that ran out."""
        for stamp in STAMPS:
            self._stamp_missed(stamp)
        domain = [
            ("is_open", "=", True),
            ("state", "!=", "waiting"),
            ("warned_at", "=", False),
            ("warn_at", "<=", fields.Datetime.now()),
        ]
        while batch := self.search(domain, order="warn_at", limit=WARN_BATCH):
            batch = batch.try_lock_for_update().filtered_domain(domain)
            batch._warn()
            if not batch or not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    def _warn(self):
        self.warned_at = fields.Datetime.now()
        text = self.env._("80 % of the time allowed has passed: it is due soon.")
        late = self.filtered("breached_at")
        (self - late)._tell(lambda exc: exc.user_id, lambda _exc: text)

    @api.model
    def _stamp_missed(self, stamp):
        due, done = STAMPS[stamp]
        domain = [
            ("is_open", "=", True),
            ("state", "!=", "waiting"),
            (stamp, "=", False),
            (done, "=", False),
            (due, "<=", fields.Datetime.now()),
        ]
        while batch := self.search(domain, limit=WARN_BATCH):
            batch = batch.try_lock_for_update().filtered_domain(domain)
            for exception in batch:
                exception[stamp] = exception[due]
            if not batch or not self.env["ir.cron"]._commit_progress(len(batch)):
                break

    # === Stale cases and abandoned queues === #
    def _transition(self, target, values, facts=None):
        return super()._transition(
            target, {"touched_at": fields.Datetime.now(), **values}, facts
        )

    def _assign(self, user, why=False):
        self.touched_at = fields.Datetime.now()
        return super()._assign(user, why)

    @api.model
    def _stale_domain(self):
        """Return the domain of open cases that nobody worked on for too long."""
        days = (
            self.env["retail.exception.type"]
            .sudo()
            ._read_group([("stale_days", ">", 0)], ["stale_days"], ["id:recordset"])
        )
        now = fields.Datetime.now()
        domains = [
            fields.Domain("type_id", "in", kinds.ids)
            & fields.Domain("touched_at", "<", now - timedelta(days=count))
            for count, kinds in days
        ]
        return fields.Domain("is_open", "=", True) & fields.Domain.OR(domains)

    @api.model
    def _cron_nudge(self):
        """Scheduled Action: nudge stale cases once a day, name abandoned queues."""
        today = fields.Datetime.now() - timedelta(hours=23)
        domain = self._stale_domain() & (
            fields.Domain("nudged_at", "=", False)
            | fields.Domain("nudged_at", "<", today)
        )
        while batch := self.search(domain, order="touched_at", limit=WARN_BATCH):
            batch.nudged_at = fields.Datetime.now()
            batch._tell(lambda exc: exc.user_id, lambda exc: exc._nudge_text())
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
        self.env["retail.queue"].search([("active", "=", True)])._find_abandoned()

    def _nudge_text(self):
        since = fields.Datetime.context_timestamp(self, self.touched_at).date()
        return self.env._(
            "Nobody has worked on it since %s: go on, or say why not.", since
        )


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    stale_days = fields.Integer(
        "Stale after (days)",
        default=3,
        help="Open cases that nobody worked on for this long are listed as stale, and "
        "their assignee is nudged every day. 0 never does.",
    )
