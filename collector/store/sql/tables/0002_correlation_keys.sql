-- Correlation keys that the promoted columns do not hold; see collector/model/stitching/keys.py.
-- Null where a record has none.
alter table spans add column keys varchar[];
alter table span_events add column keys varchar[];
alter table span_links add column keys varchar[];
alter table log_records add column keys varchar[];
