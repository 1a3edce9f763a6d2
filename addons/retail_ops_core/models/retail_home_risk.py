from collections import Counter, defaultdict

from odoo import api, models

from ..tools import figures

RISK_REGIONS = 12
RISK_LEVELS = 4
# A critical exception weighs as much as eight low ones.
WEIGHTS = {"low": 1, "medium": 2, "high": 4, "critical": 8}


class RetailHome(models.AbstractModel):
    """The risk heat map: open exceptions by region and family."""

    _inherit = "retail.home"

    @api.model
    def _panel_risk(self):
        counted = self._open_by_region_and_family()
        return self._section(
            60,
            "risk",
            self.env._("Where is the risk?"),
            shape="wide",
            hint=self.env._(
                "Open exceptions by region and family, the riskiest region first. The "
                "shade weighs them by severity: critical 8, high 4, medium 2, low 1."
            ),
            heat=self._heat(counted) if counted else None,
            empty=self.env._("Nothing is open, and so nothing is at risk."),
        )

    @api.model
    def _open_by_region_and_family(self):
        """Return dict ``(region, family)`` -> Counter of severities."""
        rows = self.env["retail.exception"]._read_group(
            figures.OPEN, ["region_id", "family", "severity"], ["__count"]
        )
        counted = defaultdict(Counter)
        for region, family, severity, count in rows:
            counted[region, family][severity] += count
        return counted

    @api.model
    def _weight(self, severities):
        return sum(WEIGHTS.get(name, 1) * count for name, count in severities.items())

    @api.model
    def _heat(self, counted):
        labels = dict(
            self.env["retail.exception.type"]
            ._fields["family"]
            ._description_selection(self.env)
        )
        weights = {cell: self._weight(counted[cell]) for cell in counted}
        by_region = Counter()
        for (region, _family), weight in weights.items():
            by_region[region] += weight
        found = {family for _region, family in counted}
        families = [family for family in labels if family in found]
        top = max(weights.values())
        return {
            "columns": [labels[family] for family in families],
            "rows": [
                {
                    "key": region.id,
                    "title": region.display_name,
                    "cells": [
                        self._heat_cell(region, family, labels[family], counted, top)
                        for family in families
                    ],
                }
                for region, _weight in by_region.most_common(RISK_REGIONS)
            ],
        }

    @api.model
    def _heat_cell(self, region, family, label, counted, top):
        severities = counted.get((region, family), Counter())
        weight = self._weight(severities)
        critical = severities["critical"]
        hint = self.env._(
            "%(region)s, %(family)s: %(count)s open, %(critical)s critical, weight "
            "%(weight)s of at most %(top)s",
            region=region.display_name,
            family=label,
            count=severities.total(),
            critical=critical,
            weight=weight,
            top=top,
        )
        return self._figure(
            f"{region.id}_{family}",
            hint,
            "retail.exception",
            [*figures.OPEN, ("region_id", "=", region.id), ("family", "=", family)],
            value=severities.total(),
            level=-(-weight * RISK_LEVELS // top),
            critical=critical,
        )
