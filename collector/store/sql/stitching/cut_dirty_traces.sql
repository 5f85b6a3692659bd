from dirty_traces
