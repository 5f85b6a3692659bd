-- The fragments made in this run.
create temp table made as
select
    hash(fragment) as fragment_id,
    trace::uuid as trace_id,
    null::ubigint as event_trace_id,
    hash(shared) as shared_id,
    * exclude (fragment, trace, shared),
    null::bigint as run
from made_fragments
