from odoo import SUPERUSER_ID, fields, models
from odoo.exceptions import ValidationError

from .retail_sla_target import SEVERITIES

NOTICE_FIELDS = ["retail_notice_from", "retail_quiet_from", "retail_quiet_to"]


class ResUsers(models.Model):
    _inherit = "res.users"

    retail_notice_from = fields.Selection(
        SEVERITIES,
        string="Notify me from",
        default="high",
        help="Exceptions of this severity and above notify at once; the others wait in "
        "the list of activities.",
    )
    retail_quiet_from = fields.Float(
        "Quiet from", help="Hour from which only critical exceptions notify."
    )
    retail_quiet_to = fields.Float(
        "Quiet to", help="Hour until which only critical exceptions notify."
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + NOTICE_FIELDS

    @property
    def SELF_WRITEABLE_FIELDS(self):
        return super().SELF_WRITEABLE_FIELDS + NOTICE_FIELDS

    def _wants_notice(self, severity):
        """Tell whether the user wants to hear of ``severity`` at this hour.

        :param severity: low, medium, high or critical
        :return: bool
        """
        self.ensure_one()
        if severity == "critical":
            return True
        codes = [code for code, _label in SEVERITIES]
        wanted = codes.index(severity) >= codes.index(self.retail_notice_from or "high")
        return wanted and not self._is_quiet_now()

    def _is_quiet_now(self):
        begin, end = self.retail_quiet_from, self.retail_quiet_to
        if begin == end:
            return False
        zoned = self.with_context(tz=self.tz or "UTC")
        now = fields.Datetime.context_timestamp(zoned, fields.Datetime.now())
        hour = now.hour + now.minute / 60
        if begin < end:
            return begin <= hour < end
        return hour >= begin or hour < end

    def _is_machine(self):
        """Tell whether the account belongs to a system and not to a person.

        Machines raise and report; they decide nothing. Other addons say which of their
        accounts are such.

        :return: bool
        """
        self.ensure_one()
        return self.id == SUPERUSER_ID

    def _present(self):
        """Return those who are active and not out of office now."""
        now = fields.Datetime.now()
        return self.filtered(
            lambda user: user.active
            and not (
                user.out_of_office_from
                and user.out_of_office_from <= now
                and (not user.out_of_office_to or now <= user.out_of_office_to)
            )
        )

    def _check_works_here(self, what):
        """Raise when somebody who has left is to answer for something.

        :param what: what they are to answer for, as a person would say it
        :raise ValidationError: naming who has left, and what to do
        """
        gone = self.sudo().filtered(lambda user: not user.active)
        if gone:
            raise ValidationError(
                self.env._(
                    "%(user)s has left and cannot answer for %(what)s: choose "
                    "somebody whose user is active.",
                    user=gone[0].name,
                    what=what,
                )
            )
