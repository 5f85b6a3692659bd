-- Adds the new calls that the platform turned away, after the caller's own retries: the function
-- never ran, so its caller alone tells. Such a one has no end, and no place: the resource is the caller's.
insert into new_spans by name
select
    md5(trace_id::varchar || span_id::varchar)::uuid as "key",
    regexp_extract(callee,
        '^(?:arn:[^:]*:lambda:[^:]*:[^:]*:function:|\d{12}:(?:function:)?)?([^:]+)', 1) as function,
    start_ns,
    {
        'rank': 0::tinyint, 'start_ns': start_ns, 'span_id': span_id, 'trace_id': trace_id,
        'duration_ns': null::bigint, 'failed': true, 'error': coalesce(error_type, 'throttled'),
        'cold': null::boolean, 'trigger': null::varchar, 'outcome': 'throttled',
        'cpu_ns': null::bigint, 'resource_id': null::ubigint, 'weight': null::double
    } as main
from (
    select
        *,
        coalesce(
            text_of(attributes, 'faas.invoked_name'), text_of(attributes, 'aws.lambda.function.name'),
            text_of(attributes, 'aws.lambda.invoked_arn')
        ) as callee
    from spans
    where export_seq > $after_seq and export_seq <= $up_to_seq
      and kind = 3 and status_code = 2
      and (
          contains(error_type, 'TooManyRequests') or contains(error_type, 'Throttl')
          or error_type = '429' or contains(status_message, '(TooManyRequestsException)')
      )
)
where callee <> ''
