from odoo import fields, models

from .retail_kpi import ROI_DOMAINS

HOURS_OF_WORK = {"minutes": 60}


class RetailKpiBaseline(models.Model):
    """What came back, by process domain: the sheet fills itself from frozen figures."""

    _inherit = "retail.kpi.baseline"

    roi_sheet = fields.Html(compute="_compute_roi_sheet", sanitize=False)

    def _compute_roi_sheet(self):
        for baseline in self:
            baseline.roi_sheet = self.env["ir.qweb"]._render(
                "retail_ops_core.roi_sheet", baseline._roi_values()
            )

    def _roi_values(self):
        """Return what the sheet shows.

        :return: dict with ``domains``, a list of dicts ``name`` and ``lines`` (of
            ``_roi_line``); ``currency``; ``hour_cost`` in it, 0 when nobody set it;
            ``total``, the money of all lines that have some, None without any
        """
        labels = self.env["retail.kpi"]._fields["roi_domain"]._description_selection
        names = dict(labels(self.env))
        domains = [
            {"code": code, "name": names[code], "lines": self._roi_lines(code)}
            for code, _label in ROI_DOMAINS
        ]
        worth = [
            line["money"]
            for domain in domains
            for line in domain["lines"]
            if line["money"] is not None
        ]
        return {
            "domains": domains,
            "currency": self.company_id.currency_id,
            "hour_cost": self._hour_cost(),
            "total": sum(worth) if worth else None,
        }

    def _hour_cost(self):
        effort = self.env.ref("retail_ops_core.kpi_handling_minutes").sudo()
        return effort.with_company(self.company_id).hour_cost

    def _roi_lines(self, code):
        lines = self.total_ids.filtered(lambda line: line.kpi_id.roi_domain == code)
        return [self._roi_line(line) for line in lines]

    def _roi_line(self, line):
        """Return a frozen figure with what was gained since; a loss is below 0.

        ``gain`` is what the cases of now came to, against what they would have come
        to at the figure of the baseline: (baseline - now) x cases of now where lower
        is better, the other way round where higher is; in hours of work for minutes,
        else in the unit. Money adds up by itself: the sum of the baseline less the
        sum of now, over as many days.
        """
        compared = line.verdict != "none"
        gain = self._roi_gain(line) if compared else None
        return {"line": line, "gain": gain, "money": self._roi_money(line, gain)}

    def _roi_gain(self, line):
        towards = 1 if line.direction == "lower" else -1
        if line.unit == "money":
            return towards * (line.numerator - line.now_numerator)
        per_case = towards * (line.value - line.now_value)
        factor = line.kpi_id.sudo()._factor() * HOURS_OF_WORK.get(line.unit, 1)
        return per_case * line.now_denominator / factor

    def _roi_money(self, line, gain):
        """Only work and money are worth money: hours by the clock are no wages."""
        if gain is None:
            return None
        if line.unit == "money":
            return gain
        if line.kpi_id.roi_domain == "effort" and self._hour_cost():
            return gain * self._hour_cost()
        return None
