-- Settings that administrators changed while the server ran: they count instead of those of the file and the
-- environment. `value` is as those would have it.
CREATE TABLE changed_settings (
    name       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value      TEXT COLLATE "C" NOT NULL,
    changed_at BIGINT NOT NULL
);
