-- The fragments made by the pure core, under the numbers their ids have in the store.
select
    hash(fragment) as fragment_id,
    trace::uuid as trace_id,
    null::ubigint as event_trace_id,
    if(shared is null, null, hash(shared)) as shared_id,
    * exclude (fragment, trace, shared),
    null::bigint as run
from made_fragments
