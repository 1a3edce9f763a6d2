from datetime import timedelta

from odoo import api, fields, models

from odoo.addons.retail_ops_core.models.retail_home import ROWS

from ..tools import figures

DECIDERS = ",".join(
    f"retail_ops_core.group_{role}"
    for role in ("regional_manager", "operations", "finance", "loss_prevention")
)
LATELY_DAYS = 7


class RetailHome(models.AbstractModel):
    """*Approval desk*: what waits for me, what is late elsewhere, who stands in."""

    _inherit = "retail.home"

    @api.model
    def _pages(self, wanted=None):
        pages = super()._pages(wanted)
        if self.env.user.has_groups(DECIDERS):
            pages.insert(0, ("desk", self.env._("Approval desk")))
        return pages

    @api.model
    def _desk_scope(self, _scope_id):
        return False

    @api.model
    def _desk_sections(self, _scope):
        return [
            self._desk_tiles(),
            self._approvals_mine(figures.DECIDING),
            self._desk_elsewhere(),
            self._desk_stand_ins(),
        ]

    @api.model
    def _desk_tiles(self):
        model = "retail.approval.request"
        since = self._moment(fields.Datetime.now() - timedelta(days=LATELY_DAYS))
        decided = [("user_id", "=", self.env.uid), ("decided_at", ">=", since)]
        labels = (
            self.env._("Waiting for me"),
            self.env._("Of these, late"),
            self.env._("Decided by me, 7 days"),
        )
        late = self._late_domain(figures.DECIDING)
        return self._section(
            10,
            "now",
            self.env._("Needs you now"),
            shape="tiles",
            figures=self._figures(
                ("approvals", labels[0], model, figures.DECIDING, "warning"),
                ("desk_late", labels[1], model, late, "danger"),
                ("desk_decided", labels[2], "retail.approval.decision", decided),
            ),
        )

    @api.model
    def _desk_elsewhere(self):
        late = [*self._late_domain([]), ("can_decide", "=", False)]
        title = self.env._("Late with others")
        return self._section(
            30,
            "desk_elsewhere",
            title,
            all=self._all("desk_elsewhere", title, "retail.approval.request", late),
            rows=self._approval_rows(late),
            empty=self.env._(
                "No approval that you may see is late with somebody else. One that "
                "nobody decides in time moves to the next person by itself."
            ),
        )

    @api.model
    def _desk_stand_ins(self):
        now, me = self._moment(fields.Datetime.now()), self.env.uid
        domain = [
            *("|", ("user_id", "=", me), ("delegate_id", "=", me)),
            *(("revoked_at", "=", False), ("date_to", ">", now)),
        ]
        title = self.env._("Who stands in")
        found = self.env["retail.approval.delegation"].search(
            domain, order="date_from, id", limit=ROWS
        )
        return self._section(
            40,
            "desk_stand_ins",
            title,
            all=self._all("stand_ins", title, found._name, domain),
            rows=[
                self._row(
                    delegation,
                    delegation.display_name,
                    detail=delegation.reason,
                    moment=self._moment(delegation.date_to),
                    verb="ends",
                )
                for delegation in found
            ],
            empty=self.env._(
                "Nobody stands in for you, and you for nobody. Before you are away, "
                "say under Approvals / Delegations who decides in your place."
            ),
        )
