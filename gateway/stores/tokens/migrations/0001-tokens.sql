-- What must not count again: names of revoked tokens and families, and of proofs that may be used once. `until` in ms; of the
-- kind `begun`, when this list began in the place of one that was lost.
CREATE TABLE spent (
  tenant TEXT NOT NULL,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  until INTEGER NOT NULL,
  PRIMARY KEY (tenant, kind, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX spent_by_until ON spent (until);

-- Refresh tokens by their hash. `terms` is JSON: what they may be exchanged for. A used one stays, so that its second
-- use is noticed.
CREATE TABLE refresh (
  tenant TEXT NOT NULL,
  hash TEXT NOT NULL,
  family TEXT NOT NULL,
  terms TEXT NOT NULL,
  until INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (tenant, hash)
) STRICT, WITHOUT ROWID;
