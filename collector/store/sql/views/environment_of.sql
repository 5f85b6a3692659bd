-- One row per use: the id of the execution environment an instance names; null where it names a
-- process. Clouds name environments by a log stream or a number, SDKs their process by a UUID.
create or replace macro environment_of(instance) as
    if(instance is null or try_cast(instance as uuid) is not null, null, hash(instance))
