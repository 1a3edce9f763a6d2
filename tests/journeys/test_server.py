"""The server that journeys run against is a real one."""

import urllib.request

from launcher.workshop import suite


def test_server_says_that_it_is_healthy(base_url):
    with urllib.request.urlopen(f"{base_url}/web/health") as answer:
        assert answer.status == 200


def test_database_holds_every_addon_of_the_suite(server):
    installed = server.database.installed()
    assert set(suite()) <= set(installed)
