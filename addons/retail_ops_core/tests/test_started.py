from odoo.exceptions import AccessError

from .common import RetailOpsCase


class TestGettingStarted(RetailOpsCase):
    """The page that tells an administrator what is to be set up, and everybody how."""

    def _page(self, user, page="started"):
        return self.env["retail.home"].with_user(user).get_home(page)

    def _rows(self, user, section):
        home = self._page(user)
        [found] = [each for each in home["sections"] if each["key"] == section]
        return {row["key"]: row for row in found["rows"]}

    def test_it_opens_with_an_administrators_day_and_nobody_elses(self):
        for user, expected in ((self.admin, True), (self.manager, False)):
            home = self._page(user, None)
            pages = [page["key"] for page in home["pages"]]
            self.assertEqual("started" in pages, expected, user.login)
            self.assertNotEqual(home["page"], "started")

    def test_it_is_put_away_and_called_back(self):
        away = self.admin.with_user(self.admin).action_set_up()
        self.assertEqual(away["tag"], "retail_ops_home")
        self.assertNotIn("started", dict(self._pages()))
        self.assertEqual(self._page(self.admin)["page"], "started")
        self.admin.with_user(self.admin).action_set_up_again()
        self.assertIn("started", dict(self._pages()))

    def _pages(self):
        return self.env["retail.home"].with_user(self.admin)._shown_pages()

    def test_nobody_puts_away_the_page_of_somebody_else(self):
        with self.assertRaises(AccessError):
            self.admin.with_user(self.manager).action_set_up()

    def test_a_store_without_manager_is_still_to_do_until_it_has_one(self):
        stores = self.env["retail.store"].search([("state", "=", "live")])
        stores.manager_id = self.manager
        self.assertTrue(self._rows(self.admin, "setup")["people"]["is_done"])
        self.far_store.manager_id = False
        step = self._rows(self.admin, "setup")["people"]
        self.assertFalse(step["is_done"])
        self.assertEqual(step["badge"]["text"], "To do")

    def test_a_queue_that_nobody_has_taken_over_is_still_to_do(self):
        used = self.env["retail.exception.type"].search([]).queue_id
        used.business_owner_id = self.operations
        self.assertTrue(self._rows(self.admin, "setup")["queues"]["is_done"])
        used[:1].business_owner_id = self.env.ref("base.user_admin")
        self.assertFalse(self._rows(self.admin, "setup")["queues"]["is_done"])

    def test_each_step_opens_a_screen_that_the_administrator_may_open(self):
        for key, row in self._rows(self.admin, "setup").items():
            with self.subTest(key):
                action = self.env.ref(row["action"])
                self.assertIn(
                    action._name, ("ir.actions.act_window", "ir.actions.client")
                )

    def test_who_sets_nothing_up_sees_his_tours_alone(self):
        sections = [each["key"] for each in self._page(self.manager)["sections"]]
        self.assertEqual(sections, ["tours"])
        self.assertIn("retail_ops_core.tour_store", self._rows(self.manager, "tours"))

    def test_a_tour_taken_is_marked_and_can_be_taken_again(self):
        key = "retail_ops_core.tour_store"
        self.assertFalse(self._rows(self.manager, "tours")[key]["badge"])
        self.env["web_tour.tour"].with_user(self.manager).consume("retail_ops_store")
        row = self._rows(self.manager, "tours")[key]
        self.assertEqual((row["badge"]["text"], row["opens"]), ("Done", "Again"))

    def test_our_tours_begin_for_nobody_by_themselves(self):
        self.manager.tour_enabled = True
        tours = self.env["web_tour.tour"].with_user(self.manager)
        begun = tours.get_current_tour() or {"name": ""}
        self.assertFalse(begun["name"].startswith("retail_ops"))
