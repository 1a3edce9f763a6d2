from datetime import datetime, time, timedelta

from pytz import timezone, utc

from odoo import api, fields, models

from ..tools import figures

COMING_HOURS = 24
COMING_DAYS = 7
LAUNCH_DAYS = 21
ITEM_ROWS = 6


class RetailHome(models.AbstractModel):
    """*My store today*: what waits for me and for my store, on a phone first."""

    _inherit = "retail.home"

    @api.model
    def _pages(self, wanted=None):
        pages = super()._pages(wanted)
        user = self.env.user
        if not user.has_group("retail_ops_core.group_store_user"):
            return pages
        above = user.has_group("retail_ops_core.group_regional_manager")
        if self._own_stores() or not above:
            pages.append(("store", self.env._("My store today")))
        elif wanted == "store":
            pages.append(("store", self.env._("Store today")))
        return pages

    @api.model
    def _own_stores(self):
        return self.env["retail.store"]._of_user()

    # === Which store === #
    @api.model
    def _store_scope(self, store_id):
        """Return the store that the page is about, and those to pick from.

        :raise AccessError: when the user may not see the store
        """
        stores = self._own_stores()
        store = self.env["retail.store"].browse(store_id) if store_id else stores[:1]
        store.check_access("read")
        return {
            "id": store.id,
            "title": store.display_name or "",
            "label": self.env._("Store"),
            "options": [
                {"id": each.id, "name": each.display_name} for each in stores | store
            ],
        }

    @api.model
    def _store_sections(self, scope):
        store = self.env["retail.store"].browse(scope["id"])
        if not store:
            return [self._no_store_section()]
        return [
            self._store_tiles(store),
            self._store_mine(store),
            self._store_overdue(store),
            self._store_report(store),
            self._store_items(store),
            self._store_coming(store),
        ]

    @api.model
    def _no_store_section(self):
        return self._section(
            10,
            "no_store",
            self.env._("You belong to no store yet"),
            empty=self.env._(
                "Ask the retail administrator to add you to your store's team. From "
                "then on your store's day stands here: what waits for you, what is "
                "overdue, checklists, the daily report and what is coming."
            ),
            rows=[],
        )

    # === Figures === #
    @api.model
    def _of_store(self, store, domain):
        return [("store_id", "=", store.id), *domain]

    @api.model
    def _mine_domain(self, store):
        mine = [("user_id", "=", self.env.uid), *figures.OPEN]
        outside = [("storm_id", "=", False), ("storm_id.store_id", "!=", store.id)]
        return self._of_store(store, [*mine, "|", *outside])

    @api.model
    def _items_due_domain(self, store):
        until = self._moment(self._end_of_day(store))
        return self._of_store(store, [*figures.ITEMS_OPEN, ("due_at", "<=", until)])

    @api.model
    def _end_of_day(self, store, days=0):
        """Return the next midnight of the store's own clock, naive UTC."""
        zone = timezone(store.tz)
        today = utc.localize(fields.Datetime.now()).astimezone(zone).date()
        midnight = datetime.combine(today + timedelta(days=days + 1), time())
        return zone.localize(midnight).astimezone(utc).replace(tzinfo=None)

    @api.model
    def _store_tiles(self, store):
        return self._section(
            10,
            "now",
            self.env._("Needs you now"),
            shape="tiles",
            figures=self._figures(
                (
                    "mine",
                    self.env._("Mine to finish"),
                    "retail.exception",
                    self._mine_domain(store),
                ),
                (
                    "overdue",
                    self.env._("Overdue"),
                    "retail.exception",
                    self._of_store(store, figures.OVERDUE),
                    "danger",
                ),
                (
                    "items_due",
                    self.env._("Checklist items due"),
                    "retail.checklist.item",
                    self._items_due_domain(store),
                    "warning",
                ),
                (
                    "reports",
                    self.env._("Reports to file"),
                    "retail.store.report",
                    self._of_store(store, figures.REPORTS_TO_FILE),
                    "warning",
                ),
            ),
        )

    # === Lists === #
    @api.model
    def _store_mine(self, store):
        domain = self._mine_domain(store)
        title = self.env._("Mine, most urgent first")
        return self._section(
            20,
            "mine",
            title,
            all=self._all("mine_all", title, "retail.exception", domain),
            rows=self._storm_rows(store) + self._exception_rows(domain, store=store),
            empty=self.env._(
                "Nothing waits for you. What goes wrong in the store and is yours to "
                "finish comes here by itself; press Report to raise something."
            ),
        )

    @api.model
    def _storm_rows(self, store):
        """Return one line for each storm of the store, however many are in it."""
        domain = self._of_store(store, [("member_ids.is_open", "=", True)])
        works = self._may("retail.exception", "write")
        return [
            self._row(
                storm,
                storm.name,
                detail=self.env._("%s like exceptions, one group", storm.open_count),
                badge={"text": self.env._("Storm"), "tone": "danger"},
                buttons=[
                    self._button(storm, self.env._("Resolve all"), "action_resolve_all")
                ]
                if works
                else [],
            )
            for storm in self.env["retail.storm"].search(domain)
        ]

    @api.model
    def _store_overdue(self, store):
        others = [*figures.OVERDUE, ("user_id", "!=", self.env.uid)]
        domain = self._of_store(store, others)
        title = self.env._("Overdue with somebody else")
        return self._section(
            30,
            "overdue",
            title,
            all=self._all("overdue_others", title, "retail.exception", domain),
            rows=self._exception_rows(domain, store=store),
            empty=self.env._(
                "Nothing is overdue. What passes its deadline goes up to the region by "
                "itself, and stays visible here until it is finished."
            ),
        )

    @api.model
    def _store_items(self, store):
        domain = self._items_due_domain(store)
        items = self.env["retail.checklist.item"].search_fetch(
            domain,
            ["name", "due_at", "is_veto", "evidence", "checklist_id"],
            order="due_at, sequence, id",
            limit=ITEM_ROWS,
        )
        works = self._may("retail.checklist.item", "write")
        title = self.env._("Checklists for today")
        return self._section(
            50,
            "items",
            title,
            all=self._all("items_all", title, items._name, domain),
            rows=[self._item_row(item, works) for item in items],
            empty=self.env._(
                "Everything is ticked. Daily and weekly checklists come here when "
                "their hour comes, a promotion's when headquarters plans it."
            ),
        )

    @api.model
    def _item_row(self, item, works):
        veto = {"text": self.env._("Veto"), "tone": "warning"}
        is_plain = item.evidence == "none"
        label = self.env._("Done") if is_plain else self.env._("Show it")
        return self._row(
            item,
            item.name,
            open=item.checklist_id,
            detail=item.checklist_id.name
            if is_plain
            else self.env._("%s · needs evidence", item.checklist_id.name),
            moment=self._moment(item.due_at),
            verb="due",
            badge=veto if item.is_veto else None,
            buttons=[self._button(item, label, "action_done")] if works else [],
        )

    # === What is coming === #
    @api.model
    def _coming_domains(self, store):
        """Return the domains of exceptions, items and launches that are ahead."""
        now = fields.Datetime.now()
        soon = self._moment(now + timedelta(hours=COMING_HOURS))
        today = self._moment(self._end_of_day(store))
        week = self._moment(self._end_of_day(store, COMING_DAYS))
        launch = self._moment(now + timedelta(days=LAUNCH_DAYS))
        now = self._moment(now)
        ahead = [("effective_due", ">=", now), ("effective_due", "<=", soon)]
        later = [("due_at", ">", today), ("due_at", "<=", week)]
        run = [
            ("kind", "=", "campaign"),
            ("state", "!=", "missed"),
            ("due_at", ">=", now),
            ("due_at", "<=", launch),
        ]
        return (
            self._of_store(store, [*figures.OPEN, *ahead]),
            self._of_store(store, [*figures.ITEMS_OPEN, *later]),
            self._of_store(store, run),
        )

    @api.model
    def _store_coming(self, store):
        exceptions, items, launches = self._coming_domains(store)
        labels = (
            self.env._("Due in %s hours", COMING_HOURS),
            self.env._("Checklist items in %s days", COMING_DAYS),
            self.env._("Launches in %s days", LAUNCH_DAYS),
        )
        return self._section(
            70,
            "coming",
            self.env._("What is coming"),
            figures=self._figures(
                ("coming_exceptions", labels[0], "retail.exception", exceptions),
                ("coming_items", labels[1], "retail.checklist.item", items),
                ("coming_launches", labels[2], "retail.checklist", launches),
            ),
            rows=self._launch_rows(launches) + self._later_rows(items),
            empty=self.env._(
                "Nothing is planned for the coming days. Promotions and checklists "
                "show here as soon as headquarters plans them."
            ),
        )

    @api.model
    def _launch_rows(self, domain):
        found = self.env["retail.checklist"].search(domain, order="due_at", limit=3)
        return [
            self._row(
                run,
                run.name,
                detail=self.env._(
                    "%(done)s of %(all)s items done",
                    done=run.answered_count,
                    all=run.item_count,
                ),
                moment=self._moment(run.due_at),
                verb="starts",
                progress=run.readiness,
            )
            for run in found
        ]

    @api.model
    def _later_rows(self, domain):
        """Return one line for each checklist that has items in the days ahead."""
        rows = self.env["retail.checklist.item"]._read_group(
            [*domain, ("campaign_id", "=", False)],
            ["checklist_id"],
            ["__count", "due_at:min"],
            order="due_at:min",
            limit=3,
        )
        return [
            self._row(
                run,
                run.name,
                detail=self.env._("%s items still to do", count),
                moment=self._moment(first),
                verb="due",
            )
            for run, count, first in rows
        ]
