-- Cameras, what they saw, and what they sent that was not understood.

-- A camera of the site. `bay_id` is the bay that it looks at, null for one at an entrance. `zone` is the time zone of
-- its clock. `key_id` is the machine's key by which it sends. `drift` is by how many milliseconds its clock was ahead
-- of ours when it sent last. Who is off is not listened to; who is removed keeps its row, because sightings name it.
CREATE TABLE cameras (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name       TEXT COLLATE "C" NOT NULL,
    bay_id     BIGINT REFERENCES bays (id),
    zone       TEXT COLLATE "C" NOT NULL,
    key_id     TEXT COLLATE "C" NOT NULL REFERENCES machine_keys (id),
    created_at BIGINT NOT NULL,
    off_at     BIGINT,
    removed_at BIGINT,
    seen_at    BIGINT,
    format     TEXT COLLATE "C",
    drift      BIGINT
);
CREATE UNIQUE INDEX cameras_name ON cameras (name) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX cameras_key ON cameras (key_id);

-- What a camera saw. `number` is given in the order of the commits. `plate_text` is the plate as it was read; it is
-- null for a passer-by and once it is forgotten, and then `plate_hash` (keyed) and `plate_masked` are what is left.
-- `device_at` is the time of the camera's own clock, UTC milliseconds; `taken_at` the one that counts, UTC seconds.
-- `confidence` is in thousandths, `distance` and `margin` in thousandths of a nat. `state` is matched, passing,
-- review, accepted, corrected or rejected.
CREATE TABLE sightings (
    number         BIGINT NOT NULL PRIMARY KEY,
    id             TEXT COLLATE "C" NOT NULL,
    camera_id      TEXT COLLATE "C" NOT NULL REFERENCES cameras (id),
    bay_id         BIGINT,
    event          TEXT COLLATE "C",
    format         TEXT COLLATE "C" NOT NULL,
    read_by        TEXT COLLATE "C" NOT NULL,
    plate_text     TEXT COLLATE "C",
    plate_masked   TEXT COLLATE "C" NOT NULL,
    plate_hash     TEXT COLLATE "C",
    confidence     BIGINT,
    direction      TEXT COLLATE "C",
    taken_at       BIGINT NOT NULL,
    device_at      BIGINT,
    received_at    BIGINT NOT NULL,
    last_at        BIGINT NOT NULL,
    repeats        BIGINT NOT NULL,
    how            TEXT COLLATE "C" NOT NULL,
    reason         TEXT COLLATE "C" NOT NULL,
    distance       BIGINT,
    margin         BIGINT,
    arrival        TEXT COLLATE "C",
    reservation_id TEXT COLLATE "C",
    state          TEXT COLLATE "C" NOT NULL,
    reviewed_at    BIGINT,
    reviewed_by    TEXT COLLATE "C" 
);
CREATE UNIQUE INDEX sightings_id ON sightings (id);
-- A camera's event is stored once, however often it is sent.
CREATE UNIQUE INDEX sightings_event ON sightings (camera_id, event) WHERE event IS NOT NULL;
-- Whether the same car was seen by the same camera a moment ago.
CREATE INDEX sightings_car ON sightings (camera_id, plate_hash, last_at);
CREATE INDEX sightings_state ON sightings (state, number);
CREATE INDEX sightings_reservation ON sightings (reservation_id) WHERE reservation_id IS NOT NULL;
-- What retention has still to look at.
CREATE INDEX sightings_with_plate ON sightings (received_at) WHERE plate_hash IS NOT NULL;

-- The picture of a sighting that a person should look at, for a short while.
CREATE TABLE sighting_pictures (
    sighting_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    picture     BYTEA    NOT NULL,
    stored_at   BIGINT NOT NULL
);
CREATE INDEX sighting_pictures_stored ON sighting_pictures (stored_at);

-- What a camera sent that was not understood, once each, until it is replayed or too old. `digest` is SHA-256.
CREATE TABLE quarantine (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    camera_id    TEXT COLLATE "C" NOT NULL REFERENCES cameras (id),
    digest       TEXT COLLATE "C" NOT NULL,
    content_type TEXT COLLATE "C",
    size         BIGINT NOT NULL,
    reason       TEXT COLLATE "C" NOT NULL,
    received_at  BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    times        BIGINT NOT NULL,
    payload      BYTEA NOT NULL
);
CREATE UNIQUE INDEX quarantine_payload ON quarantine (camera_id, digest);
-- How much is kept, without reading it.
CREATE INDEX quarantine_size ON quarantine (size);
