UPDATE campaigns
SET
    name = ?, state = ?, request = ?, feasible = ?, infeasible = ?, message = ?, created_at = ?, updated_at = ?,
    end_is_untold = ?
WHERE id = ? AND state = ? AND request = ?
