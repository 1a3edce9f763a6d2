from odoo import fields, models
from odoo.tools.misc import formatLang

from ..tools import figures
from .retail_home_comparison import UNCOMPARED

STANDS_OUT = ("above", "high")


class RetailLetter(models.Model):
    """Which stores stand out more than chance explains, as the region's home says."""

    _inherit = "retail.letter"

    outliers = fields.Json(
        readonly=True,
        help="Stores with more exceptions than chance explains, each with its range.",
    )

    compared_count = fields.Integer(
        "Stores compared",
        readonly=True,
        help="How many stores had enough days and like stores to compare with.",
    )

    def _note_outliers(self):
        """Note the stores that the home screen compares as above the others.

        ``outliers`` is a list of dicts with text and store_id, the least expected
        first; empty in the letter of a store.
        """
        stores = self.env["retail.store"] if self.store_id else self._compared_stores()
        home = self.env["retail.home"]
        lines, _unit = home._compared(stores)
        lines.sort(key=home._how_expected)
        self.compared_count = sum(line["verdict"] not in UNCOMPARED for line in lines)
        self.outliers = [
            {"text": self._outlier_text(line), "store_id": line["store"].id}
            for line in lines
            if line["verdict"] in STANDS_OUT
        ]

    def _compared_stores(self):
        return self.env["retail.store"].search(
            self._in_company()
            & self._in_region("region_id")
            & fields.Domain(figures.STORES_OPEN)
        )

    def _outlier_text(self, line):
        home = self.env["retail.home"]
        return self.env._(
            "%(store)s: %(count)s exceptions in 28 days, %(low)s to %(high)s expected "
            "(%(expected)s on average). %(verdict)s.",
            store=line["store"].display_name,
            count=line["count"],
            low=line["low"],
            high=line["high"],
            expected=formatLang(self.env, line["expected"], digits=1),
            verdict=home._verdict_text(line["verdict"]),
        )
