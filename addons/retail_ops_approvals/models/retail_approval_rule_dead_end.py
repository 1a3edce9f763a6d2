from odoo import SUPERUSER_ID, models

from ..tools import quorum

ROLES = ("group", "user")
PLACED = {"store_manager", "region_manager", "cost_centre"}  # who differs by store


class RetailApprovalRule(models.Model):
    """Where distinct people cannot fill the steps of a row."""

    _inherit = "retail.approval.rule"

    def _stuck_in(self, stores, apart):
        """Tell where distinct people cannot fill the steps.

        :param stores: retail.store that the policy rules
        :param apart: as for :func:`..tools.quorum.distinct_people`
        :return: ``(bool, retail.store)``; no store when it is so everywhere
        """
        self.ensure_one()
        nowhere = stores.browse()
        if not PLACED & set(self._asks()):
            return self._is_stuck(self._places(nowhere), apart), nowhere
        ruled = stores.filtered(self._rules_store)
        verdicts = {
            places: self._is_stuck(places, apart)
            for places in set(map(self._places, ruled))
        }
        stuck = ruled.filtered(lambda store: verdicts[self._places(store)])
        return bool(stuck), stuck

    def _names_people(self):
        """Tell whether somebody is asked, and no role is empty, which is told apart."""
        steps = self._asked_steps()
        return steps and not any(step._is_empty_role() for step in steps)

    def _asks(self):
        return self._asked_steps().mapped("approver")

    def _rules_store(self, store):
        path = (store.region_id.parent_path or "").split("/")
        in_region = not self.region_ids or {*map(str, self.region_ids.ids)} & set(path)
        return in_region and self.store_format in (False, store.format)

    def _places(self, store):
        """Return who could be asked in a store, for each step, and how many."""
        return tuple(step._place_in(store) for step in self._asked_steps())

    def _is_stuck(self, places, apart):
        return quorum.distinct_people(list(places), apart) is None


class RetailApprovalStep(models.Model):
    _inherit = "retail.approval.step"

    def _active_holders(self):
        return self.group_id.all_user_ids.filtered(
            lambda user: user.active
            and not user.share
            and not user._is_machine()
            and user.id != SUPERUSER_ID
        )

    def _is_empty_role(self):
        nowhere = self._facts_of(self.env["retail.store"])
        asked = self._candidates(nowhere)[0] if self.approver in ROLES else None
        return asked is not None and not asked.filtered("active")

    def _facts_of(self, store):
        return {"store": store, "cost_centre": store.cost_centre_id}

    def _place_in(self, store):
        """Return ``(frozenset of user ids, how many of them)`` in a store."""
        people = self.env["res.users"].union(*self._candidates(self._facts_of(store)))
        able = people.filtered(
            lambda user: user.active
            and not user.share
            and not user._is_machine()
            and user.id != SUPERUSER_ID
            and store.company_id <= user.company_ids
        )
        return frozenset(able.ids), self._places(able)
