UPDATE latest_results
SET launch = ?, workload = ?, caveats = ?, figures_form = ?, figures = ?
WHERE config_id = ? AND provenance = ?
