package chat

import (
	"errors"
	"time"
)

// Kind is the class of an error: it decides the status of the answer.
type Kind uint8

// The kinds of error.
const (
	Internal        Kind = iota // a defect; details are logged, not told
	Invalid                     // the request is malformed
	Unprocessable               // well-formed, but a field breaks a rule
	Unauthenticated             // nobody is signed in
	Forbidden                   // visible, but not allowed
	NotFound                    // does not exist, or may not be seen
	Conflict                    // contradicts what is stored
	Gone                        // existed once
	TooLarge                    // beyond a size limit
	TooMany                     // beyond a rate limit
	Overloaded                  // a queue is full; try again
	Unavailable                 // the database is away; try again
	StorageFull                 // no space left to keep it
)

// Error is a refusal that a client is told: a stable code, a sentence for
// people, and the fields at fault.
type Error struct {
	Kind       Kind
	Code       string
	Detail     string
	Fields     []FieldError
	RetryAfter time.Duration // for TooMany, Overloaded and Unavailable
}

// FieldError is what is wrong with one field of a request.
type FieldError struct {
	Field  string
	Code   string
	Detail string
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Is makes errors.Is compare by code, so that a refusal with other details
// is still the same refusal.
func (e *Error) Is(target error) bool {
	var t *Error
	return errors.As(target, &t) && t.Code == e.Code
}

// Refusals that are born in several places.
var (
	ErrNotFound    = &Error{Kind: NotFound, Code: "not_found", Detail: "This does not exist, or you may not see it."}
	ErrNotMember   = &Error{Kind: Forbidden, Code: "not_member", Detail: "Join the room first."}
	ErrAdminsOnly  = &Error{Kind: Forbidden, Code: "admins_only", Detail: "Only administrators may do this."}
	ErrNotYours    = &Error{Kind: Forbidden, Code: "not_yours", Detail: "Only its author may change this message."}
	ErrArchived    = &Error{Kind: Forbidden, Code: "room_archived", Detail: "The room is archived: it can be read, but not changed."}
	ErrPrivateRoom = &Error{Kind: Forbidden, Code: "room_private", Detail: "Only an administrator can let you into a private room."}
	ErrDisabled    = &Error{Kind: Forbidden, Code: "account_disabled", Detail: "This account is disabled. Ask an administrator."}
	ErrBotRole     = &Error{Kind: Forbidden, Code: "bot_not_allowed", Detail: "A bot may not do this."}

	ErrKeyReused     = &Error{Kind: Conflict, Code: "key_reused", Detail: "This key was used for another message. Make a new key."}
	ErrSlugTaken     = &Error{Kind: Conflict, Code: "slug_taken", Detail: "Another room has this address. Choose another one."}
	ErrUsernameTaken = &Error{Kind: Conflict, Code: "username_taken", Detail: "This user name is taken, or too like one that is. Choose another one."}
	ErrSetupDone     = &Error{Kind: Conflict, Code: "setup_done", Detail: "This server is set up already. Log in instead."}
	ErrSetupNeeded   = &Error{Kind: Conflict, Code: "setup_needed", Detail: "This server is not set up yet. Open its set-up address first."}
	ErrLastAdmin     = &Error{Kind: Conflict, Code: "last_admin", Detail: "This is the last administrator. Make somebody else one first."}
	ErrInviteDead    = &Error{Kind: Gone, Code: "invite_dead", Detail: "This invitation no longer works. Ask for a new one."}

	ErrTooManyReactions = &Error{Kind: Unprocessable, Code: "too_many_reactions", Detail: "A message has room for 20 different emoji."}
	ErrTooManyRooms     = &Error{Kind: Unprocessable, Code: "too_many_rooms", Detail: "One person can be in at most 2,000 rooms. Leave one first."}

	ErrOverloaded  = &Error{Kind: Overloaded, Code: "overloaded", Detail: "The server is busy. Try again in a moment.", RetryAfter: time.Second}
	ErrUnavailable = &Error{Kind: Unavailable, Code: "unavailable", Detail: "The database cannot be reached. Try again in a moment.", RetryAfter: 2 * time.Second}
	ErrStorageFull = &Error{Kind: StorageFull, Code: "storage_full", Detail: "The server's disk is full. Nothing was saved; ask an administrator to free space."}
)

// FieldProblem is a refusal of one field: Kind Unprocessable, code
// "invalid_fields".
func FieldProblem(field, code, detail string) *Error {
	return &Error{
		Kind: Unprocessable, Code: "invalid_fields", Detail: detail,
		Fields: []FieldError{{Field: field, Code: code, Detail: detail}},
	}
}

// JoinFields gathers the field refusals among errs into one; nil when there
// is none. Another kind of error is given back as it is.
func JoinFields(errs ...error) error {
	joined := &Error{Kind: Unprocessable, Code: "invalid_fields", Detail: "Some fields need another value."}
	for _, err := range errs {
		if err == nil {
			continue
		}
		var field *Error
		if !errors.As(err, &field) || field.Kind != Unprocessable {
			return err
		}
		joined.Fields = append(joined.Fields, field.Fields...)
	}
	if len(joined.Fields) == 0 {
		return nil
	}
	if len(joined.Fields) == 1 {
		joined.Detail = joined.Fields[0].Detail
	}
	return joined
}
