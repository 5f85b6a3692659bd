-- Correlation keys that the promoted columns do not hold: each a letter and a value as described in
-- collector/model/stitching/keys.py, at most 32 a record, null where it has none.
alter table spans add column keys varchar[];
alter table span_events add column keys varchar[];
alter table span_links add column keys varchar[];
alter table log_records add column keys varchar[];
