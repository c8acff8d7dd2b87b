INSERT INTO attempts (batch, attempt, holder, claimed_at, renewed_at)
VALUES (?1, ?2, ?3, ?4, ?4)
