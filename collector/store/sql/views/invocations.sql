-- One row per attempt of one function to handle one trigger, merged from its spans and what the
-- platform logged. init_kind: cold, provisioned, snapshot_restore, warm; null = not known. The first
-- invocation seen of an environment is cold once its function was watched for an hour before.
create or replace view invocations as
select
    found.* replace (
        if(
            init_kind = 'first',
            if(start_ns >= watched_since_ns + 3_600_000_000_000, 'cold', null), init_kind
        ) as init_kind
    )
from invocations_of('invocation_rows') as found left join functions_watched using (function)
