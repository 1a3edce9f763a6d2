from babel.dates import format_timedelta

from odoo import api, fields, models
from odoo.tools.misc import get_lang


class RetailException(models.Model):
    """The reason for the urgency, in words, beside every line of a worklist."""

    _inherit = "retail.exception"

    urgency = fields.Char(
        "Why now",
        compute="_compute_urgency",
        help="A missed deadline, the level it was escalated to and repeats; without "
        "these, how severity and money brought the due time forward.",
    )

    @api.depends(
        "is_overdue",
        "resolve_due",
        "escalation_level",
        "recurrence_count",
        "priority_note",
    )
    def _compute_urgency(self):
        for exception in self:
            reasons = list(filter(None, exception._urgencies()))
            exception.urgency = " · ".join(reasons) or exception.priority_note

    def _urgencies(self):
        level, times = self.escalation_level, self.recurrence_count
        return [
            self.is_overdue and self._missed_by(),
            level and self.env._("at level %s", level),
            times > 1 and self.env._("repeat no. %s", times - 1),
        ]

    def _missed_by(self):
        late = fields.Datetime.now() - self.resolve_due
        locale = get_lang(self.env).code
        return self.env._("overdue by %s", format_timedelta(late, locale=locale))
