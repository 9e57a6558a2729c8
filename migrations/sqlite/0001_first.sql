-- Instants are UTC seconds since 1970; the business zone exists only at the edge. Columns are whole numbers or
-- texts on both engines. migrations/postgres holds the same tables under the same numbers.

-- A place to charge. Bays are closed, never deleted: reservations of the past name them.
CREATE TABLE bays (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    name          TEXT    NOT NULL,
    closed_at     INTEGER,
    closed_reason TEXT
) STRICT;
CREATE UNIQUE INDEX bays_name ON bays (name);

-- Who may log in. `email` is lower case. `role` is driver, operator or administrator. `password_hash` is a PHC
-- string, null for those who log in elsewhere. Who is disabled cannot log in and keeps their reservations.
CREATE TABLE accounts (
    id            TEXT NOT NULL PRIMARY KEY,
    email         TEXT NOT NULL,
    password_hash TEXT,
    role          TEXT NOT NULL,
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    verified_at   INTEGER,
    disabled_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX accounts_email ON accounts (email);

-- Every reservation ever made. A cancelled one keeps its row and loses its slots. `id` is ours, `public_id`
-- (a UUID) is what clients see. `plate` is the canonical form without region, `plate_text` what was typed; both are
-- empty once retention or their owner has erased them.
CREATE TABLE reservations (
    id            INTEGER PRIMARY KEY,
    public_id     TEXT    NOT NULL,
    bay_id        INTEGER NOT NULL REFERENCES bays (id),
    plate         TEXT    NOT NULL,
    plate_text    TEXT    NOT NULL,
    start_at      INTEGER NOT NULL,
    end_at        INTEGER NOT NULL CHECK (end_at > start_at),
    contact_email TEXT,
    account_id    TEXT REFERENCES accounts (id),
    created_at    INTEGER NOT NULL,
    updated_at    INTEGER NOT NULL,
    cancelled_at  INTEGER
) STRICT;
CREATE UNIQUE INDEX reservations_public_id ON reservations (public_id);
-- A day's list and free/busy: live reservations by time, without reading the rows.
CREATE INDEX reservations_live_start ON reservations (start_at, bay_id, end_at) WHERE cancelled_at IS NULL;
-- "My reservations", and verify without a time.
CREATE INDEX reservations_plate ON reservations (plate, start_at);
CREATE INDEX reservations_account ON reservations (account_id, start_at) WHERE account_id IS NOT NULL;
CREATE INDEX reservations_email ON reservations (contact_email, start_at) WHERE contact_email IS NOT NULL;

-- What retention has still to look at: reservations that have not lost their plate.
CREATE INDEX reservations_with_plate ON reservations (end_at) WHERE plate <> '';

-- The promise of this product: each half hour of a live reservation is a row, and the two keys refuse a
-- second car in a bay and a second bay for a car. Nothing else is asked before a booking. The key of cars begins with
-- the time: what a camera may meet now stands on few pages, however much is stored.
CREATE TABLE reservation_slots (
    bay_id         INTEGER NOT NULL,
    slot_at        INTEGER NOT NULL,
    plate          TEXT    NOT NULL,
    reservation_id INTEGER NOT NULL REFERENCES reservations (id),
    CONSTRAINT reservation_slots_bay_slot PRIMARY KEY (bay_id, slot_at)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX reservation_slots_slot_plate ON reservation_slots (slot_at, plate);

-- What a request with an Idempotency-Key was answered, written with its effect in one transaction.
-- `scope` is who sent it; `answer` is JSON.
CREATE TABLE idempotency_keys (
    scope        TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash TEXT    NOT NULL,
    answer       TEXT,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_created ON idempotency_keys (created_at);

-- Secrets that the first start makes, such as the key that signs tokens.
CREATE TABLE secrets (
    name       TEXT    NOT NULL PRIMARY KEY,
    value      TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
