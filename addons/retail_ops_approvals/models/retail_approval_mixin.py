from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.retail_ops_core.tools import outlier

from ..tools import fingerprint, matrix

RISKS = {"low": 1, "medium": 2, "high": 3}


class Route(NamedTuple):
    """Where the matrix sends one document."""

    document: Any
    kind: Any
    facts: matrix.Facts
    policy: Any  # empty when none covers the kind
    matrix: matrix.Matrix | None
    row: matrix.Row | None  # None when no row holds

    @property
    def is_automatic(self):
        """Tell whether a row says explicitly that nobody has to decide."""
        return bool(self.row) and self.rule.outcome == "none"

    @property
    def lacks_evidence(self):
        """Tell whether a document is demanded that nobody attached."""
        demanded = self.kind.needs_evidence or self.rule.needs_evidence
        return demanded and not self.document._approval_evidence()

    @property
    def counts_split(self):
        """Tell whether some row adds up what may be parts of one need."""
        return bool(self.matrix and self.matrix.counts_split and self.kind.split_days)

    @property
    def rule(self):
        """Return the retail.approval.rule that decides, possibly empty."""
        rules = self.policy.env["retail.approval.rule"]
        return rules.browse(self.row.id) if self.row else rules


class RetailApprovalMixin(models.AbstractModel):
    """A governed document: request, withdraw, act once approved.

    A document says by hooks what it is about (kind, amount, place, facts) and what
    happens when it is asked about, granted, refused or voided. The kind says which
    of its fields are material.
    """

    _name = "retail.approval.mixin"
    _description = "Governed Document"
    # One kind governs all documents of the model; False where each names its own.
    _approval_kind_by_model = True

    approval_request_ids = fields.One2many(
        "retail.approval.request", "res_id", string="Approvals", readonly=True
    )
    approval_count = fields.Integer(compute="_compute_approval")
    approval_text = fields.Char(string="Approval", compute="_compute_approval")
    approval_state = fields.Selection(
        selection=lambda self: (
            self.env["retail.approval.request"]
            ._fields["state"]
            ._description_selection(self.env)
        ),
        compute="_compute_approval",
        help="Where the latest request for approval stands.",
    )
    can_request_approval = fields.Boolean(compute="_compute_can_request_approval")
    can_withdraw_approval = fields.Boolean(compute="_compute_approval")

    @api.depends("approval_request_ids.state", "approval_request_ids.decision_count")
    @api.depends_context("uid")
    def _compute_approval(self):
        for document in self:
            requests = document.sudo().approval_request_ids.sorted("id")
            latest = requests[-1:]
            document.approval_count = len(requests)
            document.approval_state = latest.state
            document.approval_text = latest._text_for_document() if latest else False
            document.can_withdraw_approval = (
                latest.state == "pending" and latest.requester_id == self.env.user
            )

    @api.depends("approval_request_ids.state")
    def _compute_can_request_approval(self):
        for document in self:
            document.can_request_approval = bool(
                document.sudo()._approval_kind()
                and not document._approval_is_settled()
                and not document.sudo()._valid_approvals()
            )

    # === HOOKS: WHAT IT IS ABOUT === #

    def _approval_kind(self):
        """Return the retail.request.kind that governs it, empty for none."""
        return self.env["retail.request.kind"].sudo()._of_model(self._name)

    def _approval_amount(self):
        """Return the amount at stake, in :meth:`_approval_currency`."""
        raise NotImplementedError

    def _approval_currency(self):
        """Return the res.currency of the amount."""
        return self._approval_company().currency_id

    def _approval_date(self):
        """Return the date at which the amount is converted."""
        return fields.Date.context_today(self)

    def _approval_company(self):
        """Return the res.company whose policy decides."""
        return self.company_id

    def _approval_store(self):
        """Return the retail.store it concerns, empty for none."""
        return self.store_id if "store_id" in self._fields else self.env["retail.store"]

    def _approval_cost_centre(self):
        """Return the retail.cost.centre that bears it, empty for none."""
        return self._approval_store().cost_centre_id

    def _approval_variance(self):
        """Return the size of the variance in percent, >= 0."""
        return 0.0

    def _approval_scope(self):
        """Return further facts that rows may ask for: ``type_id``, ``family``."""
        return {}

    def _approval_is_emergency(self):
        """Tell whether it was marked as an emergency."""
        return False

    def _approval_category(self):
        """Return the product.category it is about, empty for none."""
        return self.env["product.category"]

    def _approval_margin(self):
        """Return the margin that is left, in percent; None where nobody knows."""
        return None

    def _approval_is_outside_campaign(self):
        """Tell whether no campaign of the store covers it."""
        return False

    def _approval_is_outside_terms(self):
        """Tell whether it is bought outside catalogue or budget."""
        return False

    def _approval_earlier_amounts(self):
        """Return what an unusual amount is told from: list, company currency."""
        requests = self.env["retail.approval.request"].sudo()
        return requests._amounts_like(self)

    def _approval_recurrence(self):
        """Return how often its like came up lately, this time included."""
        return 1

    def _approval_partner(self):
        """Return the res.partner it is about, such as the vendor; empty for none."""
        return self.env["res.partner"]

    def _approval_evidence(self):
        """Return the ir.attachment that show it is so."""
        return (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "=", self.id)])
        )

    def _approval_evidence_digests(self):
        """Return what tells one piece of evidence from another: a digest or a link."""
        evidence = self._approval_evidence().sudo()
        return sorted(filter(None, (one.checksum or one.url for one in evidence)))

    def _approval_excluded(self):
        """Return who had a hand in it and so may not decide.

        :return: dict of user id to the reason's code: requester, raiser, assignee
        """
        return {self.create_uid.id: "raiser"}

    def _approval_context_fields(self):
        """Return the names of the fields that the deciding person should see."""
        return []

    def _approval_correlation(self):
        """Return the text that ties all hops of the case together."""
        return self.correlation_id if "correlation_id" in self._fields else False

    def _approval_related(self):
        """Return documents like it that came before, newest first, at most five.

        :return: list of dicts with ``name``, ``date``, ``amount`` and ``state``, texts
        """
        return []

    def _approval_is_settled(self):
        """Tell whether what needed approval is done with, so that facts stand."""
        return False

    # === HOOKS: WHAT HAPPENS === #

    def _approval_asked(self, request):
        """A request for the document waits for decisions."""

    def _approval_granted(self, request):
        """Act, now that the request is approved.

        What may fail or runs under another user is held for the queue by
        ``request._queue_act()``, which calls :meth:`_approval_act`.
        """

    def _approval_act(self, request):
        """Do what was approved; called by the queue, under the kind's user."""

    def _approval_refused(self, request, reason):
        """The request was rejected; ``reason`` is what the deciding person wrote."""

    def _approval_voided(self, request):
        """The request lapsed or was withdrawn."""

    # === REQUEST === #

    def action_request_approval(self):
        """Ask for approval of those that need it and have not asked yet.

        :return: action of the request, or True when there is none or several
        """
        self.check_access("write")
        self._check_evidence()
        requests = self._request_approval_where_needed()
        return requests.action_open() if len(requests) == 1 else True

    def action_open_approvals(self):
        """Open the requests about this document; the form when there is one."""
        self.ensure_one()
        if len(self.approval_request_ids) == 1:
            return self.approval_request_ids.action_open()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Approvals"),
            "res_model": "retail.approval.request",
            "views": [(False, "list"), (False, "form")],
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
        }

    def _request_approval_where_needed(self):
        """Route what is governed and has no valid request; calling again is safe.

        :return: the retail.approval.request made now
        """
        asking = self.sudo().filtered(
            lambda document: not document._approval_is_settled()
        )
        requests = self.env["retail.approval.request"]
        asking._under_way()._lapse_where_changed()
        for wave in (asking - asking._with_valid_request())._approval_waves():
            routes = wave._approval_routes()
            complete = [route for route in routes if not route.lacks_evidence]
            requests |= requests._open(complete)
        return requests

    def _approval_waves(self):
        """Return these documents in portions that are asked about one by one."""
        return [self]

    def _check_evidence(self):
        """Refuse to ask for approval without the document that kind or row demand.

        :raise UserError: naming the first that lacks one
        """
        asking = self.sudo() - self.sudo()._with_valid_request()
        for route in asking._approval_routes():
            if route.lacks_evidence:
                raise UserError(
                    self.env._(
                        "%(document)s needs evidence: attach a photo, a quote or a "
                        "report, and ask again.",
                        document=route.document.display_name,
                    )
                )

    def _with_valid_request(self):
        valid = self._valid_approvals("pending", "approved")
        return self.browse(valid.mapped("res_id"))

    def _valid_approvals(self, *states):
        """Return requests of these documents that still fit them, from the database.

        :param states: states wanted, all that are alive when none is named
        :return: retail.approval.request
        """
        requests = self.env["retail.approval.request"].sudo()
        candidates = requests.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("state", "in", states or ("pending", "approved")),
                ("spent_at", "=", False),
            ]
        )
        return candidates.filtered(lambda request: request._fits(self.sudo()))

    def _approval_routes(self):
        """Ask the matrix in force where these documents go; nothing is written.

        :return: list of :class:`Route`, for those that some kind governs
        """
        kinds = {document: document._approval_kind() for document in self}
        governed = self.filtered(lambda document: kinds[document])
        if not governed:
            return []
        policies = self.env["retail.approval.policy"].sudo()
        in_force = policies._in_force(
            self.env["retail.request.kind"].sudo().union(*kinds.values()),
            self.env["res.company"]
            .sudo()
            .union(*(document._approval_company() for document in governed)),
        )
        return [
            document._approval_route(
                kinds[document],
                in_force.get((kinds[document], document._approval_company()), policies),
            )
            for document in governed
        ]

    def _approval_route(self, kind, policy):
        rows = policy._matrix(kind) if policy else None
        facts = self._approval_facts(rows.currency_ids if rows else ())
        if rows and rows.asks_risk:
            facts = facts._replace(risk=self._approval_risk())
        if rows and rows.asks_category:
            facts = facts._replace(category_ids=self._approval_category_ids())
        rows = rows and rows.in_regions(facts.region_ids)
        if rows and rows.asks_outlier:
            facts = self._with_outlier(rows, facts)
        row = rows.match(facts) if rows else None
        if rows and rows.counts_split:
            row = self._row_by_sum(kind, rows, facts) or row
        return Route(self, kind, facts, policy, rows, row)

    def _approval_facts(self, currency_ids=()):
        """Return what the matrix is asked about.

        :param currency_ids: ids of the currencies that rows name
        :return: :class:`..tools.matrix.Facts`
        """
        store = self._approval_store()
        return matrix.Facts(
            amount=self._approval_company_amount(),
            variance=self._approval_variance(),
            store_format=store.format or "",
            region_ids=store.region_id._path_ids(),
            rates=self._approval_rates(currency_ids),
            group_ids=tuple(self.env.user._get_group_ids()),
            is_emergency=self._approval_is_emergency(),
            recurrence=self._approval_recurrence(),
            margin=self._approval_margin(),
            is_outside_campaign=self._approval_is_outside_campaign(),
            is_outside_terms=self._approval_is_outside_terms(),
            **self._approval_scope(),
        )

    def _with_outlier(self, rows, facts):
        """Look at earlier amounts only where being unusual would change the row."""
        if rows.match(facts) == rows.match(facts._replace(outlier=outlier.HIGHEST)):
            return facts
        return facts._replace(outlier=self._approval_outlier().score)

    def _approval_outlier(self):
        """Compare the amount with earlier ones.

        :return: :class:`odoo.addons.retail_ops_core.tools.outlier.Outlier`
        """
        return outlier.compare(
            self._approval_company_amount(), self._approval_earlier_amounts()
        )

    def _approval_category_ids(self):
        path = (self._approval_category().parent_path or "").strip("/")
        return tuple(int(each) for each in path.split("/") if each)

    def _approval_risk(self):
        """Return the worst risk among the store's open checklists: 0 to 3."""
        checklists = self.env["retail.checklist"].sudo()
        store = self._approval_store()
        open_ones = [("store_id", "=", store.id), ("state", "=", "open")]
        risks = checklists.search(open_ones).mapped("risk")
        return max((RISKS.get(risk, 0) for risk in risks), default=0)

    def _approval_company_amount(self):
        company, currency = self._approval_company(), self._approval_currency()
        if currency == company.currency_id:
            return self._approval_amount()
        return currency._convert(
            self._approval_amount(), company.currency_id, company, self._approval_date()
        )

    def _approval_rates(self, currency_ids):
        company = self._approval_company()
        currencies = self.env["res.currency"]
        return {
            currency_id: currencies._get_conversion_rate(
                company.currency_id,
                currencies.browse(currency_id),
                company,
                self._approval_date(),
            )
            for currency_id in currency_ids
        }

    # === WITHDRAW === #

    def action_withdraw_approval(self):
        """Take back the requests that wait; only who asked may."""
        pending = self.sudo().approval_request_ids.filtered(
            lambda request: request.state == "pending"
        )
        return pending.sudo(False).action_withdraw()

    def _withdraw_approval(self, reason):
        """Take back what waits because the document no longer needs it."""
        pending = self.sudo().approval_request_ids.filtered(
            lambda request: request.state == "pending"
        )
        pending._end("withdrawn", reason)

    # === THE GATE === #

    def _check_approved(self):
        """Refuse unless each governed document has an approval it may use.

        Reads the database: an approved, unspent request with the same fingerprint.
        A row that says explicitly that nobody has to decide is recorded and passes; a
        request under way waits all the same, for those it was put before.

        :raise UserError: naming the first document that lacks one
        """
        governed = self.sudo().filtered(lambda document: document._approval_kind())
        lacking = governed - governed._with_approved_request()
        routes = lacking._approval_routes()
        waiting = lacking.browse(lacking._under_way().mapped("res_id"))
        automatic = [
            route
            for route in routes
            if route.is_automatic and route.document not in waiting
        ]
        for route in routes:
            if route not in automatic:
                raise UserError(route.document._approval_missing_text(route))
        self.env["retail.approval.request"]._open(automatic)

    def _under_way(self):
        """Return the requests about these documents that wait for decisions."""
        about = [("res_model", "=", self._name), ("res_id", "in", self.ids)]
        requests = self.env["retail.approval.request"].sudo()
        return requests.search([*about, ("state", "=", "pending")])

    def _with_approved_request(self):
        return self.browse(self._valid_approvals("approved").mapped("res_id"))

    def _approval_missing_text(self, route):
        if self._valid_approvals("pending"):
            return self.env._(
                "%(document)s waits for an approval: %(text)s",
                document=self.display_name,
                text=self.approval_text,
            )
        return self.env._(
            "%(document)s needs an approval first (%(rule)s). Press Ask for approval.",
            document=self.display_name,
            rule=route.rule.line or self.env._("no row of the policy covers it"),
        )

    def _spend_approval(self):
        """Mark the approvals as used: what they allowed has been done."""
        self.sudo()._valid_approvals("approved").write(
            {"spent_at": fields.Datetime.now()}
        )

    # === WHAT IT RESTS ON === #

    def _approval_fingerprint(self, kind):
        """Return the digest of the facts that an approval of ``kind`` rests on.

        :param kind: retail.request.kind
        :return: 64 hexadecimal digits
        """
        self.ensure_one()
        facts = {path: self._material_values(path) for path in kind._material_paths()}
        return fingerprint.digest({"document": [self._name, self.id], "facts": facts})

    def _material_values(self, path):
        *relations, name = path.split(".")
        records = self
        for relation in relations:
            records = records[relation].sorted("id")
        values = [record[name] for record in records]
        return [
            value.ids if isinstance(value, models.BaseModel) else value
            for value in values
        ]

    def write(self, vals):
        material = self.env["retail.request.kind"]._material_names(self._name)
        result = super().write(vals)
        if material & set(vals):
            self.sudo()._void_changed_approvals()
        return result

    def _void_changed_approvals(self):
        """Void what was asked on facts that are no longer so.

        :raise UserError: when what was approved is done with already
        """
        for document in self:
            requests = document.approval_request_ids.sorted("id")
            if document._approval_is_settled():
                document._check_facts_stand(requests.filtered("spent_at")[-1:])
            else:
                requests._lapse_where_changed()

    def _check_facts_stand(self, request):
        if request and not request._says_the_same(self):
            raise UserError(
                self.env._(
                    "%(document)s was settled on these facts (%(request)s): reopen it "
                    "before you change them.",
                    document=self.display_name,
                    request=request.name,
                )
            )

    def _approval_snapshot(self):
        """Return what the deciding person sees of the document, as it is now.

        :return: list of dicts with ``name`` and ``value``, and ``currency`` for money
        """
        return [self._snapshot_of(name) for name in self._approval_context_fields()]

    def _snapshot_of(self, name):
        field, value = self._fields[name], self[name]
        entry = {"name": name, "value": value}
        if field.type == "monetary":
            entry["currency"] = self[field.get_currency_field(self)].name
        elif field.relational:
            entry["value"] = ", ".join(value.mapped("display_name"))
        elif field.type in ("date", "datetime"):
            entry["value"] = field.to_string(value) if value else False
        return entry
