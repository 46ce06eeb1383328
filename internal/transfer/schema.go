package transfer

// Kind is what a column holds. Any column may also be empty.
type Kind byte

// The kinds, with the type of their values in a Row.
const (
	Integer Kind = 'i' // int64
	Text    Kind = 't' // string
	Bytes   Kind = 'b' // []byte, never nil
	Flag    Kind = 'f' // bool
)

// Column is a column of a table.
type Column struct {
	Name string
	Kind Kind
}

// Table is a table that is copied.
type Table struct {
	Name    string
	Columns []Column // those of the primary key first
	Keys    int      // how many columns the primary key has
	Counted bool     // ids are given by the database, and none twice
}

// Row has a value for each column, nil for an empty one. A key is the
// beginning of a row.
type Row []any

// key gives the key of the last of some rows.
func (t Table) key(rows []Row) Row { return rows[len(rows)-1][:t.Keys] }

// room finds the column that says of which room a row is; -1 if none does.
func (t Table) room() int {
	if t.Name == tableRooms {
		return 0
	}
	for i, c := range t.Columns {
		if c.Name == "room_id" {
			return i
		}
	}
	return -1
}

// Tables that the comparison names.
const (
	tableRooms    = "rooms"
	tableMessages = "messages"
	tableChanges  = "changes"
)

// Schema lists the tables and all of their columns. None refers to one that
// comes after it.
func Schema() []Table {
	return []Table{
		{Name: "settings", Keys: 1, Columns: []Column{{"name", Text}, {"value", Text}}},
		{Name: "users", Keys: 1, Counted: true, Columns: []Column{
			{"id", Integer},
			{"username", Text},
			{"fold", Text},
			{"name", Text},
			{"role", Text},
			{"disabled", Flag},
			{"hash", Text},
			{"created_at", Integer},
		}},
		{Name: tableRooms, Keys: 1, Counted: true, Columns: []Column{
			{"id", Integer},
			{"slug", Text},
			{"name", Text},
			{"topic", Text},
			{"private", Flag},
			{"archived", Flag},
			{"deleted", Flag},
			{"purged", Flag},
			{"last_seq", Integer},
			{"last_at", Integer},
			{"created_at", Integer},
		}},
		{Name: tableMessages, Keys: 2, Columns: []Column{
			{"room_id", Integer},
			{"seq", Integer},
			{"user_id", Integer},
			{"key", Text},
			{"digest", Bytes},
			{"text", Text},
			{"first_text", Text},
			{"reply_to", Integer},
			{"created_at", Integer},
			{"edited_at", Integer},
			{"deleted_at", Integer},
		}},
		{Name: tableChanges, Keys: 2, Columns: []Column{
			{"room_id", Integer},
			{"seq", Integer},
			{"kind", Integer},
			{"user_id", Integer},
			{"at", Integer},
			{"target_seq", Integer},
			{"subject_id", Integer},
			{"body", Text},
		}},
		{Name: "reactions", Keys: 4, Columns: []Column{
			{"room_id", Integer},
			{"seq", Integer},
			{"emoji", Text},
			{"user_id", Integer},
			{"event_seq", Integer},
			{"since_seq", Integer},
		}},
		{Name: "mentions", Keys: 3, Columns: []Column{{"user_id", Integer}, {"room_id", Integer}, {"seq", Integer}}},
		{Name: "imports", Keys: 3, Columns: []Column{{"source", Text}, {"kind", Text}, {"foreign_id", Text}, {"id", Integer}}},
		{Name: "members", Keys: 2, Columns: []Column{
			{"room_id", Integer}, {"user_id", Integer}, {"joined_seq", Integer}, {"read_seq", Integer},
		}},
		{Name: "invites", Keys: 1, Counted: true, Columns: []Column{
			{"id", Integer},
			{"creator_id", Integer},
			{"code_hash", Bytes},
			{"created_at", Integer},
			{"expires_at", Integer},
			{"max_uses", Integer},
			{"uses", Integer},
			{"revoked", Flag},
		}},
		{Name: "sessions", Keys: 1, Counted: true, Columns: []Column{
			{"id", Integer},
			{"user_id", Integer},
			{"kind", Text},
			{"secret_hash", Bytes},
			{"name", Text},
			{"user_agent", Text},
			{"address", Text},
			{"created_at", Integer},
			{"last_seen_at", Integer},
			{"expires_at", Integer},
		}},
	}
}
