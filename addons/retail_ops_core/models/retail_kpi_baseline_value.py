from odoo import fields, models

from .retail_kpi import VALUE_AREAS


class RetailKpiBaseline(models.Model):
    """Before and after: what each promise of the value case has come to."""

    _inherit = "retail.kpi.baseline"

    value_case = fields.Html(compute="_compute_value_case", sanitize=False)

    def _compute_value_case(self):
        for baseline in self:
            baseline.value_case = self.env["ir.qweb"]._render(
                "retail_ops_core.value_case", {"areas": baseline._value_areas()}
            )

    def _value_areas(self):
        """Return a dict for each promise: its name, its figures, how many are better.

        :return: list of dicts ``name``, ``lines`` (retail.kpi.baseline.line),
            ``better`` and ``compared``, two counts of lines
        """
        labels = self.env["retail.kpi"]._fields["value_area"]._description_selection
        names = dict(labels(self.env))
        areas = []
        for area, _label in VALUE_AREAS:
            lines = self.total_ids.filtered(
                lambda line, area=area: line.kpi_id.value_area == area
            )
            verdicts = lines.mapped("verdict")
            areas.append(
                {
                    "name": names[area],
                    "lines": lines,
                    "better": verdicts.count("better"),
                    "compared": len(verdicts) - verdicts.count("none"),
                }
            )
        return areas
