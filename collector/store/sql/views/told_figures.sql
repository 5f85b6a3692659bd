-- One row per use: the figures of reported_health that points of a metric add to, by its name and by the
-- status or code they are about; none: it tells nothing of functions that is read.
create or replace macro told_figures(name, status, code) as (
    case
        when name = 'amazonaws.com/AWS/Lambda/Invocations' then ['invocations']
        when name = 'amazonaws.com/AWS/Lambda/Errors' then ['errors']
        when name = 'amazonaws.com/AWS/Lambda/Duration' then ['duration_ms']
        when name = 'faas.invoke_duration' then ['duration_s']
        when name = 'cloudfunctions.googleapis.com/function/execution_times' then ['stepped_ns']
        when name = 'run.googleapis.com/container/billable_instance_time' then ['instance_s']
        when name in (
            'azure_functionexecutionunits_total', 'azure_ondemandfunctionexecutionunits_total'
        ) then ['mb_ms']
        when name = 'amazonaws.com/AWS/Lambda/Throttles' then ['throttles']
        when name = 'amazonaws.com/AWS/Lambda/AsyncEventsDropped' then ['dropped']
        when name = 'amazonaws.com/AWS/Lambda/FailedInvokeEventCount' then ['failed_events']
        when name = 'amazonaws.com/AWS/Lambda/ConcurrentExecutions' then ['concurrency']
        when name = 'amazonaws.com/AWS/Lambda/IteratorAge' then ['iterator_age_ms']
        when name = 'amazonaws.com/AWS/Lambda/AsyncEventAge' then ['async_event_age_ms']
        when name = 'faas.invocations' then ['invocations']
        when name = 'faas.errors' then ['invocations', 'errors']
        when name = 'faas.timeouts' then ['invocations', 'errors', 'timeouts']
        when name = 'faas.coldstarts' then ['cold_starts']
        when name = 'cloudfunctions.googleapis.com/function/execution_count' then case
            when status = 'ok' then ['invocations']
            when status = 'out of quota' then ['throttles']
            when status = 'timeout' then ['invocations', 'errors', 'timeouts']
            when status = 'out of memory' then ['invocations', 'errors', 'out_of_memory']
            else ['invocations', 'errors']
        end
        when name = 'kn.revision.pods.count' then ['cold_starts']
        when name = 'run.googleapis.com/request_count' then case
            when code = '429' then ['throttles']
            when code like '5%' then ['invocations', 'errors']
            else ['invocations']
        end
        when name = 'run.googleapis.com/container/startup_latencies' then ['cold_starts']
        when name in ('kn.serving.invocation.duration', 'gateway_function_invocation_total')
            then if(code like '5%', ['invocations', 'errors'], ['invocations'])
        when name in (
            'azure_functionexecutioncount_total', 'azure_ondemandfunctionexecutioncount_total'
        ) then ['invocations']
        else []
    end
)
