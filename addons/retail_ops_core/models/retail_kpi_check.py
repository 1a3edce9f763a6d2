from datetime import datetime, timedelta

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import float_compare, format_date, format_datetime
from odoo.tools.misc import formatLang

from .retail_kpi import RECENT_DAYS

CHECKERS = ("group_operations", "group_auditor")
DIGITS = 4


class RetailKpi(models.Model):
    """Whether dashboard, list and snapshot say the same, record by record."""

    _inherit = "retail.kpi"

    def _disagreements(self, first, last, moving=frozenset()):
        """Compare facts, snapshots, hours, lists of records and dashboards' figures.

        :param first: date
        :param last: date, included
        :param moving: ids of stores whose figures the next run takes over
        :return: list of texts, one for each place where they differ
        """
        self.ensure_one()
        facts, kept = self._facts_by_key(first, last), self._kept_by_key(first, last)
        return [
            *self._differing_texts(facts, kept, moving),
            *self._hour_texts(first, last, moving),
            *self._list_text(first, last, None if moving else kept),
            *self._sum_text(first, last),
        ]

    def _differing_texts(self, facts, kept, moving):
        return [
            self._differing_text(key, facts.get(key), kept.get(key))
            for key in sorted(facts.keys() | kept.keys(), key=str)
            if facts.get(key, (0, 0, 0)) != kept.get(key, (0, 0, 0))
            and key[0] not in moving
        ]

    @api.model
    def _untaken(self, first, last):
        """Return where figures differ though no record moved since they were computed.

        :param first: date
        :param last: date, included
        :return: list of texts that begin with the name of the KPI
        """
        return [
            f"{kpi.name}: {text}"
            for kpi in self.search([("computed_at", "!=", False)])
            if kpi.is_computed
            for text in kpi._disagreements(first, last, kpi._stores_moving())
        ]

    def _stores_moving(self):
        """Return ids of stores some of whose records were written since the run."""
        records = self.env[self.drill_model].sudo().with_context(active_test=False)
        place = records._fields.get("store_id")
        if not (place and place.store and records._log_access):
            return frozenset()
        since = [("write_date", ">=", self.computed_at)]
        return frozenset(
            store.id or None for [store] in records._read_group(since, ["store_id"])
        )

    def _facts_by_key(self, first, last):
        self.env.flush_all()
        rows = self.env.execute_query(self._measured(first, last))
        return {row[:4]: row[4:] for row in rows}

    def _kept_by_key(self, first, last):
        rows = self._snapshots_between(first, last)
        return {(*self._key_of(row), row.day): self._quotient_of(row) for row in rows}

    def _hour_texts(self, first, last, moving):
        """Compare the hours of days that still have them with their facts."""
        first = max(first, self._first_day_of_hours())
        if self.grain != "hour" or first > last:
            return []
        rows = self.env.execute_query(
            self._measured_hours(first, last, self._facts(first, last))
        )
        facts = {(*row[:3], row[4]): row[6:] for row in rows}
        kept = {
            (*self._key_of(row), row.begin_at): self._quotient_of(row)
            for row in self._rows_between("retail.kpi.hour", first, last)
        }
        return self._differing_texts(facts, kept, moving)

    @api.model
    def _key_of(self, row):
        return row.store_id.id or None, row.company_id.id, row.family or None

    @api.model
    def _quotient_of(self, row):
        return row.numerator, row.denominator, row.record_count

    def _snapshots_between(self, first, last):
        return self._rows_between("retail.kpi.snapshot", first, last)

    def _rows_between(self, model, first, last):
        days = [("day", ">=", first), ("day", "<=", last)]
        return self.env[model].sudo().search([("kpi_id", "=", self.id), *days])

    def _differing_text(self, key, facts, kept):
        store = self.env["retail.store"].sudo().browse(key[0] or ())
        return self.env._(
            "%(store)s on %(moment)s: the records say %(facts)s, the snapshot %(kept)s",
            store=store.display_name or self.env._("No store"),
            moment=self._moment_text(key[3]),
            facts=self._quotient_text(facts),
            kept=self._quotient_text(kept),
        )

    @api.model
    def _quotient_text(self, figures):
        numerator, denominator, count = figures or (0, 0, 0)
        above = formatLang(self.env, numerator, digits=4)
        below = formatLang(self.env, denominator, digits=4)
        return f"{above} / {below} ({count})"

    @api.model
    def _moment_text(self, moment):
        if isinstance(moment, datetime):
            return format_datetime(self.env, moment, dt_format="short")
        return format_date(self.env, moment)

    def _list_text(self, first, last, kept):
        """Compare the list that a drill-down opens with the records that count.

        :param kept: None where the count is about to move
        """
        ids = self._record_ids(first, last)
        found = self.env[self.drill_model].sudo().with_context(active_test=False)
        listed = found.search_count([("id", "in", ids)])
        counted = listed if kept is None else sum(row[2] for row in kept.values())
        if listed == len(ids) <= counted:
            return []
        return [
            self.env._(
                "The list shows %(listed)s records, the snapshots count %(counted)s",
                listed=listed,
                counted=counted,
            )
        ]

    def _sum_text(self, first, last):
        """Compare what dashboards read with sums made by hand."""
        rows = self._snapshots_between(first, last)
        [(shown,)] = rows._read_group([("id", "in", rows.ids)], [], ["value:avg"])
        total = sum(rows.mapped("denominator"))
        by_hand = self._factor() * sum(rows.mapped("numerator")) / total if total else 0
        if not float_compare(shown or 0, by_hand, precision_digits=DIGITS):
            return []
        return [
            self.env._(
                "The dashboard shows %(shown)s, the snapshots add up to %(by_hand)s",
                shown=shown,
                by_hand=by_hand,
            )
        ]

    def action_check(self):
        """Say whether the last days' dashboard, list and snapshots agree.

        :raise AccessError: to others than headquarters, as it names any store
        """
        user = self.env.user
        if not any(user.has_group(f"retail_ops_core.{name}") for name in CHECKERS):
            raise AccessError(
                self.env._("Only operations and auditors check the figures.")
            )
        last = self._latest_day()
        first = last - timedelta(days=RECENT_DAYS)
        computed = self.sudo().filtered("is_computed")
        found = [
            f"{kpi.name}: {text}"
            for kpi in computed
            for text in kpi._disagreements(first, last)
        ]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if found else "success",
                "sticky": bool(found),
                "title": self._verdict_title(found),
                "message": "\n".join(found[:10]) or self._verdict_text(computed),
            },
        }

    def _verdict_title(self, found):
        if found:
            return self.env._(
                "%s differences: the next run takes them over", len(found)
            )
        return self.env._("Dashboard, list and snapshots agree")

    def _verdict_text(self, computed):
        moments = [moment for moment in computed.mapped("computed_at") if moment]
        if not moments:
            return self.env._("Nothing is computed yet.")
        first = format_datetime(self.env, min(moments), dt_format="short")
        return self.env._("As computed at %s.", first)
