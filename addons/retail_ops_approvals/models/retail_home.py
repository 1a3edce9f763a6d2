from odoo import api, fields, models
from odoo.tools.misc import formatLang

from odoo.addons.retail_ops_core.models.retail_home import ROWS

from ..tools import figures

KIND_BARS = 6


class RetailHome(models.AbstractModel):
    """Approvals on the home screens: waiting for me, asked by me, late."""

    _inherit = "retail.home"

    # === The next step of an exception === #
    @api.model
    def _exception_buttons(self, exception):
        """A case that needs an approval is asked about before it is resolved."""
        buttons = super()._exception_buttons(exception)
        resolves = buttons and buttons[0]["method"] == "action_resolve"
        if resolves and exception.can_request_approval:
            label = self.env._("Ask for approval")
            return [self._button(exception, label, "action_request_approval")]
        return buttons

    # === Sections === #
    @api.model
    def _store_sections(self, scope):
        sections = super()._store_sections(scope)
        store = self.env["retail.store"].browse(scope["id"])
        if store:
            mine = self._deciding_domain(store)
            self._add_tile(sections, mine)
            sections += [self._approvals_mine(mine), self._approvals_asked(store)]
        return sections

    @api.model
    def _region_sections(self, scope):
        sections = super()._region_sections(scope)
        if len(sections) > 1:
            self._add_tile(sections, figures.DECIDING)
            sections.append(self._approvals_mine(figures.DECIDING, sequence=35))
            sections.append(self._approvals_of_region(self._scope_domain(scope)))
        return sections

    @api.model
    def _headquarters_sections(self, scope):
        sections = super()._headquarters_sections(scope)
        return [*sections, self._panel_approvals()]

    @api.model
    def _add_tile(self, sections, domain):
        tiles = next(each for each in sections if each["key"] == "now")
        label = self.env._("Approvals waiting for me")
        tiles["figures"] += self._figures(
            ("approvals", label, "retail.approval.request", domain, "warning")
        )

    # === For me === #
    @api.model
    def _deciding_domain(self, store):
        """Return what waits for me but for my other stores, which have their page."""
        others = self._own_stores() - store
        return [*figures.DECIDING, ("store_id", "not in", others.ids)]

    @api.model
    def _approvals_mine(self, domain, sequence=25):
        title = self.env._("Approvals waiting for me")
        return self._section(
            sequence,
            "approvals",
            title,
            all=self._all("approvals_all", title, "retail.approval.request", domain),
            rows=self._approval_rows(domain, opens=self.env._("Decide")),
            empty=self.env._(
                "Nobody waits for your decision. What the approval policy puts before "
                "you comes here, with the facts and the reason why you are asked."
            ),
        )

    @api.model
    def _approvals_asked(self, store):
        asked = [*figures.WAITING, ("requester_id", "=", self.env.uid)]
        domain = self._of_store(store, asked)
        title = self.env._("My requests")
        return self._section(
            60,
            "requests",
            title,
            all=self._all("requests_all", title, "retail.approval.request", domain),
            rows=self._approval_rows(domain),
            empty=self.env._(
                "Nothing you asked for is open. Ask for a local need, a markdown or "
                "extra staff under Approvals / Requests; who decides is asked by "
                "itself."
            ),
        )

    # === Of many === #
    @api.model
    def _late_domain(self, domain):
        now = self._moment(fields.Datetime.now())
        return [*domain, *figures.WAITING, ("due_at", "<", now)]

    @api.model
    def _approvals_of_region(self, domain):
        waiting, late = [*domain, *figures.WAITING], self._late_domain(domain)
        model = "retail.approval.request"
        return self._section(
            70,
            "approvals_region",
            self.env._("Approvals in my region"),
            figures=self._figures(
                ("approvals_waiting", self.env._("Waiting"), model, waiting),
                ("approvals_late", self.env._("Late"), model, late, "danger"),
            ),
            rows=self._approval_rows(late),
            empty=self.env._(
                "No approval is late. One that nobody decides in time moves to the "
                "next person by itself, and shows here until it is decided."
            ),
        )

    @api.model
    def _panel_approvals(self):
        model, late = "retail.approval.request", self._late_domain([])
        blocked = [*figures.WAITING, ("is_blocked", "=", True)]
        return self._section(
            30,
            "approvals",
            self.env._("Which approvals are late?"),
            figures=self._figures(
                ("approvals_late", self.env._("Late"), model, late, "danger"),
                ("approvals", self.env._("Waiting"), model, figures.WAITING),
                (
                    "approvals_blocked",
                    self.env._("Nobody can decide"),
                    model,
                    blocked,
                    "danger",
                ),
                (
                    "approvals_mine",
                    self.env._("Waiting for me"),
                    model,
                    figures.DECIDING,
                    "warning",
                ),
            ),
            bars=self._kind_bars(),
            bars_title=self.env._("Waiting by kind"),
            rows=self._approval_rows(late),
            empty=self.env._(
                "Nothing waits for an approval. What a store asks for, and what the "
                "policy holds back, shows here until it is decided."
            ),
        )

    @api.model
    def _kind_bars(self):
        rows = self.env["retail.approval.request"]._read_group(
            figures.WAITING,
            ["kind_id"],
            ["__count"],
            order="__count desc",
            limit=KIND_BARS,
        )
        return [
            self._figure(
                f"kind_{kind.id}",
                kind.name,
                "retail.approval.request",
                [*figures.WAITING, ("kind_id", "=", kind.id)],
                value=count,
            )
            for kind, count in rows
        ]

    # === Rows === #
    @api.model
    def _approval_rows(self, domain, opens=""):
        """Return lines of requests, the most urgent first.

        :param opens: text of the button that opens the request
        """
        requests = self.env["retail.approval.request"].search(
            domain, order="due_at, id", limit=ROWS
        )
        return [
            self._row(
                request,
                request.document_name,
                detail=self._approval_detail(request),
                moment=self._moment(request.due_at),
                verb="due",
                badge=self._approval_badge(request),
                opens=opens,
            )
            for request in requests
        ]

    @api.model
    def _approval_detail(self, request):
        amount = formatLang(self.env, request.amount, currency_obj=request.currency_id)
        who = request.waiting_for or request.requester_id.sudo().name
        return " · ".join([request.kind_id.name, amount, who])

    @api.model
    def _approval_badge(self, request):
        if request.is_blocked:
            return {"text": self.env._("Blocked"), "tone": "danger"}
        if request.is_paused:
            return {"text": self.env._("Question to answer"), "tone": "info"}
        return None
