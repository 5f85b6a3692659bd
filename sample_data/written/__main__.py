"""`python -m sample_data.written STORY...`: writes the captures of stories not recorded."""

import sys

from .captures import write

for story in sys.argv[1:]:
    write(story)
