from odoo import api, models
from odoo.exceptions import AccessError

from ..tools import figures

CAMPAIGN_ROWS = 5


class RetailHome(models.AbstractModel):
    """*My region*: which stores need the regional manager, compared fairly."""

    _inherit = "retail.home"

    @api.model
    def _pages(self, wanted=None):
        pages = super()._pages(wanted)
        if self.env.user.has_group("retail_ops_core.group_regional_manager"):
            pages.append(("region", self.env._("My region")))
        return pages

    @api.model
    def _own_regions(self):
        return self.env["retail.region"].search([("leader_ids", "in", self.env.uid)])

    # === Which region === #
    @api.model
    def _region_scope(self, region_id):
        """Return the region that the page is about, and those to pick from.

        :raise AccessError: when the user does not lead the region
        """
        regions = self._own_regions()
        region = regions.browse(region_id or False)
        if region - regions:
            raise AccessError(
                self.env._("You do not lead this region: pick one of your own.")
            )
        if len(regions) == 1:
            region = regions
        everything = {"id": False, "name": self.env._("All my regions")}
        return {
            "id": region.id,
            "title": region.display_name or everything["name"],
            "label": self.env._("Region"),
            "options": [everything]
            + [{"id": each.id, "name": each.complete_name} for each in regions],
        }

    @api.model
    def _scope_domain(self, scope):
        """Return the domain of what belongs to the regions of the page."""
        within = [("id", "child_of", scope["id"])] if scope["id"] else []
        regions = self._own_regions().filtered_domain(within)
        return [("region_id", "in", regions.ids)]

    @api.model
    def _region_sections(self, scope):
        domain = self._scope_domain(scope)
        stores = self.env["retail.store"].search([*domain, *figures.STORES_OPEN])
        if not stores:
            return [self._no_region_section()]
        return [
            self._region_tiles(domain),
            self._region_comparison(stores),
            self._region_escalated(domain),
            self._region_reports(domain),
            self._region_readiness(domain),
            self._region_people(domain),
        ]

    @api.model
    def _no_region_section(self):
        return self._section(
            10,
            "no_region",
            self.env._("No store in your regions yet"),
            empty=self.env._(
                "Ask the retail administrator to make you the manager of a region with "
                "stores. From then on they stand here side by side: escalations, late "
                "reports, checklists, campaigns and approvals."
            ),
            rows=[],
        )

    @api.model
    def _region_tiles(self, domain):
        return self._section(
            10,
            "now",
            self.env._("Needs you now"),
            shape="tiles",
            figures=self._figures(
                (
                    "escalated",
                    self.env._("Open escalations"),
                    "retail.exception",
                    [*domain, *figures.ESCALATED],
                    "danger",
                ),
                (
                    "overdue",
                    self.env._("Overdue"),
                    "retail.exception",
                    [*domain, *figures.OVERDUE],
                    "danger",
                ),
                (
                    "reports",
                    self.env._("Late or missing reports, 7 days"),
                    "retail.store.report",
                    self._late_reports_domain(domain),
                    "warning",
                ),
                (
                    "checklists",
                    self.env._("Late checklists"),
                    "retail.checklist",
                    [*domain, *figures.CHECKLISTS_LATE],
                    "warning",
                ),
            ),
        )

    @api.model
    def _region_escalated(self, domain):
        domain = [*domain, *figures.ESCALATED]
        title = self.env._("Open escalations")
        return self._section(
            30,
            "escalations",
            title,
            all=self._all("escalations", title, "retail.exception", domain),
            rows=self._exception_rows(domain, "escalation_level desc, effective_due"),
            empty=self.env._(
                "No store has let an exception grow old. One that misses its deadline "
                "comes here by itself and is yours until it is finished."
            ),
        )

    @api.model
    def _region_reports(self, domain):
        missing = ("filing", "=", "missing")
        domain = [*self._late_reports_domain(domain), missing]
        title = self.env._("Missing reports")
        return self._section(
            40,
            "reports",
            title,
            all=self._all("late_reports", title, "retail.store.report", domain),
            rows=self._late_report_rows(domain),
            empty=self.env._(
                "Every store has filed. A report that is not there at the store's own "
                "cut-off shows here."
            ),
        )

    # === Checklists and campaigns === #
    @api.model
    def _region_readiness(self, domain):
        late = [*domain, *figures.CHECKLISTS_LATE]
        return self._section(
            50,
            "readiness",
            self.env._("Campaigns and checklists"),
            figures=self._figures(
                (
                    "late_checklists",
                    self.env._("Late checklists"),
                    "retail.checklist",
                    late,
                    "warning",
                )
            ),
            rows=self._campaign_rows(domain),
            empty=self.env._(
                "No campaign is being prepared. Headquarters plans one, and every "
                "store's readiness shows here until the launch."
            ),
        )

    @api.model
    def _campaign_rows(self, domain):
        running = self.env["retail.campaign"].search(
            [("state", "in", ("preparing", "live"))],
            order="launch_date",
            limit=CAMPAIGN_ROWS,
        )
        counted = self.env["retail.checklist"]._read_group(
            [*domain, ("campaign_id", "in", running.ids)],
            ["campaign_id"],
            ["__count", "readiness:avg", "due_at:min"],
        )
        ready = dict(
            self.env["retail.checklist"]._read_group(
                [*domain, ("campaign_id", "in", running.ids), ("is_ready", "=", True)],
                ["campaign_id"],
                ["__count"],
            )
        )
        return [
            self._campaign_row(domain, ready.get(row[0], 0), *row) for row in counted
        ]

    @api.model
    def _campaign_row(self, domain, ready, campaign, count, readiness, launch):
        return self._row(
            campaign,
            campaign.name,
            detail=self.env._(
                "%(ready)s of %(all)s stores ready", ready=ready, all=count
            ),
            moment=self._moment(launch),
            verb="starts",
            progress=readiness,
            drill={
                "label": campaign.name,
                "model": "retail.checklist",
                "domain": [*domain, ("campaign_id", "=", campaign.id)],
            },
        )

    @api.model
    def _region_people(self, domain):
        """Staffing, attendance and compliance in one place, by type."""
        domain = [*domain, *figures.PEOPLE]
        rows = self.env["retail.exception"]._read_group(
            domain, ["type_id"], ["__count"], order="__count desc"
        )
        title = self.env._("People and compliance")
        return self._section(
            80,
            "people",
            title,
            all=self._all("people", title, "retail.exception", domain),
            bars=[
                self._figure(
                    f"people_{kind.id}",
                    kind.name,
                    "retail.exception",
                    [*domain, ("type_id", "=", kind.id)],
                    value=count,
                )
                for kind, count in rows
            ],
            empty=self.env._(
                "Nothing about staffing, attendance or compliance is open. What a "
                "store, a checklist or another system reports shows here in one list."
            ),
        )
