"""The server that journeys run against is a real one."""

import urllib.request

from launcher.workshop import suite


def test_server_says_that_it_is_healthy(base_url):
    with urllib.request.urlopen(f"{base_url}/web/health") as answer:
        assert answer.status == 200


def test_database_holds_every_addon_of_the_suite(server):
    installed = server.database.installed()
    assert set(suite()) <= set(installed)


def test_each_kind_of_system_has_an_example_contract(server):
    rows = server.query(
        """
        SELECT source.system_kind FROM retail_source AS source
          JOIN retail_event_type_retail_source_rel AS may
            ON may.retail_source_id = source.id
         WHERE source.business_owner_id IS NOT NULL AND source.queue_id IS NOT NULL
        """
    )
    kinds = "pos shop payment logistics workforce maintenance bi communication"
    assert {*kinds.split(), "loyalty", "marketplace"} <= {kind for [kind] in rows}
