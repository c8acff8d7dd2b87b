UPDATE latest_results
SET launch = ?, workload = ?, engine_version = ?, caveats = ?, figures_form = ?, figures = ?
WHERE config_id = ? AND provenance = ?
