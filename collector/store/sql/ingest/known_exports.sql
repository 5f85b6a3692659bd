-- Which of the incoming exports were taken before, within the window. The bounds on content_ns let
-- the scan skip all row groups but those of the same moments.
select incoming.export_seq
from incoming
semi join exports
    on exports.digest = incoming.digest
    and exports.content_ns = incoming.content_ns
    and exports.content_ns between $since_ns and $until_ns
    and exports.received_ns >= $received_since_ns
where incoming.content_ns between $since_ns and $until_ns
