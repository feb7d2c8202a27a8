-- One row for each journal entry. `entry` is the entry itself: it holds no body and no secret.
-- What follows from a decision (its outcome, its question) carries the decision's agent and tool, so that filters find it.
CREATE TABLE entries (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  task TEXT,
  agent TEXT,
  server TEXT,
  tool TEXT,
  answer TEXT,
  -- `seq` of the decision it follows from. A number that grows, so that its index is appended to.
  decided INTEGER,
  approval TEXT,
  entry TEXT NOT NULL
) STRICT;

CREATE INDEX entries_by_id ON entries (id);
CREATE INDEX entries_by_task ON entries (task, seq) WHERE task IS NOT NULL;
CREATE INDEX entries_by_decision ON entries (decided) WHERE decided IS NOT NULL;
CREATE INDEX entries_by_approval ON entries (approval, seq) WHERE approval IS NOT NULL;
