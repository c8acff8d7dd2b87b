UPDATE campaigns
SET name = ?, state = ?, request = ?, feasible = ?, infeasible = ?, message = ?, created_at = ?, updated_at = ?
WHERE id = ? AND state = ? AND request = ?
