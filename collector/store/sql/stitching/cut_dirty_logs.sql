from dirty_logs
