-- Proving e-mails, and invitations.

-- Since when the owner of an e-mail is asked to prove it; null for those who need not: who was there before, and whom
-- operators, invitations or identity providers vouch for. It is proved once `verified_at` is set.
ALTER TABLE accounts ADD COLUMN verification_asked_at INTEGER;

-- Somebody who may make an account with this e-mail and role, by a link that works once. Revoking one deletes it.
CREATE TABLE invitations (
    id          TEXT NOT NULL PRIMARY KEY,
    secret_hash TEXT NOT NULL,
    email       TEXT NOT NULL,
    role        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX invitations_secret ON invitations (secret_hash);
CREATE INDEX invitations_email ON invitations (email);
CREATE INDEX invitations_expires ON invitations (expires_at);
