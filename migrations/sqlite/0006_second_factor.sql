-- Second factors: codes of an authenticator app, and codes for the day when that is lost.

-- One an account. `secret` is in Base32, as apps take it; `confirmed_at` is null until a right code has shown that the
-- app has it. `last_step` is that of the last code that was used (RFC 6238): it and those before it are used up.
CREATE TABLE second_factors (
    account_id   TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
    secret       TEXT NOT NULL,
    begun_at     INTEGER NOT NULL,
    confirmed_at INTEGER,
    last_step    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A recovery code that was not used yet, as SHA-256 of 140 random bits.
CREATE TABLE recovery_codes (
    account_id TEXT NOT NULL REFERENCES accounts (id),
    code_hash  TEXT NOT NULL,
    PRIMARY KEY (account_id, code_hash)
) STRICT, WITHOUT ROWID;

-- What beside a password a log-in was proved with: code or provider; null for nothing.
ALTER TABLE sessions ADD COLUMN second_factor TEXT;
