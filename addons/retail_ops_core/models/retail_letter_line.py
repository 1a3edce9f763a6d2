from odoo import api, fields, models
from odoo.tools.misc import formatLang


class RetailLetterLine(models.Model):
    """One figure of a letter, beside that of the week before."""

    _name = "retail.letter.line"
    _description = "Figure of a Weekly Letter"
    _log_access = False
    _allow_sudo_commands = False
    _order = "id"
    _rec_name = "kpi_id"

    letter_id = fields.Many2one(
        "retail.letter", required=True, readonly=True, index=True, ondelete="cascade"
    )
    kpi_id = fields.Many2one(
        "retail.kpi", "KPI", required=True, readonly=True, ondelete="restrict"
    )
    unit = fields.Selection(related="kpi_id.unit")
    value = fields.Float("Figure", required=True, readonly=True, aggregator=None)
    has_before = fields.Boolean(required=True, readonly=True)
    before_value = fields.Float(
        "Week before", required=True, readonly=True, aggregator=None
    )
    verdict = fields.Char("Compared with it", compute="_compute_verdict")

    @api.depends("value", "before_value", "has_before")
    @api.depends_context("lang")
    def _compute_verdict(self):
        words = {
            "better": self.env._("better"),
            "worse": self.env._("worse"),
            "same": self.env._("unchanged"),
        }
        for line in self:
            verdict = line.kpi_id._verdict(line.value - line.before_value)
            line.verdict = words[verdict] if line.has_before else False

    def _shown(self, value):
        """Return a figure as a person reads it, with its unit."""
        unit = dict(self._fields["unit"]._description_selection(self.env))[self.unit]
        return f"{formatLang(self.env, value, digits=1)} {unit.lower()}"
