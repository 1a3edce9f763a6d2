from ast import literal_eval

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools.misc import formatLang

from .retail_sla_target import SEVERITIES


class RetailExceptionClassifier(models.Model):
    _name = "retail.exception.classifier"
    _description = "Exception Classifier"
    _inherit = ["retail.audited"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="Classifiers are asked in this order; the first match decides."
    )
    active = fields.Boolean(default=True)
    is_draft = fields.Boolean(
        "Draft",
        help="Decides nothing yet; the test bench shows what it would do.",
    )
    company_id = fields.Many2one(
        "res.company", help="Leave empty to classify the exceptions of every company."
    )
    type_ids = fields.Many2many(
        "retail.exception.type",
        relation="retail_exception_classifier_type_rel",
        string="Types",
        help="Leave empty to ask this classifier about every type.",
    )
    domain = fields.Char(
        string="Conditions",
        required=True,
        default="[]",
        help="What must hold for this classifier to decide, such as a money impact "
        "of 50 or more.",
    )
    severity = fields.Selection(
        SEVERITIES, required=True, help="Severity given when this classifier decides."
    )
    queue_id = fields.Many2one(
        "retail.queue",
        help="Queue that takes over when this classifier decides; empty leaves the "
        "type's own.",
    )

    @api.constrains("domain")
    def _check_domain(self):
        for classifier in self:
            try:
                Domain(classifier._conditions()).validate(self.env["retail.exception"])
            except (ValueError, SyntaxError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "The conditions of classifier “%(name)s” cannot be read "
                        "(%(error)s): pick them again in the editor.",
                        name=classifier.name,
                        error=error,
                    )
                ) from error

    def _conditions(self):
        return literal_eval(self.domain or "[]")

    def _conditions_text(self):
        """Return the conditions as a person reads them, such as Money impact >= 50."""
        names = self.env["retail.exception"]._fields
        parts = [
            f"{names[condition.field_expr.split('.')[0]]._description_string(self.env)}"
            f" {condition.operator} {condition.value}"
            for condition in Domain(self._conditions()).iter_conditions()
        ]
        return ", ".join(parts) or self.env._("always")

    def _concerns(self, exception):
        """Tell whether company and type let this classifier speak at all."""
        return (not self.company_id or self.company_id == exception.company_id) and (
            not self.type_ids or exception.type_id in self.type_ids
        )

    def _decide(self, exception):
        """Find the classifier that decides, and say why.

        :param exception: one retail.exception
        :return: ``(retail.exception.classifier, text)``; an empty recordset when
            none matches
        """
        nearest = self.browse()
        asked = self.filtered(lambda classifier: classifier._concerns(exception))
        for classifier in asked:
            if exception.filtered_domain(classifier._conditions()):
                return classifier, classifier._explain(exception, nearest)
            if classifier._nearly_decides(exception):
                nearest = classifier
        return self.browse(), self._explain_default(exception, nearest)

    def _unmet(self, exception):
        """Return the plain conditions that do not hold for the exception."""
        return [
            condition
            for condition in Domain(self._conditions()).iter_conditions()
            if not exception.filtered_domain(condition)
        ]

    def _nearly_decides(self, exception):
        """Tell whether one fact, of those the type has, keeps it from deciding."""
        unmet = self._unmet(exception)
        if len(unmet) != 1:
            return False
        has_money = exception.type_id.impact_formula != "none"
        return has_money or unmet[0].field_expr != "impact_amount"

    def _explain(self, exception, nearest):
        facts = [
            self._condition_text(exception, condition)
            for condition in Domain(self._conditions()).iter_conditions()
        ]
        reason = ", ".join(facts) or self.env._("no conditions")
        text = self.env._(
            "“%(classifier)s” decided: %(reason)s.", classifier=self.name, reason=reason
        )
        return text + nearest._what_would_change(exception)

    def _explain_default(self, exception, nearest):
        text = self.env._("No classifier matched: the type's own severity holds.")
        return text + nearest._what_would_change(exception)

    def _what_would_change(self, exception):
        if not self:
            return ""
        [condition] = self._unmet(exception)
        return " " + self.env._(
            "It would be %(severity)s if %(condition)s.",
            severity=self.env["retail.sla.target"]._severity_labels()[self.severity],
            condition=self._condition_text(exception, condition),
        )

    def _condition_text(self, exception, condition):
        """Spell one condition with the value that was found."""
        path, operator, value = (
            condition.field_expr,
            condition.operator,
            condition.value,
        )
        label = exception._fields[path.split(".")[0]]._description_string(self.env)
        found = exception.mapped(path)
        found = found[0] if isinstance(found, list) and found else found
        if isinstance(found, models.BaseModel):
            found = ", ".join(found.mapped("display_name"))
        elif isinstance(found, float):
            found = formatLang(self.env, found, digits=2)
        return self.env._(
            "%(label)s %(operator)s %(value)s (it is %(found)s)",
            label=label,
            operator=operator,
            value=value,
            found=found,
        )
