from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import plaintext2html

from .retail_exception import STATES
from .retail_sla_target import SEVERITIES

STAMPS = ["opened_at", "acknowledged_at", "acted_at", "resolved_at", "closed_at"]
# State: the stamps it must have; what is neither here nor optional must be empty.
NEEDED = {
    "new": set(),
    "triaged": set(),
    "in_progress": {"acted_at"},
    "waiting": {"waiting_since", "waiting_reason"},
    "resolved": {"resolved_at", "resolution"},
    "closed": {"resolved_at", "closed_at", "resolution"},
    "cancelled": {"resolution"},
}
OPTIONAL = {
    "new": set(),
    "triaged": {"acknowledged_at"},
    "in_progress": {"acknowledged_at"},
    "waiting": {"acknowledged_at", "acted_at"},
    "resolved": {"acknowledged_at", "acted_at", "root_cause_id"},
    "closed": {"acknowledged_at", "acted_at", "root_cause_id"},
    "cancelled": {"acknowledged_at", "acted_at"},
}
HISTORY = {*STAMPS[1:], "waiting_since", "waiting_reason", "resolution"}
WAITING = [
    ("supplier", "A supplier"),
    ("information", "Information"),
    ("other", "Something else"),
]


class RetailExceptionImport(models.Model):
    """A case of another system, as it was handed over: states, stamps and comments.

    Each row raises one exception that goes on from there. The row stays as it came,
    so that everybody can tell what was imported from what happened here.
    """

    _name = "retail.exception.import"
    _description = "Imported Case"
    _inherit = ["retail.import"]
    _import_key = ("reference",)
    _rec_name = "reference"
    _order = "id desc"
    _check_company_auto = True

    reference = fields.Char(
        required=True, help="The case's name in the old system: imported once."
    )
    type_id = fields.Many2one(
        "retail.exception.type", required=True, ondelete="restrict"
    )
    store_id = fields.Many2one("retail.store", required=True, ondelete="restrict")
    company_id = fields.Many2one(related="store_id.company_id", store=True)
    summary = fields.Char(required=True)
    reason = fields.Text()
    severity = fields.Selection(
        SEVERITIES, help="Leave empty for the severity of the type."
    )
    state = fields.Selection(STATES, required=True)
    user_id = fields.Many2one(
        "res.users",
        "Assignee",
        help="Who works on it; leave empty to have the queue's rule choose.",
    )
    product_id = fields.Many2one("product.product", check_company=True)
    expected_quantity = fields.Float(digits="Product Unit")
    counted_quantity = fields.Float(digits="Product Unit")
    amount = fields.Float(help="The amount at stake, in the store's currency.")
    opened_at = fields.Datetime(required=True, help="When it was raised, in UTC.")
    acknowledged_at = fields.Datetime()
    acted_at = fields.Datetime("Work begun")
    waiting_reason = fields.Selection(WAITING, "Waiting for")
    waiting_since = fields.Datetime()
    resolved_at = fields.Datetime()
    closed_at = fields.Datetime()
    resolution = fields.Text(help="What was done about it, or why it was cancelled.")
    root_cause_id = fields.Many2one("retail.root.cause")
    comment_ids = fields.One2many(
        "retail.exception.import.comment", "import_id", "Comments"
    )
    exception_id = fields.Many2one(
        "retail.exception", readonly=True, copy=False, index="btree_not_null"
    )

    _reference_unique = models.Constraint(
        "UNIQUE(reference)", "This case is imported already: open it in the list."
    )

    @api.model
    def get_import_templates(self):
        """Return the file that shows how to import them, for the import screen."""
        return [
            {
                "label": self.env._("Import template for running cases"),
                "template": "/retail_ops_core/static/import/running_cases.csv",
            }
        ]

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "exception_id":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.model_create_multi
    def create(self, vals_list):
        """Raise the exception of each row, or of none.

        :raise ValidationError: when the history of a row cannot have happened
        """
        rows = super().create(vals_list)
        rows._check_history()
        rows.sudo()._raise_cases()
        return rows

    def write(self, vals):
        if vals and not self.env.su:
            raise ValidationError(
                self.env._(
                    "What was imported stays as it came: change the exception instead."
                )
            )
        return super().write(vals)

    # === What cannot have happened === #
    def _check_history(self):
        names = [*HISTORY, "opened_at", "state", "type_id", "store_id", "user_id"]
        for row in self:
            values = {
                name: row[name].id if row._fields[name].relational else row[name]
                for name in [*names, "root_cause_id"]
            }
            problems = self._import_problems(values)
            if problems:
                texts = " ".join(text for _name, text in problems)
                raise ValidationError(
                    self.env._(
                        "%(reference)s: %(problems)s",
                        reference=row.reference,
                        problems=texts,
                    )
                )

    @api.model
    def _import_problems(self, values):
        """Return why a case cannot have this history.

        :param values: dict of field values of one row
        :return: list of ``(field name, sentence)``
        """
        return [
            *super()._import_problems(values),
            *self._state_problems(values),
            *self._order_problems(values),
            *self._people_problems(values),
            *self._cause_problems(values),
        ]

    @api.model
    def _state_problems(self, values):
        state = values.get("state")
        given = {name for name in HISTORY if values.get(name)}
        label = dict(self._fields["state"]._description_selection(self.env))[state]
        for name in sorted(NEEDED[state] - given):
            yield (
                name,
                self.env._(
                    "A case that is %(state)s needs “%(field)s”: fill it in, or give "
                    "the state the case really has.",
                    state=label,
                    field=self._label(name),
                ),
            )
        for name in sorted(given - NEEDED[state] - OPTIONAL[state]):
            yield (
                name,
                self.env._(
                    "A case that is %(state)s cannot have “%(field)s” yet: empty it, "
                    "or give the state the case really has.",
                    state=label,
                    field=self._label(name),
                ),
            )

    @api.model
    def _order_problems(self, values):
        now = fields.Datetime.now()
        moments = [
            (name, fields.Datetime.to_datetime(values[name]))
            for name in [*STAMPS, "waiting_since"]
            if values.get(name)
        ]
        for name, moment in moments:
            if moment > now:
                yield (
                    name,
                    self.env._(
                        "“%s” lies in the future: a history has happened already.",
                        self._label(name),
                    ),
                )
        pairs = zip(moments, moments[1:], strict=False)
        for (before, first), (after, second) in pairs:
            if second < first and after != "waiting_since":
                yield (
                    after,
                    self.env._(
                        "“%(after)s” is earlier than “%(before)s”: put them in order.",
                        after=self._label(after),
                        before=self._label(before),
                    ),
                )

    @api.model
    def _people_problems(self, values):
        user = self.env["res.users"].sudo().browse(values.get("user_id") or [])
        store = self.env["retail.store"].browse(values.get("store_id") or [])
        if user and not user.active:
            yield (
                "user_id",
                self.env._(
                    "%s has left: give somebody whose user is active, or leave it "
                    "empty.",
                    user.name,
                ),
            )
        elif user and store and not store.with_user(user).has_access("read"):
            yield (
                "user_id",
                self.env._(
                    "%(user)s may not work in store %(store)s: give somebody of the "
                    "store, its region or headquarters, or leave it empty.",
                    user=user.name,
                    store=store.sudo().display_name,
                ),
            )

    @api.model
    def _cause_problems(self, values):
        kind = self.env["retail.exception.type"].browse(values.get("type_id") or [])
        finished = values.get("state") in ("resolved", "closed")
        if finished and kind.root_cause_required and not values.get("root_cause_id"):
            yield (
                "root_cause_id",
                self.env._(
                    "Cases of type “%s” are resolved with a root cause: give one.",
                    kind.name,
                ),
            )

    @api.model
    def _label(self, name):
        return self._fields[name]._description_string(self.env)

    # === Raising the cases === #
    def _raise_cases(self):
        Exceptions = self.env["retail.exception"]
        cases = Exceptions._raise_imported([row._case_values() for row in self])
        self.env["mail.message"].create(
            [
                values
                for row, case in zip(self, cases, strict=True)
                for values in row._message_values(case)
            ]
        )
        self.env["retail.audit.entry"]._record(
            cases, "exception.imported", [row._history_facts() for row in self]
        )
        for row, case in zip(self, cases, strict=True):
            row.exception_id = case

    def _case_values(self):
        names = ["type_id", "store_id", "product_id", "root_cause_id"]
        values = {name: self[name].id for name in names}
        for name in {*STAMPS, *HISTORY, "state", "summary", "reason"}:
            values[name] = self[name]
        for name in ("expected_quantity", "counted_quantity", "amount"):
            values[name] = self[name]
        if self.severity:
            values["severity"] = self.severity
        if self.user_id:
            values["user_id"] = self.user_id.id
        return {
            **values,
            "import_id": self.id,
            "intake_key": f"import:{self.reference}",
            "origin": "import",
            "occurred_at": self.opened_at,
            "touched_at": max(self[name] or self.opened_at for name in STAMPS),
            "needs_classification": self.state == "new",
            "classification_note": self.env._(
                "Imported from another system as %s.", self.reference
            ),
        }

    def _history_facts(self):
        stamps = {
            name: fields.Datetime.to_string(self[name])
            for name in [*STAMPS, "waiting_since"]
            if self[name]
        }
        return {"reference": self.reference, "state": self.state, **stamps}

    def _message_values(self, case):
        note = self.env.ref("mail.mt_note").id
        return [
            {
                "model": case._name,
                "res_id": case.id,
                "message_type": "comment",
                "subtype_id": note,
                "date": comment.date,
                "author_id": False,
                "email_from": comment.author,
                "subject": self.env._("Imported comment of %s", comment.author),
                "body": plaintext2html(comment.text),
            }
            for comment in self.comment_ids
        ]
