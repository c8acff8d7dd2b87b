COPY runs (run_id, campaign, config_id, trial, batch, attempt) FROM STDIN (FORMAT BINARY)
