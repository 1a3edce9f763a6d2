from odoo import api, models
from odoo.exceptions import UserError

from ..tools import sheet

NAMED = ("group", "user")
PERSON = "@"


class RetailApprovalStep(models.Model):
    """A step as a text in a spreadsheet, and back."""

    _inherit = "retail.approval.step"

    def _sheet_text(self):
        self.ensure_one()
        return sheet.format_step(
            {
                "who": self._sheet_who(),
                "need": self.need,
                "needed_number": self.needed_number,
                "region_level": self.region_level
                if self.approver == "region_manager"
                else 0,
                "hours": self.hours,
                "remind_hours": self.remind_hours,
                "escalates": self._sheet_escalation(),
            }
        )

    def _sheet_escalation(self):
        """Return True for up the tree, a role's name, or False."""
        if self.escalate == "role":
            return self.sudo().escalate_group_id._sheet_name()
        return self.escalate == "region"

    def _sheet_who(self):
        step = self.sudo()
        if step.approver == "group":
            return step.group_id._sheet_name()
        if step.approver == "user":
            return PERSON + step.user_id.login
        return self._places_in_sheet()[step.approver]

    @api.model
    def _places_in_sheet(self):
        """Return how a sheet calls approvers who are no role and no person."""
        field = self._fields["approver"]
        english = self.with_context(lang="en_US")
        return {
            code: english.new({"approver": code})._who()
            for code in field.get_values(self.env)
            if code not in NAMED
        }

    @api.model
    def _values_of_sheet(self, said):
        """Return the values of a new step.

        :param said: dict as :func:`..tools.sheet.parse_step` returns it
        :raise UserError: when nobody is called so
        """
        return {
            "need": said["need"],
            "needed_number": said["needed_number"],
            "region_level": said["region_level"],
            "hours": said["hours"],
            "remind_hours": said["remind_hours"],
            **self._escalation_of_sheet(said["escalates"]),
            **self._who_of_sheet(said["who"]),
        }

    @api.model
    def _escalation_of_sheet(self, said):
        if isinstance(said, str):
            role = self._sheet_role(said)
            return {"escalate": "role", "escalate_group_id": role.id}
        return {"escalate": "region" if said else "none"}

    @api.model
    def _who_of_sheet(self, text):
        places = {
            who.lower(): code for code, who in self._places_in_sheet().items() if who
        }
        if text.lower() in places:
            return {"approver": places[text.lower()]}
        if text.startswith(PERSON):
            return {"approver": "user", "user_id": self._sheet_person(text[1:]).id}
        return {"approver": "group", "group_id": self._sheet_role(text).id}

    @api.model
    def _sheet_person(self, login):
        users = self.env["res.users"].search(
            [("login", "=", login), ("share", "=", False)]
        )
        if not users:
            raise UserError(self.env._("Nobody logs in as “%s”.", login))
        return users

    @api.model
    def _sheet_role(self, text):
        """Return the role of a name, or of an external name.

        :raise UserError: when no role, or more than one, is called so
        """
        groups = self.env["res.groups"].sudo()
        named = self.env.ref(text, raise_if_not_found=False) if "." in text else None
        if named is not None and named._name == "res.groups":
            return named.sudo()
        found = groups.search([("name", "=ilike", text)])
        if len(found) != 1:
            raise UserError(
                self.env._(
                    "“%s” is neither the regional nor the store manager, nor the name "
                    "of exactly one role: write a role's name, its external name, or "
                    "a person as @login.",
                    text,
                )
            )
        return found
