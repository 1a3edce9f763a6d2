import re

from .common import RetailOpsCase

OPEN = [("is_open", "=", True)]


class TestWorklists(RetailOpsCase):
    """Lists find what is open by an index, however long the history has grown."""

    def _plan(self, user, domain, order, **options):
        """Return the plan of a list too long to be read whole and sorted."""
        Exceptions = self.env["retail.exception"].with_user(user)
        found = Exceptions._search(domain, order=order, **options)
        query = found.select()
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        self.env.cr.execute("SET LOCAL enable_sort = off")
        self.env.cr.execute(f"EXPLAIN {query.code}", query.params)
        return "\n".join(line for (line,) in self.env.cr.fetchall())

    def test_each_condition_of_an_index_is_written_as_the_lists_ask_it(self):
        """PostgreSQL takes ``is_open IS TRUE`` and ``is_open`` for two conditions."""
        self.env.cr.execute(
            "SELECT tablename, indexname, indexdef FROM pg_indexes"
            " WHERE tablename LIKE 'retail_%' AND indexdef LIKE '% WHERE %'"
        )
        unlike = []
        for table, name, definition in self.env.cr.fetchall():
            model = self.env.get(table.replace("_", "."))
            for field in model._fields.values() if model is not None else ():
                if field.type == "boolean" and re.search(
                    rf"WHERE .*\b{field.name}\b(?! IS (NOT )?TRUE)", definition
                ):
                    unlike.append((name, field.name))
        self.assertFalse(unlike)

    def test_open_exceptions_are_found_among_a_long_history_by_every_role(self):
        for user in (self.manager, self.region_manager, self.operations, self.finance):
            with self.subTest(user.login):
                plan = self._plan(user, OPEN, "effective_due, id", limit=80)
                self.assertIn("retail_exception_open_worklist_idx", plan)

    def test_the_newest_of_all_exceptions_come_first_without_sorting_them(self):
        plan = self._plan(self.operations, [], "opened_at desc, id desc", limit=80)
        self.assertIn("retail_exception_history_idx", plan)
