from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime, formatLang
from odoo.tools.float_utils import float_repr


class RetailApprovalRequest(models.Model):
    """What the deciding person sees on one screen."""

    _inherit = "retail.approval.request"

    can_decide = fields.Boolean(
        compute="_compute_can_decide", search="_search_can_decide"
    )
    can_withdraw = fields.Boolean(compute="_compute_can_decide")
    can_try_again = fields.Boolean(compute="_compute_can_decide")
    cannot_decide_reason = fields.Char(compute="_compute_can_decide")
    is_stale = fields.Boolean(compute="_compute_is_stale")
    is_overdue = fields.Boolean(compute="_compute_is_overdue")
    waiting_for = fields.Char(compute="_compute_waiting_for")
    limit_text = fields.Char(string="Limit", compute="_compute_limit_text")
    context_html = fields.Html(
        string="Facts", compute="_compute_context_html", sanitize=False
    )
    explanation_html = fields.Html(
        string="Why this path", compute="_compute_explanation_html", sanitize=False
    )

    @api.depends("name", "document_name")
    def _compute_display_name(self):
        for request in self:
            request.display_name = f"{request.name} {request.document_name}"

    @api.depends("state", "decision_count", "step_ids.state", "is_blocked")
    @api.depends_context("uid")
    def _compute_can_decide(self):
        user = self.env.user
        is_admin = user.has_group("retail_ops_core.group_admin")
        for request in self:
            asked = request.sudo()
            pending = asked.state == "pending"
            reason = asked._reason_not_to_decide(user)
            involved = user.id in asked._excluded()
            request.can_decide = not reason
            request.cannot_decide_reason = pending and involved and reason
            request.can_withdraw = pending and asked.requester_id == user
            request.can_try_again = asked.is_blocked and (
                is_admin or asked.owner_id == user
            )

    @api.model
    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        own_step = [("state", "=", "open"), ("approver_ids", "in", self.env.uid)]
        mine = Domain("step_ids", "any", own_step) | self._delegated_domain()
        return mine & Domain(
            [
                ("state", "=", "pending"),
                ("is_blocked", "=", False),
                ("requester_id", "!=", self.env.uid),
                ("decision_ids", "not any", [("user_id", "=", self.env.uid)]),
            ]
        )

    @api.depends("state")
    def _compute_is_stale(self):
        for request in self:
            asked = request.sudo()
            request.is_stale = asked.state == "pending" and not asked._fits(
                asked._document()
            )

    @api.depends("state", "due_at")
    def _compute_is_overdue(self):
        now = fields.Datetime.now()
        for request in self:
            due = request.due_at
            request.is_overdue = bool(request.state == "pending" and due and due < now)

    @api.depends("state", "step_ids.state", "decision_count")
    def _compute_waiting_for(self):
        for request in self:
            steps = request.sudo()._steps_in("open")
            request.waiting_for = ", ".join(steps.mapped("name"))

    @api.depends("rule_id")
    def _compute_limit_text(self):
        for request in self:
            rule = request.sudo().rule_id
            currency = rule.currency_id or request.company_currency_id
            limit = formatLang(self.env, rule.amount_min, currency_obj=currency)
            request.limit_text = limit if rule.amount_min else False

    def _text_for_document(self):
        """Return one line for the document's banner."""
        self.ensure_one()
        if self.state == "pending" and self.is_blocked:
            return self._block_text()
        if self.state == "pending":
            missing = sum(step._missing() for step in self._steps_in("open"))
            if missing == 1:
                text = self.env._("Waiting for one approval: %s", self.waiting_for)
            else:
                text = self.env._(
                    "Waiting for %(missing)s approvals: %(who)s",
                    missing=missing,
                    who=self.waiting_for,
                )
            return f"{text} ({self.name})"
        if self.is_automatic:
            return self.env._("No approval needed (%(rule)s)", rule=self.rule_line)
        if self.state == "rejected":
            return self._rejection_text()
        states = dict(self._fields["state"]._description_selection(self.env))
        return f"{states[self.state]} ({self.name})"

    def _rejection_text(self):
        """Return who rejected it and why: what whoever asked has to know."""
        decision = self.decision_ids.filtered(lambda each: each.verdict == "rejected")
        return self.env._(
            "Rejected by %(who)s: %(reason)s (%(request)s)",
            who=decision._who(),
            reason=decision.comment,
            request=self.name,
        )

    # === FACTS === #

    @api.depends("snapshot")
    def _compute_context_html(self):
        for request in self:
            document = request.sudo()._document()
            request.context_html = self.env["ir.qweb"]._render(
                "retail_ops_approvals.request_context",
                {
                    "facts": request._facts_shown(),
                    "related": document._approval_related() if document else [],
                },
            )

    def _facts_shown(self):
        """Return ``(label, value)`` of each fact as it was when asked."""
        model = self.env[self.res_model]
        labels = model.fields_get(attributes=["string", "selection"])
        known = model.sudo()._fields
        return [
            (
                labels.get(entry["name"], {}).get("string") or entry["name"],
                self._fact_text(entry, known[entry["name"]]),
            )
            for entry in (self.snapshot or {}).get("document", [])
            if entry["name"] in known and entry["value"] not in (False, None, "")
        ]

    def _fact_text(self, entry, field):
        value = entry["value"]
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        if entry.get("currency"):
            return f"{formatLang(self.env, value, digits=2)} {entry['currency']}"
        if field.type == "datetime":
            moment = fields.Datetime.to_datetime(value)
            return format_datetime(self.env, moment, dt_format="short")
        if isinstance(value, float):
            return float_repr(value, 2).rstrip("0").rstrip(".")
        return value

    # === WHY === #

    @api.depends("explanation", "rule_line", "block")
    def _compute_explanation_html(self):
        for request in self:
            request.explanation_html = self.env["ir.qweb"]._render(
                "retail_ops_approvals.request_explanation",
                {"asked": request.sudo(), "lines": request._explanation_lines()},
            )

    def _explanation_lines(self):
        """Return the reasons in sentences, in the reader's language.

        :return: dict of ``variant``, ``near``, ``turning`` and ``left_out`` to lists
            of texts
        """
        self.ensure_one()
        explanation = self.explanation or {}
        variant = explanation.get("variant")
        return {
            "variant": [self._variant_text(variant)] if variant else [],
            "near": list(map(self._near_text, explanation.get("near_misses", []))),
            "turning": list(
                map(self._turning_text, explanation.get("turning_points", []))
            ),
            "left_out": list(map(self._left_out_text, explanation.get("left_out", []))),
        }

    def _variant_text(self, variant):
        return self.env._(
            "%(region)s has limits of its own: %(difference)s.", **variant
        )

    def _turning_text(self, point):
        amount = formatLang(
            self.env, point["amount"], currency_obj=self.company_currency_id
        )
        values = {
            "amount": amount,
            "line": point["line"] or self.env._("no row, and so the policy's owner"),
        }
        if point["side"] == "below":
            return self.env._("Below %(amount)s: %(line)s", **values)
        return self.env._("From %(amount)s on: %(line)s", **values)

    def _left_out_text(self, entry):
        user = self.env["res.users"].sudo().browse(entry["user_id"]).exists()
        reasons = {
            "requester": self.env._("asked for it"),
            "raiser": self.env._("raised the case"),
            "assignee": self.env._("works on the case"),
            "editor": self.env._("wrote at it"),
            "evidence": self.env._("brought the evidence"),
            "answered": self.env._("answered a question about it"),
            "other_half": self.env._("decided the other half"),
            "incompatible": self.env._("has a role that must not meet another's here"),
            "archived": self.env._("is archived"),
            "outside": self.env._("is no internal user"),
            "machine": self.env._("is the account of a machine"),
            "company": self.env._("has no access to the company"),
        }
        return self.env._(
            "%(user)s (%(step)s) %(reason)s.",
            user=user.name or entry["user_id"],
            step=entry["step"],
            reason=reasons[entry["reason"]],
        )

    def action_open(self):
        """Open the request's form."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
        }
