-- One row per use: the id of the process an instance names, where it names no environment.
create or replace macro alias_of(instance) as
    if(instance is null or try_cast(instance as uuid) is null, null, hash(instance))
