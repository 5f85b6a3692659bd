-- The log records that name no trace which it is made of.
create or replace temp table dirty_logs as from given_dirty_logs
