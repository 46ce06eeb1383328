package wire

import (
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
)

// UserRef is a person beside a message or in a list.
type UserRef struct {
	ID       chat.UserID `json:"id"`
	Username string      `json:"username"`
	Name     string      `json:"name"`
}

// User is an account, as its owner and administrators see it.
type User struct {
	UserRef
	Role     chat.Role `json:"role"`
	Disabled bool      `json:"disabled"`
}

// UserRefOf turns a person into what clients get.
func UserRefOf(u chat.UserRef) UserRef { return UserRef(u) }

// UserRefsOf does so for a list; never nil.
func UserRefsOf(users []chat.UserRef) []UserRef {
	refs := make([]UserRef, len(users))
	for i, u := range users {
		refs[i] = UserRef(u)
	}
	return refs
}

// UserOf turns an account into what clients get.
func UserOf(u chat.User) User {
	return User{UserRef: UserRef(u.UserRef), Role: u.Role, Disabled: u.Disabled}
}

func appendUserRef(dst []byte, u chat.UserRef) []byte {
	dst = append(dst, `{"id":`...)
	dst = strconv.AppendInt(dst, int64(u.ID), 10)
	dst = append(dst, `,"username":`...)
	dst = appendString(dst, u.Username)
	dst = append(dst, `,"name":`...)
	dst = appendString(dst, u.Name)
	return append(dst, '}')
}
