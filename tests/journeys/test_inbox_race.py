"""Many posts of one event at the same moment, over connections of their own."""

import threading
import uuid

import pytest

from tests.waiting import eventually
from tests.webclient import discrepancy, post_event

# Another process that adds to every row of this hour and the next one, and ends once
# somebody waits for it.
HOLD = """
    BEGIN;
    INSERT INTO retail_door_answer (source_id, hour, within_ms, count)
    SELECT source.id, hour, step, 0 FROM retail_source AS source,
           unnest(ARRAY[5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 60000]) AS step,
           generate_series(0, 1) AS ahead,
           date_trunc('hour', now() AT TIME ZONE 'utc' + ahead * interval '1 hour')
               AS hour
     WHERE source.code = '{code}'
        ON CONFLICT (hour, source_id, within_ms)
        DO UPDATE SET count = retail_door_answer.count;
    DO $$ BEGIN
        FOR _time IN 1..300 LOOP
            EXIT WHEN EXISTS (SELECT FROM pg_locks WHERE NOT granted
                                 AND transactionid = pg_current_xact_id()::xid);
            PERFORM pg_sleep(0.1);
        END LOOP;
    END $$;
    COMMIT;
"""
HELD = """
    SELECT 1 FROM pg_locks AS lock JOIN pg_database AS place ON place.oid = database
     WHERE relation = 'retail_door_answer'::regclass AND mode = 'RowExclusiveLock'
       AND datname = current_database();
"""


def post_at_once(base_url, source, message_ids, bodies):
    """Post all messages at the same moment and return the responses, in order.

    Each thread waits at a barrier, so that the requests overlap in the server.
    """
    barrier = threading.Barrier(len(message_ids))
    responses = [None] * len(message_ids)

    def post(position):
        barrier.wait()
        responses[position] = post_event(
            base_url, source, message_ids[position], bodies[position]
        )

    threads = [
        threading.Thread(target=post, args=(position,))
        for position in range(len(message_ids))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return responses


def stored(server, message_id):
    """Return (rows in the inbox, exceptions raised, states of the queue)."""
    [[rows, states]] = server.query(
        "SELECT count(*), string_agg(DISTINCT job.state, ',') "
        "FROM retail_event AS event "
        "JOIN retail_event_job AS job ON job.payload_id = event.id "
        f"WHERE event.event_id = '{message_id}'"
    )
    [[raised]] = server.query(
        f"SELECT count(*) FROM retail_exception WHERE intake_key LIKE '%:{message_id}'"
    )
    return int(rows), int(raised), states


@pytest.mark.parametrize("posts", [20, 200])
def test_one_event_posted_many_times_at_once_has_one_effect(
    base_url, server, keys, posts
):
    message_id = f"race-{uuid.uuid4().hex}"
    body = discrepancy(
        store="0046", product=f"RACE-{posts}", reason="Posted by an eager till"
    )
    responses = post_at_once(
        base_url, keys["source"], [message_id] * posts, [body] * posts
    )
    assert {response.status_code for response in responses} == {202}
    answers = [response.json()["status"] for response in responses]
    assert answers.count("accepted") == 1
    assert answers.count("duplicate") == posts - 1

    def worked_off():
        return stored(server, message_id)[2] == "done"

    eventually(worked_off)
    assert stored(server, message_id) == (1, 1, "done")


def test_the_time_of_each_answer_is_counted(base_url, server, keys):
    """Written by each process every few seconds, whoever of them answered."""
    code = keys["source"]["code"]
    message_id = f"time-{uuid.uuid4().hex}"
    before = answers_counted(server, code)
    body = discrepancy(store="0046", product="RACE-TIME", counted=11)
    post_at_once(base_url, keys["source"], [message_id] * 5, [body] * 5)
    eventually(lambda: answers_counted(server, code) >= before + 5, seconds=40)


def test_a_time_whose_row_another_process_held_is_written_all_the_same(
    base_url, server, keys
):
    code = keys["source"]["code"]
    before = answers_counted(server, code)
    other = threading.Thread(target=server.query, args=(HOLD.format(code=code),))
    other.start()
    eventually(lambda: server.query(HELD), seconds=60)
    body = discrepancy(store="0046", product="RACE-HELD", counted=11)
    post_event(base_url, keys["source"], f"held-{uuid.uuid4().hex}", body)
    other.join()
    eventually(lambda: answers_counted(server, code) > before, seconds=40)


def answers_counted(server, code):
    [[count]] = server.query(
        "SELECT COALESCE(sum(answer.count), 0) FROM retail_door_answer AS answer "
        f"JOIN retail_source AS source ON source.id = answer.source_id "
        f"WHERE source.code = '{code}'"
    )
    return int(count)


def test_two_bodies_under_one_id_at_once_leave_one_and_refuse_the_other(
    base_url, server, keys
):
    message_id = f"race-{uuid.uuid4().hex}"
    bodies = [
        discrepancy(store="0046", counted=counted)
        for counted in (1, 2)
        for _copy in range(5)
    ]
    responses = post_at_once(base_url, keys["source"], [message_id] * 10, bodies)
    codes = sorted(response.status_code for response in responses)
    assert codes == [202] * 5 + [422] * 5
    assert stored(server, message_id)[0] == 1


def test_events_of_one_key_posted_at_once_are_all_worked_off(base_url, server, keys):
    batch = f"lane-{uuid.uuid4().hex[:8]}"
    message_ids = [f"{batch}-{number}" for number in range(20)]
    bodies = [
        discrepancy(store="0046", product="RACE-LANE", counted=n % 12)
        for n in range(20)
    ]
    responses = post_at_once(base_url, keys["source"], message_ids, bodies)
    assert {response.status_code for response in responses} == {202}

    def worked_off():
        [[left]] = server.query(
            "SELECT count(*) FROM retail_event AS event "
            "JOIN retail_event_job AS job ON job.payload_id = event.id "
            f"WHERE event.event_id LIKE '{batch}-%' AND job.state <> 'done'"
        )
        return left in (0, "0")

    eventually(worked_off, seconds=30)
