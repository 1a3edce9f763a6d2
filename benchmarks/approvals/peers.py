"""The peer and ours, one after the other on one database.

Both govern the same document. The rows of both are amounts above that of every
document, but for the last of ours, which says that nobody has to decide: the peer
needs no row to let a document pass.
"""

import tracemalloc

from gauge import cost, line, once, verdict

DOCUMENTS = 50
WRITTEN = 100
ROWS = 1000
MANY_ROWS = 10000
MEGABYTE = 1024 * 1024


def compare(env, version):
    """Measure both and print the table.

    :param env: environment of the superuser
    :param version: the peer's version, a text
    """
    print(f"\nOCA base_tier_validation {version} and retail_ops_approvals, one run")
    head = f"{'':<44}{'peer':>21}{'ours':>21}{'ours:peer':>10}"
    print(head)
    writes(env)
    reads(env)
    few = routing(env, ROWS)
    many = routing(env, MANY_ROWS)
    growth(few, many)


def documents(env, model, count):
    """Return new documents of an amount that no row of the peer matches."""
    return env[model].create(
        [{"name": f"D{number}", "amount": number % 900} for number in range(count)]
    )


def writes(env):
    """One write of an immaterial field on a hundred documents."""
    costs = {}
    for model in ("bench.plain", "bench.tier", "bench.governed"):
        records, numbers = documents(env, model, WRITTEN), iter(range(1000))
        costs[model] = cost(
            env,
            lambda records=records, numbers=numbers: records.write(
                {"note": f"Seen {next(numbers)}"}
            ),
        )
    plain, peer, ours = costs.values()
    wanted = verdict(f"plain {plain.queries} + 3", ours.queries <= plain.queries + 3)
    print(line(f"unrelated write on {WRITTEN} documents", peer, ours, wanted))


def reads(env):
    """What a list shows of a hundred documents, with where their approval stands."""
    states = {"bench.tier": "validation_status", "bench.governed": "approval_state"}
    for extra in (False, True):
        costs = []
        for model, state in states.items():
            names = ["name", "amount", "state"] + [state] * extra
            records = documents(env, model, WRITTEN)
            costs.append(cost(env, lambda r=records, n=names: r.read(n)))
        what = "with its approval" if extra else "without it"
        print(line(f"read {WRITTEN} documents, {what}", *costs))


# === ROUTING === #


def routing(env, rows):
    """Route fifty documents against many rows; return both costs."""
    define_peer_rows(env, rows)
    policy = publish_our_rows(env, rows)
    cold(env, policy, rows)
    tier = documents(env, "bench.tier", DOCUMENTS)
    governed = documents(env, "bench.governed", DOCUMENTS)
    env.flush_all()
    peer = once(env, lambda: tier.write({"state": "confirmed"}))
    governed._approval_routes()
    ours = cost(env, governed._approval_routes)
    routed = all(route.row for route in governed._approval_routes())
    met = routed and ours.queries <= 5 and ours.seconds < peer.seconds / 20
    wanted = verdict("5 queries, < 1/20", met) if rows == ROWS else ""
    print(line(f"route {DOCUMENTS} documents against {rows} rows", peer, ours, wanted))
    if rows == ROWS:
        confirm(env, peer)
    return peer, ours


def confirm(env, peer):
    """The whole gate: route, write down that nobody has to decide, let it pass."""
    governed = documents(env, "bench.governed", DOCUMENTS)
    ours = once(env, governed._check_approved)
    print(line(f"gate of {DOCUMENTS}, ours with a kept request each", peer, ours))


def growth(few, many):
    """Print what ten times the rows cost each."""
    peer, ours = (
        after.seconds / before.seconds for before, after in zip(few, many, strict=False)
    )
    wanted = verdict("ours under 2", ours < 2)
    print(
        f"{'ten times the rows cost':<44}{peer:>19.1f} ×{ours:>19.1f} ×{'':>11}{wanted}"
    )


def define_peer_rows(env, rows):
    model = env["ir.model"]._get("bench.tier")
    definitions = env["tier.definition"].search([("model_id", "=", model.id)])
    definitions.unlink()
    env["tier.definition"].create(
        [
            {
                "name": f"Row {number}",
                "model_id": model.id,
                "reviewer_id": env.ref("base.user_admin").id,
                "definition_domain": f"[('amount', '>=', {1000 + number})]",
            }
            for number in range(rows)
        ]
    )


def publish_our_rows(env, rows):
    """Return a published policy; it is put into force as the addon's own is."""
    policy = env["retail.approval.policy"].create(
        {"name": "Bench", "code": "bench", "version": rows}
    )
    values = [
        {
            "amount_min": 1000 + number,
            "step_ids": [(0, 0, {"approver": "region_manager"})],
        }
        for number in range(rows - 1)
    ]
    values.append({"outcome": "none"})
    env["retail.approval.rule"].create(
        [
            {**each, "policy_id": policy.id, "kind_id": kind(env).id, "sequence": place}
            for place, each in enumerate(values)
        ]
    )
    policy._publish(env["res.users"])
    return policy


def kind(env):
    """Return the kind that governs the benchmark's document."""
    kinds = env["retail.request.kind"]
    return kinds.search([("code", "=", "bench")]) or kinds.create(
        {
            "name": "Bench",
            "code": "bench",
            "model_id": env["ir.model"]._get("bench.governed").id,
            "material_fields": "amount",
        }
    )


def cold(env, policy, rows):
    """Print what compiling costs after a restart or a publication."""
    found = once(env, policy._compile_matrices)
    env.invalidate_all()
    tracemalloc.start()
    started = tracemalloc.get_traced_memory()[0]
    kept = policy._compile_matrices()
    env.invalidate_all()
    memory = (tracemalloc.get_traced_memory()[0] - started) / MEGABYTE
    tracemalloc.stop()
    print(
        f"{f'compile {rows} rows, cold':<44}{'not compiled':>21}{found.queries:>6} q "
        f"{found.seconds * 1000:>9.1f} ms{'':>11}{memory:.1f} MB for {len(kept)} kind"
    )
