import logging
from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError

OVERDUE_BATCH = 200
REMINDER_BATCH = 200
REMIND_FROM_HOUR = 8

_logger = logging.getLogger(__name__)


class RetailChecklist(models.Model):
    """What is not done in time: one exception a checklist, one reminder a day."""

    _inherit = "retail.checklist"

    # === Overdue === #
    @api.model
    def _cron_overdue(self):
        """Scheduled Action: mark items overdue and raise exceptions, each once."""
        Item = self.env["retail.checklist.item"]
        domain = [
            ("state", "=", "open"),
            ("is_overdue", "=", False),
            ("due_at", "<=", fields.Datetime.now()),
            ("checklist_id.state", "=", "open"),
        ]
        self.env["ir.cron"]._commit_progress(remaining=Item.search_count(domain))
        skipped = self.browse()
        while items := Item.search(
            [*domain, ("checklist_id", "not in", skipped.ids)],
            order="due_at, id",
            limit=OVERDUE_BATCH,
        ):
            checklists = items.checklist_id.try_lock_for_update()
            if not checklists:
                break
            skipped |= checklists._mark_or_skip()
            if not self.env["ir.cron"]._commit_progress(len(items)):
                break

    def _mark_or_skip(self):
        """Mark what can be marked; one store that cannot keeps none back.

        :return: retail.checklist, those skipped
        """
        try:
            with self.env.cr.savepoint():
                self._mark_overdue()
            return self.browse()
        except UserError as error:
            if len(self) == 1:
                _logger.warning("Checklist %s skipped: %s", self.display_name, error)
                return self
        middle = len(self) // 2
        return self[:middle]._mark_or_skip() | self[middle:]._mark_or_skip()

    def _mark_overdue(self, all_open=False):
        """Mark the items that are past their due time, and raise exceptions.

        :param all_open: whether every open item counts, due or not
        :return: retail.checklist.item, those marked now
        """
        now = fields.Datetime.now()
        late = self.item_ids.filtered(
            lambda item: item.state == "open"
            and not item.is_overdue
            and (all_open or item.due_at <= now)
        )
        late.is_overdue = True
        self.env["retail.audit.entry"]._record(
            late,
            "checklist.item.overdue",
            [{"checklist_id": item.checklist_id.id} for item in late],
        )
        late.checklist_id._raise_exceptions()
        return late

    # === Exceptions === #
    def _raise_exceptions(self):
        """Raise one exception a checklist; what comes later joins it."""
        if not self:
            return
        before = self.exception_ids
        raised = (
            self.env["retail.exception"]
            .sudo()
            ._intake([checklist._exception_values() for checklist in self])
        )
        for checklist, exception in zip(self, raised, strict=True):
            if exception in before:
                checklist._add_to_exception(exception)

    def _exception_values(self):
        return {
            "checklist_id": self.id,
            "intake_key": f"checklist:{self.id}",
            "store_id": self.store_id.id,
            "type_id": self.template_id.exception_type_id.id,
            "summary": self.env._("%s: items are not done", self.display_name),
            "reason": self.missing,
            "origin": "automation",
            "occurred_at": fields.Datetime.now(),
        }

    def _add_to_exception(self, exception):
        """Tell the exception what is missing now; take it up again if finished."""
        news = self.env._("Not done now:\n%s", self.missing)
        exception.reason = self.missing
        if exception.state in ("resolved", "closed"):
            try:
                exception._set_reopened(news)
                return
            except UserError as error:
                news = f"{news}\n{error}"
        exception.message_post(body=news)

    def _offer_exceptions(self):
        """Say that nothing is open any more to those who may finish the cases."""
        for exception in self.exception_ids.filtered("is_open"):
            exception.message_post(
                body=self.env._("Every item is answered: the case can be resolved.")
            )
            exception._ask_region()

    # === Reminders === #
    @api.model
    def _cron_remind(self):
        """Scheduled Action: remind stores of what is due today, once a day."""
        moment = utc.localize(fields.Datetime.now())
        for zone in self._zones_with_open_items():
            local = moment.astimezone(timezone(zone))
            if local.hour < REMIND_FROM_HOUR:
                continue
            domain = self._reminder_domain(zone, local.date())
            while batch := self.search(domain, limit=REMINDER_BATCH):
                batch._remind(local.date())
                if not self.env["ir.cron"]._commit_progress(len(batch)):
                    return

    @api.model
    def _zones_with_open_items(self):
        groups = self._read_group([("state", "=", "open")], ["store_id"])
        return sorted({store.tz for (store,) in groups})

    @api.model
    def _reminder_domain(self, zone, day):
        midnight = datetime.combine(day + timedelta(days=1), time(0))
        end = timezone(zone).localize(midnight).astimezone(utc).replace(tzinfo=None)
        return [
            ("state", "=", "open"),
            ("next_due_at", "<", end),
            ("store_id.tz", "=", zone),
            "|",
            ("reminded_on", "=", False),
            ("reminded_on", "<", day),
        ]

    def _remind(self, day):
        """Put each checklist on its store's activities, dated ``day``."""
        kind = self.env.ref("retail_ops_core.activity_checklist")
        activities = self.activity_ids.filtered(
            lambda activity: activity.activity_type_id == kind
        )
        for activity in activities:
            owner = self.browse(activity.res_id)._responsible()
            activity.write({"date_deadline": day, "user_id": owner.id})
        reminded = set(activities.mapped("res_id"))
        self.filtered(lambda one: one.id not in reminded)._add_reminders(kind, day)
        self.reminded_on = day

    def _add_reminders(self, kind, day):
        model = self.env["ir.model"]._get(self._name)
        activities = self.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        activities.create(
            [
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "res_model_id": model.id,
                    "res_id": checklist.id,
                    "date_deadline": day,
                    "user_id": checklist._responsible().id,
                    "summary": checklist._reminder_text(),
                }
                for checklist in self
            ]
        )

    def _responsible(self):
        queue = self.template_id.exception_type_id.queue_id
        return self.store_id.manager_id.filtered("active") or queue._assignee_for(
            self.store_id
        )

    def _heir_of_activity(self):
        """Return whose activities on this checklist are, when their user leaves."""
        return self._responsible()

    def _reminder_text(self):
        return self.env._(
            "%(checklist)s: %(open)s of %(all)s items open",
            checklist=self.name,
            open=self.item_count - self.answered_count,
            all=self.item_count,
        )

    def _finish_reminders(self):
        self.activity_unlink(["retail_ops_core.activity_checklist"])
