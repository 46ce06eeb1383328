-- +goose Up

-- Times are milliseconds since 1970 in UTC, 0 for never. Ids are never used
-- twice (AUTOINCREMENT), because clients remember them.

CREATE TABLE settings (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE users (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    username   TEXT    NOT NULL,
    fold       TEXT    NOT NULL UNIQUE,
    name       TEXT    NOT NULL,
    role       TEXT    NOT NULL,
    disabled   INTEGER NOT NULL DEFAULT 0,
    hash       TEXT    NOT NULL DEFAULT '', -- empty: no password
    created_at INTEGER NOT NULL
);

CREATE TABLE sessions (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      INTEGER NOT NULL REFERENCES users (id),
    kind         TEXT    NOT NULL,
    secret_hash  BLOB    NOT NULL UNIQUE,
    name         TEXT    NOT NULL,
    user_agent   TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_tokens ON sessions (id) WHERE kind = 'token';

CREATE TABLE invites (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    creator_id INTEGER REFERENCES users (id), -- NULL: made from the shell
    code_hash  BLOB    NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_uses   INTEGER NOT NULL, -- 0: no limit
    uses       INTEGER NOT NULL DEFAULT 0,
    revoked    INTEGER NOT NULL DEFAULT 0
);

-- A deleted room stays as an empty row: its id is not used again, and its
-- last_seq goes on counting for the commit mark (see epoch.go).
CREATE TABLE rooms (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    slug       TEXT    UNIQUE, -- NULL once deleted
    name       TEXT    NOT NULL,
    topic      TEXT    NOT NULL,
    private    INTEGER NOT NULL,
    archived   INTEGER NOT NULL DEFAULT 0,
    deleted    INTEGER NOT NULL DEFAULT 0,
    purged     INTEGER NOT NULL DEFAULT 0, -- what was said in it is gone too
    last_seq   INTEGER NOT NULL DEFAULT 0,
    last_at    INTEGER NOT NULL DEFAULT 0, -- time of the event last_seq
    created_at INTEGER NOT NULL
);

CREATE TABLE members (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    user_id    INTEGER NOT NULL REFERENCES users (id),
    joined_seq INTEGER NOT NULL,
    read_seq   INTEGER NOT NULL,
    PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX members_of_user ON members (user_id, room_id);

-- Each number of a room stands in exactly one of two tables: here if the
-- event created a message, else in changes. The row is the message as it is
-- now; first_text keeps what was said first, where an edit replaced it.
CREATE TABLE messages (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    seq        INTEGER NOT NULL,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    key        TEXT    NOT NULL,
    digest     BLOB    NOT NULL, -- see chat.Draft.Digest
    text       TEXT    NOT NULL, -- empty once deleted
    first_text TEXT,
    reply_to   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    edited_at  INTEGER NOT NULL DEFAULT 0,
    deleted_at INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;
CREATE UNIQUE INDEX messages_key ON messages (room_id, user_id, key);

CREATE TABLE changes (
    room_id    INTEGER NOT NULL REFERENCES rooms (id),
    seq        INTEGER NOT NULL,
    kind       INTEGER NOT NULL, -- chat.EventKind
    user_id    INTEGER NOT NULL REFERENCES users (id),
    at         INTEGER NOT NULL,
    target_seq INTEGER NOT NULL, -- the message that it is about, or 0
    subject_id INTEGER REFERENCES users (id), -- who joined or left
    body       TEXT    NOT NULL, -- JSON; empty: nothing more, or blanked
    PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;
-- The copies of a message's text that its deletion must blank.
CREATE INDEX changes_edits ON changes (room_id, target_seq) WHERE kind = 2;

CREATE TABLE reactions (
    room_id   INTEGER NOT NULL,
    seq       INTEGER NOT NULL, -- of the message
    emoji     TEXT    NOT NULL,
    user_id   INTEGER NOT NULL REFERENCES users (id),
    event_seq INTEGER NOT NULL, -- of its event: the order of the people
    since_seq INTEGER NOT NULL, -- since when the emoji stands there: the order of the emoji
    PRIMARY KEY (room_id, seq, emoji, user_id),
    FOREIGN KEY (room_id, seq) REFERENCES messages (room_id, seq)
) WITHOUT ROWID;

-- Who is named in which message; nobody is mentioned by themselves.
CREATE TABLE mentions (
    user_id INTEGER NOT NULL REFERENCES users (id),
    room_id INTEGER NOT NULL,
    seq     INTEGER NOT NULL,
    PRIMARY KEY (user_id, room_id, seq),
    FOREIGN KEY (room_id, seq) REFERENCES messages (room_id, seq)
) WITHOUT ROWID;
CREATE INDEX mentions_in_message ON mentions (room_id, seq);

-- What an import made of the ids of another program.
CREATE TABLE imports (
    source     TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    foreign_id TEXT    NOT NULL,
    id         INTEGER NOT NULL,
    PRIMARY KEY (source, kind, foreign_id)
) WITHOUT ROWID;
