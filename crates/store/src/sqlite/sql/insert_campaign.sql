INSERT INTO campaigns (id, name, state, request, feasible, infeasible, message, created_at, updated_at, end_is_untold)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
