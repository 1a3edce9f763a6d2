from collections import defaultdict

from markupsafe import Markup, escape

from odoo import models

OWN_MODELS = "retail.%"


class ResUsers(models.Model):
    """A leaver's work: whatever he answers for goes to somebody who is there.

    Heirs are found by the place of the work: a store's deputy or its region, the
    region above, the manager of a queue's owner. What nobody can take is named.
    """

    _inherit = "res.users"

    def action_archive(self):
        """Hand over first: archiving by this door deletes the user's activities."""
        self.filtered("active").active = False
        return super().action_archive()

    def write(self, vals):
        leaving = vals.get("active") is False
        leavers = self.filtered("active") if leaving else self.browse()
        result = super().write(vals)
        for leaver in leavers:
            leaver._hand_over_work()
        return result

    def _hand_over_work(self):
        """Give everything this leaver answers for to others, and say what to whom."""
        leaver, handed = self.sudo(), defaultdict(list)
        for step in (
            leaver._leave_queues,
            leaver._leave_regions,
            leaver._leave_stores,
            leaver._leave_exceptions,
            leaver._leave_campaigns,
            leaver._leave_activities,
        ):
            for heir, text in step():
                handed[heir].append(text)
        if handed:
            leaver._tell_what_was_handed_over(handed)

    # === Queues === #
    def _leave_queues(self):
        Queue = self.env["retail.queue"].with_context(active_test=False)
        mine = Queue.search(
            [
                "|",
                "|",
                "|",
                ("business_owner_id", "=", self.id),
                ("technical_owner_id", "=", self.id),
                ("alert_user_id", "=", self.id),
                ("member_ids", "in", self.id),
            ]
        )
        return [item for queue in mine for item in self._leave_queue(queue)]

    def _leave_queue(self, queue):
        values, owned = {}, []
        for name in ("business_owner_id", "technical_owner_id"):
            if queue[name] == self:
                values[name] = queue._heir_of_owner(self).id
                owned.append(self.browse(values[name]))
        if queue.alert_user_id == self:
            values["alert_user_id"] = False
        if self in queue.member_ids:
            values["member_ids"] = [(3, self.id)]
        queue.write(values)
        if not owned:
            return [(self.browse(), self.env._("out of queue %s", queue.name))]
        return [(heir, self.env._("queue %s", queue.name)) for heir in owned]

    # === Regions and stores === #
    def _leave_regions(self):
        Region = self.env["retail.region"].with_context(active_test=False)
        for region in Region.search([("manager_id", "=", self.id)]):
            above = region.parent_id
            while above and not above._manager_at_level(0):
                above = above.parent_id
            region.manager_id = above._manager_at_level(0)
            yield region.manager_id, self.env._("region %s", region.display_name)

    def _leave_stores(self):
        Store = self.env["retail.store"].with_context(active_test=False)
        Store.search([("member_ids", "in", self.id)]).member_ids = [(3, self.id)]
        for store in Store.search([("manager_id", "=", self.id)]):
            store.manager_id = store._deputy()
            yield store.manager_id, self.env._("store %s", store.display_name)

    # === Work === #
    def _leave_exceptions(self):
        mine = self.env["retail.exception"].search(
            [("user_id", "=", self.id), ("is_open", "=", True)]
        )
        note = self.env._("%s has left: this is yours now.", self.name)
        for heir, exceptions in self._heirs_of(mine).items():
            exceptions._hand_over(heir, note)
            yield heir, self.env._("%s open exceptions", len(exceptions))

    def _heirs_of(self, exceptions):
        """Return dict heir -> exceptions, shared out as new ones would be."""
        heirs, load = {}, exceptions.queue_id._open_work()
        for exception in exceptions:
            heir, _why = exception.queue_id._choose(
                exception.store_id, exception.type_id, load
            )
            heirs[heir] = heirs.get(heir, exceptions.browse()) | exception
            load[heir] += 1
        return heirs

    def _leave_campaigns(self):
        for campaign in self.env["retail.campaign"].search(
            [("owner_id", "=", self.id), ("state", "!=", "ended")]
        ):
            campaign.owner_id = campaign._heir_of_owner(self)
            yield campaign.owner_id, self.env._("campaign %s", campaign.name)

    def _leave_activities(self):
        """Keep what was to be done for others, also where no owner field says so."""
        activities = self.env["mail.activity"].search(
            [("user_id", "=", self.id), ("res_model", "=like", OWN_MODELS)]
        )
        for activity in activities:
            record = self.env[activity.res_model].browse(activity.res_id)
            if heir := getattr(record, "_heir_of_activity", self.browse)():
                activity.with_context(mail_activity_quick_update=True).user_id = heir
                yield heir, activity.summary or activity.activity_type_id.name

    # === Saying so === #
    def _tell_what_was_handed_over(self, handed):
        """Say it on the leaver's card, to each heir, to the archiver, in the ledger."""
        nobody = self.env._("Nobody yet")
        lines = {
            heir: f"{heir.name or nobody}: {', '.join(texts)}"
            for heir, texts in handed.items()
        }
        title = self.env._("%s has left: work handed over", self.name)
        everything = Markup("<br/>").join(map(escape, lines.values()))
        self.partner_id._message_log(body=Markup("%s<br/>%s") % (title, everything))
        for heir, texts in handed.items():
            if heir:
                heir._notify_of_handover(title, ", ".join(texts))
        if self.env.user.active:
            self.env.user._notify_of_handover(title, everything)
        facts = {str(heir.id or 0): len(texts) for heir, texts in handed.items()}
        self.env["retail.audit.entry"]._record(self, "user.handed_over", facts)

    def _notify_of_handover(self, title, body):
        self.env["mail.thread"].message_notify(
            partner_ids=self.partner_id.ids, subject=title, body=body
        )
