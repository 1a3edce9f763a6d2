"""The approval matrix: against its open peer, and a back-test of the past, in one run.

    ./retail-ops bench approvals [--only peers|backtest]

On a fresh database both OCA's base_tier_validation, fetched from the package index as
it is, and retail_ops_approvals govern the same document. Routing, unrelated writes,
reads, growth with the number of rows, cold compile and memory are taken from both in
turn. Then a draft is tried on 100,000 past requests. Query counts and ratios are what
counts; milliseconds depend on the machine.
"""

import argparse
import sys
import tempfile
from pathlib import Path

import history
import peers
import place

sys.path.append(str(place.HERE.parent))

from _core import drop  # noqa: E402


def main():
    """Measure once and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=["peers", "backtest"])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        peer, version = place.fetch_peer(folder)
        arguments = place.options([peer, place.HERE / "addons"], folder / "data")
        drop(place.DATABASE)
        try:
            place.install(arguments, ["bench_documents"])
            with place.environment(arguments) as env:
                if chosen.only != "backtest":
                    peers.compare(env, version)
                if chosen.only != "peers":
                    history.backtest(env)
                env.cr.rollback()
        finally:
            drop(place.DATABASE)


if __name__ == "__main__":
    main()
