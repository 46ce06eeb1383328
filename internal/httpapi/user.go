package httpapi

import (
	"strconv"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/wire"
)

func (s *Server) users(c *call) (answer, error) {
	q := c.query()
	cursor := q.cursor()
	if q.err != nil {
		return answer{}, q.err
	}
	users, err := s.Service.Users(c.Context(), c.principal, cursor)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.UserList{
		Users: wire.UsersOf(users),
		Next:  next(users, cursor, func(u chat.User) int64 { return int64(u.ID) }),
	})
}

func (s *Server) addUser(c *call, in wire.NewUser) (answer, error) {
	account := service.NewAccount{Username: in.Username, Password: in.Password, Name: in.Name}
	if in.Role == "" {
		in.Role = chat.RoleMember
	}
	user, err := s.Service.AddUser(c.Context(), c.principal, account, in.Role)
	if err != nil {
		return answer{}, err
	}
	return created(prefix+"/users/"+strconv.FormatInt(int64(user.ID), 10), wire.UserAnswer{User: wire.UserOf(user)})
}

func (s *Server) changeUser(c *call, in wire.UserChange) (answer, error) {
	id, err := c.pathID("user")
	if err != nil {
		return answer{}, err
	}
	changes := service.AccountChanges{Name: in.Name, Role: in.Role, Disabled: in.Disabled, Password: in.Password}
	user, err := s.Service.ChangeUser(c.Context(), c.principal, chat.UserID(id), changes)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.UserAnswer{User: wire.UserOf(user)})
}
