from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import formatLang

from ..tools import figures, funnel

COMPARED_DAYS = 28
COMPARED_ROWS = 50
# Verdicts that say nothing: too few days, or no like store.
UNCOMPARED = ("thin", "alone")
VERDICT_TONES = {"above": "danger", "high": "warning", "low": "info"}


class RetailHome(models.AbstractModel):
    """Stores side by side, by what chance alone would explain."""

    _inherit = "retail.home"

    @api.model
    def _region_comparison(self, stores):
        lines, unit = self._compared(stores)
        lines.sort(key=self._how_expected)
        return self._section(
            20,
            "stores",
            self.env._("Stores compared"),
            shape="wide",
            hint=self._comparison_hint(unit),
            table={
                "columns": [
                    self.env._("Store"),
                    self.env._("Exceptions, %s days", COMPARED_DAYS),
                    self.env._("As to be expected?"),
                    self.env._("Open"),
                    self.env._("Overdue"),
                    self.env._("Late reports"),
                    self.env._("Late checklists"),
                ],
                "rows": self._comparison_rows(lines[:COMPARED_ROWS]),
                "note": self._comparison_note(len(lines)),
            },
        )

    @api.model
    def _how_expected(self, line):
        """Return the key that puts the least expected first, the higher before."""
        excess = line["count"] - line["expected"]
        return round(line["surprise"], 9), -excess, line["store"].code

    @api.model
    def _comparison_note(self, count):
        if count <= COMPARED_ROWS:
            return ""
        return self.env._(
            "The %(shown)s least expected of %(all)s stores: pick a region to see "
            "fewer.",
            shown=COMPARED_ROWS,
            all=count,
        )

    @api.model
    def _comparison_hint(self, unit):
        if unit == "transactions":
            return self.env._(
                "The least expected store first. Expected is its share of all "
                "exceptions by opening days and usual transactions; 95 of 100 stores "
                "like it stay within the range. Within it stores differ by chance, so "
                "this is no league table."
            )
        return self.env._(
            "The least expected store first. Expected is its share of the exceptions "
            "in stores of its format, by opening days; 95 of 100 stores like it stay "
            "within the range. Enter the usual transactions a day on every store to "
            "compare all formats with each other."
        )

    # === What is compared === #
    @api.model
    def _compared_domain(self):
        """Return what counts for the comparison: raised in the period, storms apart."""
        since = fields.Datetime.now() - timedelta(days=COMPARED_DAYS)
        return [
            ("opened_at", ">=", self._moment(since)),
            ("state", "!=", "cancelled"),
            ("storm_id", "=", False),
        ]

    @api.model
    def _counts_by_store(self, model, domain):
        if not self._may(model):
            return {}
        return dict(self.env[model]._read_group(domain, ["store_id"], ["__count"]))

    @api.model
    def _compared(self, stores):
        """Return each store with its range and verdict, and the unit of exposure.

        :return: ``(list of dicts, "transactions" or "days")``
        """
        counts = self._counts_by_store(
            "retail.exception",
            [("store_id", "in", stores.ids), *self._compared_domain()],
        )
        days = stores._opening_days(COMPARED_DAYS)
        by_size = all(store.daily_transactions for store in stores)
        groups = defaultdict(list)
        for store in stores:
            line = {
                "store": store,
                "count": counts.get(store, 0),
                "days": days[store],
                "exposure": days[store] * (store.daily_transactions if by_size else 1),
            }
            groups["" if by_size else store.format].append(line)
        for lines in groups.values():
            for line, found in zip(lines, funnel.compare(lines), strict=True):
                line.update(found)
        compared = [line for lines in groups.values() for line in lines]
        return compared, "transactions" if by_size else "days"

    # === Rows === #
    @api.model
    def _comparison_rows(self, lines):
        stores = self.env["retail.store"].union(*(line["store"] for line in lines))
        within = [("store_id", "in", stores.ids)]
        columns = [
            ("retail.exception", figures.OPEN, ""),
            ("retail.exception", figures.OVERDUE, "danger"),
            ("retail.store.report", self._late_reports_domain([]), "warning"),
            ("retail.checklist", figures.CHECKLISTS_LATE, "warning"),
        ]
        counted = [
            (*column, self._counts_by_store(column[0], within + column[1]))
            for column in columns
        ]
        return [self._comparison_row(line, counted) for line in lines]

    @api.model
    def _comparison_row(self, line, counted):
        store = line["store"]
        return {
            "key": store.id,
            "title": store.display_name,
            "raised": self._store_figure(
                store, "retail.exception", self._compared_domain(), line["count"]
            ),
            "range": self._range(line),
            "verdict": {
                "text": self._verdict_text(line["verdict"]),
                "tone": VERDICT_TONES.get(line["verdict"], ""),
            },
            "cells": [
                self._store_figure(store, model, domain, counts.get(store, 0), tone)
                for model, domain, tone, counts in counted
            ],
        }

    @api.model
    def _store_figure(self, store, model, domain, value, tone=""):
        return self._figure(
            "",
            store.display_name,
            model,
            [("store_id", "=", store.id), *domain],
            tone,
            value=value,
        )

    @api.model
    def _range(self, line):
        """Return the expected range as figures and as a text; None without one."""
        if line["verdict"] in UNCOMPARED:
            return None
        return {
            "low": line["low"],
            "high": line["high"],
            "expected": line["expected"],
            "count": line["count"],
            "text": self.env._(
                "%(low)s to %(high)s, expected %(expected)s",
                low=line["low"],
                high=line["high"],
                expected=formatLang(self.env, line["expected"], digits=1),
            ),
        }

    @api.model
    def _verdict_text(self, verdict):
        return {
            "thin": self.env._("Too few days to say"),
            "alone": self.env._("No like store to compare with"),
            "above": self.env._("More than chance explains"),
            "high": self.env._("Higher than usual"),
            "low": self.env._("Quieter than usual: does it report?"),
            "expected": self.env._("As expected"),
        }[verdict]
