package httpapi

import (
	"time"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/wire"
)

func (s *Server) invites(c *call) (answer, error) {
	invites, err := s.Service.Invites(c.Context(), c.principal)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.InviteList{Invites: wire.InvitesOf(invites)})
}

func (s *Server) addInvite(c *call, in wire.NewInvite) (answer, error) {
	life, err := inviteLife(in)
	if err != nil {
		return answer{}, err
	}
	invite, code, err := s.Service.AddInvite(c.Context(), c.principal, int(in.Uses), life)
	if err != nil {
		return answer{}, err
	}
	body := wire.InviteOf(invite)
	body.Code, body.URL = code, s.base(c)+"/join/"+code
	return created("", body)
}

// inviteLife reads how long an invitation is to live. The bounds are the
// service's; here it must only fit a duration.
func inviteLife(in wire.NewInvite) (time.Duration, error) {
	const longest = 10 * 365 * 24 * 60 * 60
	switch {
	case in.ExpiresIn == nil:
		return service.InviteLife, nil
	case *in.ExpiresIn < 0 || *in.ExpiresIn > longest:
		return 0, chat.FieldProblem("expires_in", "out_of_range", "An invitation lives from one minute to 90 days.")
	}
	return time.Duration(*in.ExpiresIn) * time.Second, nil
}

// base is the address that people type, without a slash at its end.
func (s *Server) base(c *call) string {
	if s.PublicURL != "" {
		return s.PublicURL
	}
	return schemeOf(c) + "://" + c.Host
}

func (s *Server) revokeInvite(c *call) (answer, error) {
	id, err := c.pathID("id")
	if err != nil {
		return answer{}, err
	}
	return done(s.Service.RevokeInvite(c.Context(), c.principal, chat.InviteID(id)))
}

// join tells whoever has an invitation's code who invites to what.
func (s *Server) join(c *call) (answer, error) {
	invite, err := s.Service.InviteByCode(c.Context(), c.PathValue("code"))
	if err != nil {
		return answer{}, err
	}
	workspace, err := s.Service.Workspace(c.Context())
	if err != nil {
		return answer{}, err
	}
	people, err := s.Service.CountUsers(c.Context())
	if err != nil {
		return answer{}, err
	}
	return ok(wire.Join{Workspace: workspace, Inviter: invite.Creator.Name, People: people})
}
