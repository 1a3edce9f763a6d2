import logging
from datetime import datetime, timedelta

from pytz import timezone, utc

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.countdown import hour_as_time
from .retail_exception_intake import QUIET_BIRTH

PLANNING_BATCH = 200

_logger = logging.getLogger(__name__)


class RetailChecklistTemplate(models.Model):
    """Making one checklist a store out of a template, once for each period."""

    _inherit = "retail.checklist.template"

    # === By the clock === #
    @api.model
    def _cron_create(self):
        """Scheduled Action: start what is due in each store's own zone, once."""
        due = [
            (template, runs)
            for template in self.search([("kind", "in", ("daily", "weekly"))])
            for runs in template._batches_due(fields.Datetime.now())
        ]
        self.env["ir.cron"]._commit_progress(
            remaining=sum(len(runs) for _template, runs in due)
        )
        for template, runs in due:
            template._create_or_skip(runs)
            if not self.env["ir.cron"]._commit_progress(len(runs)):
                break

    def _batches_due(self, now):
        runs = self._runs_due(now)
        return [
            runs[start : start + PLANNING_BATCH]
            for start in range(0, len(runs), PLANNING_BATCH)
        ]

    def _runs_due(self, now):
        """Return ``(store, period, start)`` for each store that lacks its run."""
        runs = [(store, *self._latest_run(store, now)) for store in self._open_stores()]
        runs = [run for run in runs if self._is_wanted(run, now)]
        existing = self._existing_runs({period for _store, period, _start in runs})
        return self._on_open_days(
            [run for run in runs if (run[0].id, run[1]) not in existing]
        )

    def _open_stores(self):
        stores = self._selected_stores()
        return stores.filtered(lambda store: store.state in ("pilot", "live"))

    def _latest_run(self, store, now):
        """Return the period, a day, and the moment of the store's latest start."""
        zone = timezone(store.tz)
        day = utc.localize(now).astimezone(zone).date()
        if self.kind == "weekly":
            day -= timedelta(days=(day.weekday() - int(self.weekday)) % 7)
        start = self._start_on(day, zone)
        if start > now and self.kind == "weekly":
            day -= timedelta(days=7)
            start = self._start_on(day, zone)
        return str(day), start

    def _start_on(self, day, zone):
        local = zone.localize(datetime.combine(day, hour_as_time(self.start_hour)))
        return local.astimezone(utc).replace(tzinfo=None)

    def _is_wanted(self, run, now):
        _store, period, start = run
        first = self.first_day and str(self.first_day)
        return start <= now and (not first or period >= first)

    def _existing_runs(self, periods):
        groups = (
            self.env["retail.checklist"]
            .sudo()
            ._read_group(
                [("template_id", "=", self.id), ("period", "in", list(periods))],
                ["store_id", "period"],
            )
        )
        return {(store.id, period) for store, period in groups}

    @api.model
    def _on_open_days(self, runs):
        """Keep the runs of stores that work at all in the day after the start."""
        moments = {store: start for store, _period, start in runs}
        stores = self.env["retail.store"].sudo().union(*moments)
        working = stores.browse().union(
            *(
                group
                for group, start in stores._same_clock(moments)
                if group[:1]._working_intervals(start, 1)
            )
        )
        return [run for run in runs if run[0] in working]

    def _create_or_skip(self, runs):
        """Create what can be created; one store that cannot keeps none back."""
        if not runs:
            return
        try:
            with self.env.cr.savepoint():
                self._create_checklists(runs)
        except UserError as error:
            if len(runs) == 1:
                _logger.warning("Checklist %s skipped: %s", self.name, error)
                return
            middle = len(runs) // 2
            self._create_or_skip(runs[:middle])
            self._create_or_skip(runs[middle:])

    # === By hand === #
    def action_start_now(self):
        """Start what every selected store lacks now: once, or the run due today."""
        self.check_access("write")
        now = fields.Datetime.now()
        for template in self:
            if template.kind == "once":
                template._start_in(template._open_stores(), "once", now)
            elif template.kind != "campaign":
                template._create_or_skip(template._runs_due(now))
        return self.action_open_checklists()

    def _start_in(self, stores, period, start):
        """Start the checklist of one period in the stores that lack it.

        :param stores: retail.store
        :param period: text that names the run, such as a day
        :param start: naive UTC datetime
        :return: retail.checklist, the new ones
        """
        existing = self._existing_runs({period})
        runs = [
            (store, period, start)
            for store in stores
            if (store.id, period) not in existing
        ]
        return self._create_checklists(runs)

    # === Creation in batch === #
    def _create_checklists(self, runs, campaign=None):
        """Create the checklists of ``runs`` with all their items.

        :param runs: list of ``(store, period, moment)``; the moment is the start,
            or the launch when there is a campaign
        :param campaign: retail.campaign, or None
        :return: retail.checklist
        :raise UserError: when the template has no items, or a calendar no hours
        """
        self._check_has_items()
        moments = {store: moment for store, _period, moment in runs}
        dues = self._dues(moments, backwards=bool(campaign))
        template = self.sudo().with_context(**QUIET_BIRTH)
        checklists = template.env["retail.checklist"].create(
            [self._checklist_values(run, dues[run[0]], campaign) for run in runs]
        )
        template.env["retail.checklist.item"].create(
            [
                {**item._item_values(), "checklist_id": checklist.id, "due_at": due}
                for checklist in checklists
                for item, due in zip(
                    self.item_ids, dues[checklist.store_id], strict=True
                )
            ]
        )
        checklists._note_creation()
        checklists._end_previous()
        return checklists

    def _check_has_items(self):
        if not self.item_ids:
            raise UserError(
                self.env._(
                    "The template “%s” has no items: add what stores have to do.",
                    self.name,
                )
            )

    def _dues(self, moments, backwards):
        """Return dict store -> due moments aligned with the template's items."""
        hours = self.item_ids.mapped("due_hours")
        stores = self.env["retail.store"].sudo().union(*moments)
        dues = {}
        for group, moment in stores._same_clock(moments):
            store = group[:1]
            planned = (
                store._plan_hours_before(moment, hours)
                if backwards
                else store._plan_hours([(moment, each) for each in hours])
            )
            dues.update(dict.fromkeys(group, planned))
        return dues

    def _checklist_values(self, run, dues, campaign):
        store, period, moment = run
        return {
            "name": campaign.name if campaign else self.name,
            "template_id": self.id,
            "campaign_id": campaign.id if campaign else False,
            "kind": self.kind,
            "store_id": store.id,
            "period": period,
            "start_at": fields.Datetime.now() if campaign else moment,
            "due_at": moment if campaign else max(dues),
            "ready_percent": self.ready_percent,
        }
