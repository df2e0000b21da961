-- The chain is over commitments, and what they commit to stands beside them: it can go, and the chain still verifies.
-- commitment = SHA-256 of salt and body; without the salt nobody can tell whether a guessed body was the right one.
create table ledger_body (
  pos integer primary key references ledger,
  -- 32 random bytes; empty for entries from before, whose commitment is SHA-256 of the body alone.
  salt blob not null check (length(salt) in (0, 32)),
  body text not null
) strict;
insert into ledger_body (pos, salt, body) select pos, x'', body from ledger;
alter table ledger drop column body;
alter table ledger rename column body_hash to commitment;
