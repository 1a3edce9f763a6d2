from odoo import api, fields, models
from odoo.tools.misc import formatLang

CLASSIFIERS = "retail.exception.classifier"


class RetailExceptionType(models.Model):
    """The workflow as it is configured now: events, thresholds, path, owners, SLA."""

    _inherit = "retail.exception.type"

    definition = fields.Html(
        "Workflow definition",
        compute="_compute_definition",
        sanitize=False,
        help="Worked out from the settings in force whenever it is opened or printed.",
    )

    @api.depends_context("lang", "company")
    def _compute_definition(self):
        qweb = self.env["ir.qweb"]
        for kind in self:
            kind.definition = kind.id and qweb._render(
                "retail_ops_core.workflow_definition", {"kind": kind}
            )

    def _money(self, amount):
        return formatLang(self.env, amount, currency_obj=self.env.company.currency_id)

    def _label(self, record, name):
        labels = dict(record._fields[name]._description_selection(self.env))
        return labels.get(record[name], "")

    # === Events === #
    def _definition_events(self):
        """Return what raises exceptions of this type; addons above add to it.

        :return: list of texts
        """
        self.ensure_one()
        events = [self.env._("A person raises it with New.")]
        if self.is_reported_by_stores:
            events.insert(0, self.env._("A store reports it on the report screen."))
        for rule in self._report_rules():
            events.append(self.env._("Daily report: %s.", rule.name))
        for template in self._checklist_templates():
            events.append(self.env._("Overdue checklist: %s.", template.name))
        return events

    def _report_rules(self):
        return (
            self.env["retail.report.rule"]
            .sudo()
            .search([("exception_type_id", "=", self.id)])
        )

    def _checklist_templates(self):
        return (
            self.env["retail.checklist.template"]
            .sudo()
            .search([("exception_type_id", "=", self.id)])
        )

    # === Thresholds === #
    def _definition_thresholds(self):
        """Return what decides how grave a case is.

        :return: list of ``(what, text)``
        """
        self.ensure_one()
        rows = [(self.env._("Severity to begin with"), self._severity_text())]
        rows += self._tolerance_rows() + self._classifier_rows()
        if self.repeat_limit:
            rows.append((self.env._("Repeats"), self._repeat_text()))
        if self.storm_threshold:
            rows.append((self.env._("Storm"), self._storm_text()))
        return rows

    def _severity_text(self):
        return self._label(self, "default_severity")

    def _tolerance_rows(self):
        rows = []
        if self.tolerance_percent:
            text = self.env._(
                "up to %(percent)s %% and %(amount)s opens no exception",
                percent=self.tolerance_percent,
                amount=self._money(self.tolerance_amount),
            )
            rows.append((self.env._("Tolerated"), text))
        if self.review_threshold:
            text = self.env._("from %s", self._money(self.review_threshold))
            rows.append((self.env._("HQ review"), text))
        return rows

    def _classifier_rows(self):
        classifiers = (
            self.env[CLASSIFIERS].sudo().search([("is_draft", "=", False)], order="id")
        )
        mine = classifiers.filtered(
            lambda one: not one.type_ids or self in one.type_ids
        )
        labels = self.env["retail.sla.target"]._severity_labels()
        return [
            (one.name, f"{one._conditions_text()} → {labels.get(one.severity, '')}")
            for one in mine.sorted("sequence")
        ]

    def _repeat_text(self):
        return self.env._(
            "from %(times)s times in %(days)s days one level higher",
            times=self.repeat_limit,
            days=self.repeat_days,
        )

    def _storm_text(self):
        return self.env._(
            "%(count)s within %(minutes)s minutes are one group with one notice",
            count=self.storm_threshold,
            minutes=self.storm_minutes,
        )

    # === Exception path === #
    def _definition_path(self):
        """Return the way of a case from its birth to its end.

        :return: list of ``(what, text)``
        """
        self.ensure_one()
        queue = self.queue_id.sudo()
        rows = [(self.env._("Goes to"), f"{queue.name}: {self._assignment_text()}")]
        for category in self.category_ids:
            about = self.env._("About “%s”", category.name)
            rows.append((about, category.sudo().queue_id.name))
        for milestone in self.milestone_ids:
            step = milestone.instruction or self.env._("timed step")
            rows.append((milestone.name, step))
        rows += [requirement._definition_row() for requirement in self.requirement_ids]
        rows.append((self.env._("Before it is resolved"), self._resolve_text()))
        rows.append((self.env._("Overdue"), self._escalation_path_text()))
        if self.stale_days:
            text = self.env._("its assignee is nudged after %s days", self.stale_days)
            rows.append((self.env._("Nobody works on it"), text))
        return rows

    def _assignment_text(self):
        return self._label(self.queue_id.sudo(), "assignment")

    def _resolve_text(self):
        needed = [
            (self.root_cause_required, self.env._("a root cause")),
            (self.evidence_required, self.env._("evidence")),
            (self.region_decides, self.env._("the regional manager")),
        ]
        texts = [text for is_needed, text in needed if is_needed]
        return ", ".join(texts) or self.env._("what was done, in one sentence")

    def _escalation_path_text(self):
        return self.env._(
            "the regional manager, then the manager of each region above, then "
            "%(owner)s; one level every %(hours)s hours",
            owner=self.sudo().business_owner_id.name,
            hours=self.sla_policy_id.escalate_hours,
        )

    # === Owners and SLA === #
    def _definition_owners(self):
        """Return list of ``(role, name)``."""
        self.ensure_one()
        queue = self.queue_id.sudo()
        return [
            (self.env._("Owning team"), queue.name),
            (self.env._("Business owner"), queue.business_owner_id.name),
            (self.env._("Technical owner"), queue.technical_owner_id.name),
            (
                self.env._("Told when the queue is abandoned"),
                (queue.alert_user_id or queue.business_owner_id).name,
            ),
        ]

    def _definition_sla(self):
        """Return list of ``(severity, acknowledge, act, resolve)``, hours."""
        labels = self.env["retail.sla.target"]._severity_labels()
        order = list(labels)
        targets = self.sla_policy_id.sudo().target_ids.sorted(
            lambda target: order.index(target.severity), reverse=True
        )
        return [
            (
                labels[target.severity],
                target.acknowledge_hours,
                target.act_hours,
                target.resolve_hours,
            )
            for target in targets
        ]
