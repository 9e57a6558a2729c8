-- Signing in with an identity provider (OpenID Connect).

-- Who somebody is elsewhere. Issuer and subject together name a person for ever (OpenID Connect Core 5.7); an e-mail
-- does not. The issuer stands here, not the name of the settings, which may come to mean another provider.
CREATE TABLE external_identities (
    issuer     TEXT NOT NULL,
    subject    TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    created_at INTEGER NOT NULL,
    PRIMARY KEY (issuer, subject)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_identities_account ON external_identities (account_id);

-- A sign-in that was begun: what must be remembered until the provider sends the browser back, for ten minutes.
-- Taking a row deletes it, so each works once. `browser_hash` is of the cookie of the browser that began it.
CREATE TABLE sign_ins (
    state_hash    TEXT NOT NULL PRIMARY KEY,
    browser_hash  TEXT NOT NULL,
    provider      TEXT NOT NULL,
    nonce         TEXT NOT NULL,
    code_verifier TEXT NOT NULL,
    expires_at    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_expires ON sign_ins (expires_at);
