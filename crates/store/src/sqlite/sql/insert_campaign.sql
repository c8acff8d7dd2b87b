INSERT INTO campaigns (id, name, state, request, feasible, infeasible, message, created_at, updated_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING
