-- Whether functions logged anything of the touched invocations.
select exists (from said_lines)
