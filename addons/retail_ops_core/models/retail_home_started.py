from odoo import SUPERUSER_ID, api, models

ADMINISTRATOR = "retail_ops_core.group_admin"


class RetailHome(models.AbstractModel):
    """*Getting started*: what is to be set up, told by the records there are; tours.

    Administrators see the page until they put it away; everybody finds it in the menu.
    Addons above add their steps and their tours.
    """

    _inherit = "retail.home"

    @api.model
    def _shown_pages(self, wanted=None):
        pages = super()._shown_pages(wanted)
        if pages and (wanted == "started" or self._sets_up()):
            pages.insert(0, ("started", self.env._("Getting started")))
        return pages

    @api.model
    def _sets_up(self):
        user = self.env.user
        return user.has_group(ADMINISTRATOR) and not user.retail_is_set_up

    @api.model
    def _started_scope(self, _scope_id):
        return False

    @api.model
    def _started_sections(self, _scope):
        sections = [self._started_tours()]
        if self.env.user.has_group(ADMINISTRATOR):
            sections.append(self._started_setup())
        return sections

    # === Learn by doing === #
    @api.model
    def _started_tours(self):
        """Return the tours of the user's roles, with those he has been through."""
        return self._section(
            20,
            "tours",
            self.env._("Learn by doing"),
            rows=[self._tour_row(*tour) for tour in self._tours()],
            empty=self.env._("There is no tour for your role."),
        )

    @api.model
    def _tours(self):
        """Return ``(xmlid, title, detail)`` of the tours for the user's roles."""
        tours = []
        if self._leads_to("store"):
            tours.append(
                (
                    "retail_ops_core.tour_store",
                    self.env._("My first resolved exception"),
                    self.env._("Report what happened, take it up, resolve it."),
                )
            )
        if self._leads_to("headquarters"):
            tours.append(
                (
                    "retail_ops_core.tour_headquarters",
                    self.env._("From a figure to the case behind it"),
                    self.env._("Headquarters' questions, and what each opens."),
                )
            )
        return tours

    @api.model
    def _leads_to(self, page):
        return page in dict(self._pages())

    @api.model
    def _tour_row(self, xmlid, title, detail):
        tour = self.env.ref(xmlid)
        is_done = self.env.user in tour.sudo().user_consumed_ids
        return {
            "key": xmlid,
            "title": title,
            "detail": detail,
            "tour": tour.name,
            "badge": self._started_badge(is_done) if is_done else None,
            "opens": self.env._("Again") if is_done else self.env._("Show me"),
        }

    # === Set up === #
    @api.model
    def _started_setup(self):
        rows = [self._started_row(*step) for step in sorted(self._started_steps())]
        done = sum(row["is_done"] for row in rows)
        return self._section(
            10,
            "setup",
            self.env._(
                "Set up your network: %(done)s of %(all)s", done=done, all=len(rows)
            ),
            rows=[*rows, *self._sample_rows(), self._put_away_row()],
        )

    @api.model
    def _started_row(self, _sequence, key, title, detail, is_done, action):
        """Return the line of a step.

        :param _sequence: where it stands; gaps are for other addons
        :param detail: what there is, or what is missing
        :param action: XML id of the screen on which it is done
        """
        return {
            "key": key,
            "title": title,
            "detail": detail,
            "is_done": is_done,
            "badge": self._started_badge(is_done),
            "action": action,
            "opens": "" if is_done else self.env._("Do it"),
        }

    @api.model
    def _started_badge(self, is_done):
        if is_done:
            return {"text": self.env._("Done"), "tone": "success"}
        return {"text": self.env._("To do"), "tone": "secondary"}

    @api.model
    def _sample_rows(self):
        """Return the line that leads out of the sample data, or into it."""
        stores = self.env["retail.sample"]._named().get("retail.store", ())
        if stores:
            detail = self.env._(
                "%s sample stores. Remove them once your own are in.", len(stores)
            )
            return [self._sample_row(detail, "retail_ops_core.action_sample_removal")]
        if self.env.user.has_group("base.group_system") and self._is_empty():
            detail = self.env._("Look around in a made-up chain first.")
            return [self._sample_row(detail, "base.demo_force_install_action")]
        return []

    @api.model
    def _sample_row(self, detail, action):
        return {
            "key": "samples",
            "title": self.env._("Sample data"),
            "detail": detail,
            "action": action,
            "opens": self.env._("Show"),
        }

    @api.model
    def _is_empty(self):
        stores = self.env["retail.store"].sudo().with_context(active_test=False)
        return not stores.search_count([], limit=1)

    @api.model
    def _put_away_row(self):
        user = self.env.user
        if user.retail_is_set_up:
            button = self._button(
                user, self.env._("Open it with my day"), "action_set_up_again"
            )
        else:
            button = self._button(user, self.env._("Put it away"), "action_set_up")
        return {
            "key": "away",
            "title": self.env._("This page"),
            "detail": self.env._("The menu Getting started brings it back."),
            "action": "retail_ops_core.action_home",
            "buttons": [button],
        }

    @api.model
    def _started_steps(self):
        """Return tuples ``(sequence, key, title, detail, is_done, action)``."""
        return [
            self._step_regions(),
            self._step_stores(),
            self._step_people(),
            self._step_queues(),
        ]

    @api.model
    def _step_regions(self):
        count = self.env["retail.region"].search_count([])
        detail = self.env._(
            "%s regions. Each has a manager, to whom cases escalate.", count
        )
        title = self.env._("Draw your regions")
        return (
            10,
            "regions",
            title,
            detail,
            bool(count),
            "retail_ops_core.action_region",
        )

    @api.model
    def _step_stores(self):
        live = self.env["retail.store"].search_count([("state", "=", "live")])
        planned = self.env["retail.store"].search_count([("state", "=", "planned")])
        detail = self.env._(
            "%(live)s live, %(planned)s planned. A file of many comes in by Import.",
            live=live,
            planned=planned,
        )
        title = self.env._("Open your stores")
        return (20, "stores", title, detail, bool(live), "retail_ops_core.action_store")

    @api.model
    def _step_people(self):
        Store = self.env["retail.store"]
        live = [("state", "=", "live")]
        total = Store.search_count(live)
        led = Store.search_count([*live, ("manager_id", "!=", False)])
        detail = self.env._(
            "%(led)s of %(all)s live stores have a manager.", led=led, all=total
        )
        title = self.env._("Give each store its people")
        is_done = bool(total) and led == total
        return (30, "people", title, detail, is_done, "retail_ops_core.action_store")

    @api.model
    def _step_queues(self):
        """A queue that still belongs to the installation is nobody's."""
        nobody = (SUPERUSER_ID, self.env.ref("base.user_admin").id)
        used = (
            self.env["retail.exception.type"].search([("active", "=", True)]).queue_id
        )
        owned = used.filtered(lambda queue: queue.business_owner_id.id not in nobody)
        detail = self.env._(
            "%(owned)s of %(all)s queues have an owner of their own.",
            owned=len(owned),
            all=len(used),
        )
        title = self.env._("Say who answers for each kind of exception")
        return (
            40,
            "queues",
            title,
            detail,
            owned == used,
            "retail_ops_core.action_queue",
        )
