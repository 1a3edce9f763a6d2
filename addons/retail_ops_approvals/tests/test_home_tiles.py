from datetime import timedelta

from odoo import fields

from odoo.addons.retail_ops_core.tests.home_tiles import HomeTiles

from .common import ApprovalCase

MODULE = "retail_ops_approvals"


class TestHomeTiles(HomeTiles, ApprovalCase):
    """Six requests in every standing: each tile shows its number and opens those."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asked = cls._ask()
        cls.half_decided = cls._ask()
        cls._approve(cls.half_decided, cls.region_manager)
        cls.late = cls._ask(store_id=cls.other_store.id)
        cls.late.due_at = fields.Datetime.now() - timedelta(hours=2)
        # 5 of 60 are below 20 %: the far region's manager is asked alone.
        far = {"store_id": cls.far_store.id, "expected_quantity": 60}
        case = cls._raise_by_hand(cls.far_manager, counted_quantity=55, **far)
        cls.blocked = cls._request_of(case)
        cls.blocked.is_blocked = True
        cls.approved = cls._ask()
        cls._approve(cls.approved, cls.region_manager, cls.loss_prevention)
        cls.rejected = cls._ask()
        cls.rejected.with_user(cls.region_manager).action_reject("Count again")
        cls.stand_in = cls._delegate(cls.region_manager, cls.country_manager)

    @classmethod
    def _ask(cls, **values):
        return cls._request_of(cls._write_off(**values))

    @classmethod
    def _delegate(cls, user, delegate):
        now = fields.Datetime.now()
        delegations = cls.env["retail.approval.delegation"].with_user(user)
        return delegations.create(
            {
                "user_id": user.id,
                "delegate_id": delegate.id,
                "date_from": now + timedelta(days=1),
                "date_to": now + timedelta(days=3),
                "reason": "Leave",
            }
        )

    def _decisions(self, user, *requests):
        found = self.env["retail.approval.decision"].search([("user_id", "=", user.id)])
        self.assertEqual(set(found.request_id), set(requests))
        return found

    def test_the_tiles_of_a_store(self):
        mine = self.asked | self.half_decided
        nothing = mine.browse()
        home = self._home(self.manager, "store", self.store.id)
        self._assert_tiles(
            self.manager,
            home,
            MODULE,
            {
                ("now", "approvals"): (0, nothing),
                ("approvals", "approvals_all"): (0, nothing),
                ("requests", "requests_all"): (2, mine),
            },
        )

    def test_the_tiles_of_a_region(self):
        deciding = self.asked | self.late
        self._assert_tiles(
            self.region_manager,
            self._home(self.region_manager, "region"),
            MODULE,
            {
                ("now", "approvals"): (2, deciding),
                ("approvals", "approvals_all"): (2, deciding),
                ("approvals_region", "approvals_waiting"): (
                    3,
                    deciding | self.half_decided,
                ),
                ("approvals_region", "approvals_late"): (1, self.late),
            },
        )

    def test_the_tiles_of_headquarters(self):
        """Operations watches, loss prevention decides: each reads his own number."""
        deciding = self.asked | self.half_decided | self.late
        waiting = deciding | self.blocked
        for user, mine in (
            (self.operations, deciding.browse()),
            (self.loss_prevention, deciding),
        ):
            self._assert_tiles(
                user,
                self._home(user, "headquarters"),
                MODULE,
                {
                    ("approvals", "approvals_late"): (1, self.late),
                    ("approvals", "approvals"): (4, waiting),
                    ("approvals", "approvals_blocked"): (1, self.blocked),
                    ("approvals", "approvals_mine"): (len(mine), mine),
                    ("approvals", f"kind_{self.kind.id}"): (4, waiting),
                },
            )

    def test_the_tiles_of_the_desk(self):
        deciding = self.asked | self.late
        done = (self.half_decided, self.approved, self.rejected)
        self._assert_tiles(
            self.region_manager,
            self._home(self.region_manager, "desk"),
            MODULE,
            {
                ("now", "approvals"): (2, deciding),
                ("now", "desk_late"): (1, self.late),
                ("now", "desk_decided"): (
                    3,
                    self._decisions(self.region_manager, *done),
                ),
                ("approvals", "approvals_all"): (2, deciding),
                ("desk_elsewhere", "desk_elsewhere"): (0, self.late.browse()),
                ("desk_stand_ins", "stand_ins"): (1, self.stand_in),
            },
        )

    def test_the_desk_of_who_is_not_asked(self):
        nothing = self.late.browse()
        self._assert_tiles(
            self.operations,
            self._home(self.operations, "desk"),
            MODULE,
            {
                ("now", "approvals"): (0, nothing),
                ("now", "desk_late"): (0, nothing),
                ("now", "desk_decided"): (0, self._decisions(self.operations)),
                ("approvals", "approvals_all"): (0, nothing),
                ("desk_elsewhere", "desk_elsewhere"): (1, self.late),
                ("desk_stand_ins", "stand_ins"): (0, self.stand_in.browse()),
            },
        )
