"""A hundred thousand past requests, and a draft that is tried on them."""

import time

from gauge import verdict

REQUESTS = 100_000
STORES = 1000
MANAGERS = 200
ROWS = 200
WITHIN = 60
WATCHED = (
    "retail_approval_request",
    "retail_approval_request_step",
    "retail_approval_decision",
    "retail_audit_entry",
    "mail_message",
    "mail_activity",
)
SEED_REQUESTS = """
    INSERT INTO retail_approval_request (
        name, state, is_automatic, owner_id, kind_id, res_model, res_id,
        document_name, amount, currency_id, company_amount, company_id, store_id,
        region_id, family, variance_percent, requester_id, requested_at, decided_at,
        policy_id, policy_version, rule_id, rule_line, fingerprint, decision_count,
        facts, create_uid, create_date
    )
    SELECT 'BENCH/' || n, 'approved', rule.outcome = 'none', 1, %(kind)s,
           'bench.history', n, 'Document ' || n, amount, %(currency)s, amount,
           %(company)s, store.id, store.region_id, 'stock', n %% 60,
           store.manager_id, moment, moment + interval '5 hours', %(policy)s, 1,
           rule.id, 'Row', md5(n::text), 1,
           jsonb_build_object(
               'amount', amount, 'variance', n %% 60, 'type_id', 0,
               'family', 'stock', 'store_format', store.format,
               'region_ids', jsonb_build_array(store.region_id),
               'excluded', jsonb_build_array(store.manager_id)),
           1, moment
      FROM generate_series(1, %(count)s) AS n
     CROSS JOIN LATERAL (SELECT (n * 7919 %% 100000) / 20.0 AS amount,
           now() - (n %% 360) * interval '1 day' AS moment) AS drawn
      JOIN retail_store AS store
        ON store.id = (%(stores)s::int[])[1 + n %% array_length(%(stores)s::int[], 1)]
      JOIN retail_approval_rule AS rule
        ON rule.policy_id = %(policy)s AND rule.base_id IS NULL
       AND rule.amount_min <= amount
       AND (rule.amount_max = 0 OR rule.amount_max > amount)
"""
SEED_STEPS = """
    WITH step AS (
        INSERT INTO retail_approval_request_step (
            request_id, step_id, sequence, name, approver, group_id, region_level,
            needed_count, state, opened_at)
        SELECT request.id, step.id, step.sequence, 'Step', step.approver,
               step.group_id, step.region_level, 1, 'approved', request.requested_at
          FROM retail_approval_request AS request
          JOIN retail_approval_step AS step ON step.rule_id = request.rule_id
         WHERE request.res_model = 'bench.history'
     RETURNING id, request_id, opened_at)
    INSERT INTO retail_approval_decision (
        request_id, step_id, user_id, verdict, decided_at)
    SELECT DISTINCT ON (request_id) request_id, id, %(user)s, 'approved',
           opened_at + (1 + id %% 9) * interval '1 hour'
      FROM step
"""


def backtest(env):
    """Seed the past, try a draft on it, print how long it took and what it changed.

    :param env: environment of the superuser
    """
    started = time.perf_counter()
    draft = seed(env)
    print(f"\n{REQUESTS} past requests seeded in {time.perf_counter() - started:.0f} s")
    before = places(env)
    started = time.perf_counter()
    found = env["retail.approval.backtest"].create({"policy_id": draft.id, "days": 0})
    found.action_run()
    env.flush_all()
    seconds = time.perf_counter() - started
    same = places(env) == before
    print(
        f"{'back-test':<44}{seconds:>12.1f} s  "
        f"{verdict(f'< {WITHIN} s', seconds < WITHIN)}\n"
        f"{'tried, moved, approvers':<44}{found.request_count:>9}"
        f"{found.moved_count:>9}{len(found.load_line_ids):>9}\n"
        f"{'rows written to what it read':<44}{verdict('none', same):>16}"
    )


def seed(env):
    """Make network, policy and past; return the draft to try."""
    regions = network(env)
    policy = rows(env, "bench_history", regions, 1000)
    policy._publish(env["res.users"])
    draft = rows(env, "bench_history", regions, 1200)
    env.flush_all()
    parameters = {
        "kind": kind(env).id,
        "currency": env.company.currency_id.id,
        "company": env.company.id,
        "policy": policy.id,
        "count": REQUESTS,
        "user": env.ref("base.user_admin").id,
        "stores": regions.store_ids.ids,
    }
    env.cr.execute(SEED_REQUESTS, parameters)
    env.cr.execute(SEED_STEPS, parameters)
    env.cr.execute("ANALYZE")
    env.invalidate_all()
    return draft


def kind(env):
    """Return a shipped kind that no policy rules yet."""
    return env.ref("retail_ops_approvals.kind_urgent_buy")


def people(env, name, group, count):
    """Return users who hold a role."""
    users = env["res.users"].with_context(no_reset_password=True)
    return users.create(
        [
            {
                "name": f"{name} {number}",
                "login": f"{name}{number}",
                "group_ids": [(6, 0, env.ref(f"retail_ops_core.group_{group}").ids)],
            }
            for number in range(count)
        ]
    )


def network(env):
    """Return twenty regions with a thousand stores and their managers."""
    people(env, "finance", "finance", 5)
    people(env, "loss", "loss_prevention", 12)
    leaders = people(env, "leader", "regional_manager", 20)
    managers = people(env, "manager", "store_manager", MANAGERS)
    regions = env["retail.region"].create(
        [
            {"name": f"Region {user.id}", "code": f"B{user.id}", "manager_id": user.id}
            for user in leaders
        ]
    )
    env["retail.store"].create(
        [
            {
                "name": f"Store {number}",
                "code": f"B{number}",
                "region_id": regions[number % len(regions)].id,
                "manager_id": managers[number % len(managers)].id,
            }
            for number in range(STORES)
        ]
    )
    return regions


def rows(env, code, regions, top):
    """Return a draft of many bands; those of the draft reach a fifth further.

    Every region has variants of three bands.
    """
    policies = env["retail.approval.policy"]
    version = policies.search_count([("code", "=", code)]) + 1
    policy = policies.create({"name": "Past", "code": code, "version": version})
    width = top * 5 / ROWS
    bands = env["retail.approval.rule"].create(
        [
            {
                "policy_id": policy.id,
                "kind_id": kind(env).id,
                "sequence": number,
                "amount_min": number * width,
                "amount_max": (number + 1) * width if number < ROWS - 1 else 0,
                "amount_max_lowest": 1,
                "amount_max_highest": (number + 2) * width,
                **outcome(env, number),
            }
            for number in range(ROWS)
        ]
    )
    vary(bands[10:], regions, width)
    return policy


def vary(bands, regions, width):
    """Give each region a limit of its own in three bands."""
    bands.create(
        [
            {
                "base_id": band.id,
                "region_ids": [(6, 0, region.ids)],
                "amount_max": band.amount_max + width / 2,
            }
            for number, region in enumerate(regions)
            for band in bands[number * 9 : number * 9 + 3]
        ]
    )


def outcome(env, number):
    """Return nobody below the tenth band, then more people with the amount."""
    if number < 10:
        return {"outcome": "none"}
    steps = [{"approver": "region_manager", "escalate": "region", "hours": 8}]
    for limit, group in ((40, "loss_prevention"), (120, "finance")):
        if number >= limit:
            role = env.ref(f"retail_ops_core.group_{group}").id
            steps.append({"approver": "group", "group_id": role, "sequence": limit})
    return {"step_ids": [(0, 0, step) for step in steps]}


def places(env):
    """Return where each row stands: any write would move it or add one."""
    found = {}
    for table in WATCHED:
        env.cr.execute(
            f"SELECT count(*), md5(string_agg(ctid::text, ',' ORDER BY ctid))"
            f" FROM {table}"
        )
        found[table] = env.cr.fetchone()
    return found
