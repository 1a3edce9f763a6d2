import logging
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import Command, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError

from .retail_exception_intake import QUIET_BIRTH

_logger = logging.getLogger(__name__)

BATCH = 100
CATCH_UP_DAYS = 7


class RetailStoreReport(models.Model):
    """Clocks: the day's reports open, stores are reminded, cut-offs pass."""

    _inherit = "retail.store.report"

    # === Opening === #
    @api.model
    def _cron_open(self):
        """Scheduled Action: open the report of each store whose day began."""
        Store = self.env["retail.store"]
        now = fields.Datetime.now()
        domain = [
            ("report_required", "=", True),
            "|",
            ("report_next_at", "=", False),
            ("report_next_at", "<=", now),
        ]
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=Store.search_count(domain))
        while stores := Store.search(domain, limit=BATCH).try_lock_for_update():
            self._open_until_today(stores)
            if not progress(len(stores)):
                break

    @api.model
    def _open_until_today(self, stores):
        days = {store: store._days_to_open(CATCH_UP_DAYS) for store in stores}
        self._open_days(
            [
                (store, day)
                for store in stores
                for day in days[store]
                if store._is_open_on(day)
            ]
        )
        for store in stores:
            tomorrow = days[store][-1] + timedelta(days=1)
            store.report_next_at = store._day_begins_at(tomorrow)

    @api.model
    def _open_days(self, pairs):
        """Return the current reports of store days, opened where there were none.

        :param pairs: list of (retail.store, date)
        :return: retail.store.report as superuser
        """
        found = self.sudo().search(
            [
                ("store_id", "in", [store.id for store, _day in pairs]),
                ("business_date", "in", [day for _store, day in pairs]),
                ("is_current", "=", True),
            ]
        )
        known = found.grouped(lambda report: (report.store_id.id, report.business_date))
        wanted = dict.fromkeys((store.id, day) for store, day in pairs)
        fresh = self._create_days([key for key in wanted if key not in known])
        return self.sudo().union(*(known[key] for key in wanted if key in known), fresh)

    @api.model
    def _create_days(self, keys):
        """Create drafts for a list of (store id, date).

        :raise ConcurrencyError: when somebody else made one a moment ago; the
            request is replayed and finds it
        """
        in_use = [("active", "=", True)]
        items = self.env["retail.report.item"].sudo().search(in_use)
        kinds = self.env["retail.tender.kind"].sudo().search(in_use)
        drafts = self.sudo().with_context(**QUIET_BIRTH)
        values = [self._draft_values(*key, items, kinds) for key in keys]
        try:
            with self.env.cr.savepoint():
                return drafts.create(values)
        except UniqueViolation as error:
            raise ConcurrencyError("another user opened this report") from error

    @api.model
    def _draft_values(self, store_id, day, items, kinds):
        store = self.env["retail.store"].sudo().browse(store_id)
        return {
            "store_id": store_id,
            "business_date": day,
            "due_at": store._report_due_at(day),
            "asked_item_ids": [Command.set(items.ids)],
            "tender_ids": [Command.create({"kind_id": kind.id}) for kind in kinds],
        }

    @api.model
    def _waiting_for(self, stores):
        """Return the drafts of ``stores`` whose cut-off has not passed."""
        return self.sudo().search(
            [
                ("store_id", "in", stores.ids),
                ("state", "=", "draft"),
                ("is_current", "=", True),
                ("missing_at", "=", False),
            ]
        )

    # === Cut-off === #
    @api.model
    def _cron_missing(self):
        """Scheduled Action: raise each report that passed its cut-off, once."""
        domain = [
            ("state", "=", "draft"),
            ("is_current", "=", True),
            ("missing_at", "=", False),
            ("due_at", "<=", fields.Datetime.now()),
        ]
        self._work_off(domain, "_raise_missing")

    # === Reminder === #
    @api.model
    def _cron_remind(self):
        """Scheduled Action: remind the stores that have not filed, once a day."""
        now = fields.Datetime.now()
        rules = (
            self.env["retail.report.rule"]
            .sudo()
            .search([("kind", "=", "missing_report")])
        )
        longest = max(rules.mapped("reminder_hours"), default=0)
        domain = [
            ("state", "=", "draft"),
            ("is_current", "=", True),
            ("reminded_at", "=", False),
            ("due_at", ">", now),
            ("due_at", "<=", now + timedelta(hours=longest)),
        ]
        if longest:
            self._work_off(domain, "_remind")

    def _remind(self):
        for report in self:
            report._ask_store(
                "retail_ops_core.activity_report_due",
                self.env._(
                    "The report of %(day)s is due by %(moment)s.",
                    day=report.business_date,
                    moment=report.due_text,
                ),
            )
        self.reminded_at = fields.Datetime.now()

    def _ask_store(self, xmlid, note):
        """Put the report on the list of activities of the store's people."""
        people = self.store_id._report_people()
        model = self.env["ir.model"]._get(self._name)
        self.env["mail.activity"].sudo().create(
            [
                {
                    "activity_type_id": self.env.ref(xmlid).id,
                    "automated": True,
                    "res_model_id": model.id,
                    "res_id": self.id,
                    "date_deadline": self.store_id._business_day(),
                    "user_id": person.id,
                    "note": note,
                }
                for person in people
            ]
        )

    def _heir_of_activity(self):
        """Return whose activities on this report are, when their user leaves."""
        return self.store_id.manager_id.filtered("active") or self.store_id._deputy()

    def _finish_activities(self):
        self.activity_feedback(
            [
                "retail_ops_core.activity_report_due",
                "retail_ops_core.activity_report_returned",
            ]
        )

    # === Batches === #
    @api.model
    def _work_off(self, domain, step):
        """Do ``step`` on what ``domain`` finds, in batches that commit.

        :param domain: leaves out what ``step`` has worked on
        :param step: name of a method of a recordset
        """
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=self.search_count(domain))
        skipped = self.browse()
        while batch := self.search(
            [*domain, ("id", "not in", skipped.ids)], order="due_at, id", limit=BATCH
        ):
            batch = batch.try_lock_for_update().filtered_domain(domain)
            if not batch:
                break
            skipped |= batch._try_each(step)
            if not progress(len(batch)):
                break

    def _try_each(self, step):
        """Do ``step`` on all; one by one when something refuses.

        :return: the reports it could not be done on
        """
        try:
            with self.env.cr.savepoint():
                getattr(self, step)()
            return self.browse()
        except UserError as refusal:
            if len(self) == 1:
                _logger.warning("Daily report %s skipped: %s", self.id, refusal)
                return self
        return self.browse().union(*(report._try_each(step) for report in self))
