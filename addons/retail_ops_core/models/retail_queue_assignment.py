from collections import Counter

from odoo import api, fields, models

BY_LOAD = ("least_loaded", "best_fit")


class RetailQueue(models.Model):
    """Who gets a new exception, and why that person."""

    _inherit = "retail.queue"

    profile_ids = fields.One2many(
        "retail.queue.profile",
        "queue_id",
        "Who serves what",
        help="Skills, stores and regions of team members. Members without a line "
        "serve every store, with no skill in particular.",
    )

    # === Load === #
    def _open_work(self):
        """Return how much open work the teams have that share it out by load.

        :return: Counter of res.users
        """
        members = self.filtered(lambda one: one.assignment in BY_LOAD).member_ids
        if not members:
            return Counter()
        return Counter(
            dict(
                self.env["retail.exception"]
                .sudo()
                ._read_group(
                    [("user_id", "in", members.ids), ("is_open", "=", True)],
                    ["user_id"],
                    ["__count"],
                )
            )
        )

    @api.model
    def _least_loaded(self, members, load):
        return min(members, key=lambda user: (load[user], user.id), default=members)

    # === Fit === #
    def _best_fit(self, store, kind, load):
        """Return the present member who fits best.

        Who does not serve the store is left out; then the skills that the type asks
        for decide, then who is nearest to the store, then the least open work.

        :param store: retail.store
        :param kind: retail.exception.type
        :param load: Counter of open work
        :return: res.users, empty when nobody serves the store
        """
        profiles = {profile.user_id: profile for profile in self.profile_ids}
        nobody = self.env["retail.queue.profile"]
        ranks = {}
        for member in self.member_ids._present():
            profile = profiles.get(member, nobody)
            nearness = profile._nearness(store)
            if nearness >= 0:
                skills = len(kind.skill_ids & profile.skill_ids)
                ranks[member] = (-skills, -nearness, load[member], member.id)
        return min(ranks, key=ranks.get, default=self.env["res.users"])

    # === The choice === #
    def _assignee_for(self, store, kind=None):
        """Return who gets a new exception of ``store`` in this queue.

        :param store: retail.store
        :param kind: retail.exception.type, whose skills count for the best fit
        :return: an active res.users, never empty
        """
        return self._choose(store, kind, self._open_work())[0]

    def _choose(self, store, kind, load):
        """Return who gets a new exception, and the sentence that says why.

        :param store: retail.store
        :param kind: retail.exception.type, or None
        :param load: Counter of open work, as :meth:`_open_work` gives it
        :return: ``(res.users, text)``; the user is active and never empty
        """
        self.ensure_one()
        kind = kind or self.env["retail.exception.type"]
        manager = store.manager_id._present()
        region_manager = store.region_id._manager_at_level(0)._present()
        choices = {
            "store_manager": lambda: manager or region_manager,
            "region_manager": lambda: region_manager,
            "least_loaded": lambda: self._least_loaded(
                self.member_ids._present(), load
            ),
            "best_fit": lambda: self._best_fit(store, kind, load),
            "business_owner": self._answering,
        }
        chosen = choices[self.assignment]()
        if not chosen:
            return self._answering(), self._nobody_text()
        return chosen, self._choice_text(chosen, store, kind, load)

    def _nobody_text(self):
        return self.env._("Answers for queue %s: nobody else is there.", self.name)

    def _choice_text(self, chosen, store, kind, load):
        if self.assignment == "store_manager" and chosen != store.manager_id:
            return self.env._("Manages the region: the store's manager is missing.")
        texts = {
            "store_manager": self.env._("Manages the store."),
            "region_manager": self.env._("Manages the region."),
            "business_owner": self.env._("Answers for queue %s.", self.name),
            "least_loaded": self.env._(
                "Has the least open work in the team: %s.", load[chosen]
            ),
        }
        return texts.get(self.assignment) or self._fit_text(chosen, store, kind, load)

    def _fit_text(self, chosen, store, kind, load):
        profile = self.profile_ids.filtered(lambda one: one.user_id == chosen)
        near = {
            2: self.env._("serves this store"),
            1: self.env._("serves its region"),
            0: self.env._("serves every store"),
        }[profile._nearness(store)]
        return self.env._(
            "Fits best: %(near)s, %(skills)s, open work %(load)s.",
            near=near,
            skills=self._skills_text(kind, profile),
            load=load[chosen],
        )

    @api.model
    def _skills_text(self, kind, profile):
        if not kind.skill_ids:
            return self.env._("no skill is asked for")
        skills = kind.skill_ids & profile.skill_ids
        if not skills:
            return self.env._("nobody has the skills asked for")
        return self.env._("skills %s", ", ".join(skills.mapped("name")))


class RetailExceptionType(models.Model):
    _inherit = "retail.exception.type"

    skill_ids = fields.Many2many(
        "retail.skill",
        relation="retail_exception_type_skill_rel",
        string="Skills needed",
        help="Queues that assign by best fit look for these in their team.",
    )


class RetailException(models.Model):
    """The assignee, and why this one."""

    _inherit = "retail.exception"

    assignment_note = fields.Char(
        "Why this assignee",
        compute="_compute_user_id",
        store=True,
        precompute=True,
        copy=False,
    )

    @api.model
    def _has_field_access(self, field, operation):
        if operation == "write" and field.name == "assignment_note":
            return self.env.su
        return super()._has_field_access(field, operation)

    @api.depends("queue_id", "store_id")
    def _compute_user_id(self):
        """Share a batch out: what one gets counts before the next is given."""
        load = self.queue_id.sudo()._open_work()
        for exception in self:
            queue = exception.queue_id.sudo()
            if not queue:
                exception.user_id = exception.assignment_note = False
                continue
            store, kind = exception.store_id.sudo(), exception.type_id.sudo()
            user, note = queue._choose(store, kind, load)
            exception.user_id, exception.assignment_note = user, note
            load[user] += 1

    def _assign(self, user, why=False):
        by = self.env.user
        self.assignment_note = (
            self.env._("Taken over.")
            if user == by
            else self.env._("Handed over by %s.", by.name)
        )
        return super()._assign(user, why)

    def _escalation_values(self, again):
        values = super()._escalation_values(again)
        level = values["escalation_level"]
        values["assignment_note"] = self.env._("Escalated to level %s.", level)
        return values
