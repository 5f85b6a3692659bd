-- One row per use: whether a metric of this name tells of functions.
create or replace macro is_of_functions(name) as (
    starts_with(name, 'amazonaws.com/AWS/Lambda/') or starts_with(name, 'faas.')
    or starts_with(name, 'cloudfunctions.googleapis.com/function/')
    or starts_with(name, 'run.googleapis.com/') or starts_with(name, 'kn.')
    or starts_with(name, 'gateway_function') or starts_with(name, 'azure_functionexecution')
    or starts_with(name, 'azure_ondemandfunctionexecution')
)
