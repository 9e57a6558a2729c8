-- Log-ins, machine keys, one-time links and the audit trail. Secrets are kept as SHA-256 of 32 random bytes: what
-- cannot be guessed needs no slow hash.

-- A log-in. Ending one ends every token that names it. `secret_hash` is of the refresh token or cookie in force.
CREATE TABLE sessions (
    id          TEXT NOT NULL PRIMARY KEY,
    account_id  TEXT NOT NULL REFERENCES accounts (id),
    secret_hash TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    used_at     INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    address     TEXT,
    user_agent  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_account ON sessions (account_id, created_at);
CREATE INDEX sessions_expires ON sessions (expires_at);

-- A key for a machine. `scope` is camera, export or integration; `addresses` a comma list of networks, null for any.
CREATE TABLE machine_keys (
    id          TEXT NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL,
    scope       TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    addresses   TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT, WITHOUT ROWID;

-- A link that works once: a new password, the proof of an e-mail, an invitation.
CREATE TABLE one_time_links (
    secret_hash TEXT NOT NULL PRIMARY KEY,
    purpose     TEXT NOT NULL,
    email       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    used_at     INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_links_email ON one_time_links (email, purpose);

-- Who did what, one record a change, written with it. `hash` covers the record and the hash before it; `number`
-- has no gaps. Plates and e-mails stand here masked, so that erasing them elsewhere breaks no hash.
CREATE TABLE audit_records (
    number        INTEGER NOT NULL PRIMARY KEY,
    at            INTEGER NOT NULL,
    actor         TEXT NOT NULL,
    action        TEXT NOT NULL,
    object        TEXT NOT NULL,
    before        TEXT,
    after         TEXT,
    address       TEXT,
    request_id    TEXT,
    previous_hash TEXT NOT NULL,
    hash          TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_records_object ON audit_records (object, number);
CREATE INDEX audit_records_actor ON audit_records (actor, number);

-- How many records there are and the hash of the last, in one row: each append takes hold of it until its commit, so
-- that numbers follow commits, and a trail whose end was cut off no longer fits it.
CREATE TABLE audit_head (
    number INTEGER NOT NULL,
    hash   TEXT NOT NULL
) STRICT;
INSERT INTO audit_head (number, hash) VALUES (0, '0000000000000000000000000000000000000000000000000000000000000000');
