-- What a batch should cost at the spot price, by the forecast.
ALTER TABLE batches ADD COLUMN forecast_usd REAL;
