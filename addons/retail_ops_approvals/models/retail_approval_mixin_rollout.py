from odoo import models

from odoo.addons.retail_ops_core.models.retail_workflow import LIVE, OUTSIDE, SHADOW


class RetailApprovalMixin(models.AbstractModel):
    """Where a workflow is rolled out in waves the matrix acts in live stores only.

    Where a document stands is read from the database: the mode of its kind's workflow,
    and the waves of its store and of the stores it was asked about in, so that moving
    it elsewhere does not free it.
    """

    _inherit = "retail.approval.mixin"
    # A document that is nothing but the question is decided wherever it is asked.
    _approval_follows_rollout = True

    def _approval_stages(self):
        """Return dict document -> ``live``, ``shadow`` or ``outside``."""
        stages = dict.fromkeys(self, LIVE)
        in_waves = self.env["retail.workflow"]._ids_in_waves()
        if not in_waves or not self._approval_follows_rollout:
            return stages
        for document in self.sudo():
            workflow = document._approval_kind().workflow_id
            if workflow.id in in_waves:
                stages[document] = document._approval_stage_in(workflow)
        return stages

    def _approval_stage_in(self, workflow):
        stores = self._approval_store() | self.approval_request_ids.store_id
        found = set(workflow._stages(stores).values())
        if not stores or LIVE in found:
            return LIVE  # what belongs to no store is held as ever
        return SHADOW if SHADOW in found else OUTSIDE

    def _approval_binding(self):
        """Return those for which the matrix acts."""
        stages = self._approval_stages()
        return self.filtered(lambda document: stages[document] == LIVE)

    def _approval_routes(self):
        return super(RetailApprovalMixin, self._approval_binding())._approval_routes()

    def _approval_routes_anywhere(self):
        """Ask the matrix also for documents that it does not hold."""
        return super()._approval_routes()

    def _compute_can_request_approval(self):
        result = super()._compute_can_request_approval()
        loose = self.filtered("can_request_approval")
        (loose - loose._approval_binding()).can_request_approval = False
        return result

    # === What the matrix would do === #
    def _request_approval_where_needed(self):
        self._note_routes()
        return super()._request_approval_where_needed()

    def _check_approved(self):
        binding = self._approval_binding()
        (self - binding)._note_routes(done_by=self.env.user)
        return super(RetailApprovalMixin, binding)._check_approved()

    def _note_routes(self, done_by=None):
        """Note what the matrix would do with those that it only watches.

        :param done_by: res.users who did now what it would have held, or None
        """
        rows = self.filtered("id")._watched_routes()
        if not rows:
            return
        shadows = self.env["retail.rollout.shadow"]
        shadows._note(shadows._done_by(rows, done_by) if done_by else rows)

    def _watched_routes(self):
        """Return rows of what the matrix would do with those that it only watches."""
        stages = self._approval_stages()
        watched = self.sudo().filtered(lambda document: stages[document] == SHADOW)
        if not watched:
            return []
        routes = watched._approval_routes_anywhere()
        return [route.document._shadow_of_route(route) for route in routes]

    def _shadow_of_route(self, route):
        workflow, store = route.kind.workflow_id, self._approval_store()
        verdict, people, text = self._proposal_of(route)
        waves = self.env["retail.rollout.wave"]._places(workflow, store)
        return {
            "wave_id": waves[store].id,
            "workflow_id": workflow.id,
            "store_id": store.id,
            "subject": "route",
            "res_model": self._name,
            "res_id": self.id,
            "document_name": self.display_name,
            "rule": route.rule.line or self.env._("No row covers it"),
            "proposed": text,
            "proposed_code": verdict,
            "approver_ids": people.ids,
        }

    def _proposal_of(self, route):
        """Return ``(code, res.users, text)`` of what the matrix would have done."""
        nobody = self.env["res.users"]
        if route.is_automatic:
            return "automatic", nobody, self.env._("Nobody has to decide")
        resolved = self._preview_people(route)
        if self._preview_block(route, resolved):
            return "blocked", nobody, self.env._("Goes to the policy's owner")
        people = nobody.union(*(users for _step, users, _out in resolved))
        names = ", ".join(people.sorted("name").mapped("name"))
        return "asked", people, self.env._("Asks %s", names)
