INSERT INTO batches (
    id, campaign, position, trials, gpu_count, hardware, engine, forecast_s, forecast_usd, state, attempt,
    fruitless_jobs, submissions, message
)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
