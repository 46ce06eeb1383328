package httpapi

import (
	"errors"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
	"github.com/parley-chat/parley/internal/wire"
)

// maxUserAgent bounds what is kept of a User-Agent, in bytes.
const maxUserAgent = 300

func deviceOf(c *call) service.Device {
	agent := c.UserAgent()
	return service.Device{UserAgent: agent[:min(len(agent), maxUserAgent)], Address: c.address.String()}
}

// setUp makes the first account.
func (s *Server) setUp(c *call, in wire.SetupRequest) (answer, error) {
	if err := s.logins.check(c); err != nil {
		return answer{}, err
	}
	account := service.NewAccount{Username: in.Username, Password: in.Password}
	signed, err := s.Service.Setup(c.Context(), in.Token, in.Workspace, account, deviceOf(c))
	if err != nil {
		if errors.Is(err, service.ErrSetupToken) {
			_ = s.logins.count(c) // the next one is refused
		}
		return answer{}, err
	}
	return s.welcome(c, signed)
}

// signUp makes an account for a stranger. What counts against the address is
// what was not a slip of the form.
func (s *Server) signUp(c *call, in wire.SignupRequest) (answer, error) {
	if err := s.signups.check(c); err != nil {
		return answer{}, err
	}
	account := service.NewAccount{Username: in.Username, Password: in.Password, Invite: in.Invite}
	signed, err := s.Service.SignUp(c.Context(), account, deviceOf(c))
	if !isSlip(err) {
		_ = s.signups.count(c) // the next one is refused
	}
	if err != nil {
		return answer{}, err
	}
	return s.welcome(c, signed)
}

func isSlip(err error) bool {
	var refusal *chat.Error
	return errors.As(err, &refusal) && refusal.Kind == chat.Unprocessable
}

// logIn signs in. What counts against the address is what failed.
func (s *Server) logIn(c *call, in wire.LoginRequest) (answer, error) {
	if err := s.logins.check(c); err != nil {
		return answer{}, err
	}
	signed, err := s.Service.LogIn(c.Context(), in.Username, in.Password, deviceOf(c))
	if err != nil {
		if errors.Is(err, service.ErrWrongCredentials) {
			_ = s.logins.count(c) // the next one is refused
		}
		return answer{}, err
	}
	rememberSession(c, signed.Secret)
	return ok(wire.UserAnswer{User: wire.UserOf(signed.User)})
}

// welcome answers with a fresh account, signed in.
func (s *Server) welcome(c *call, signed service.SignedIn) (answer, error) {
	rememberSession(c, signed.Secret)
	return created(prefix+"/me", wire.UserAnswer{User: wire.UserOf(signed.User)})
}

// logOut ends the session, and has the browser forget what the client kept.
// A session that ends in any other way keeps drafts and unsent messages.
func (s *Server) logOut(c *call) (answer, error) {
	if err := s.Service.LogOut(c.Context(), c.principal); err != nil {
		return answer{}, err
	}
	if c.cookie {
		forgetSession(c)
		// Not "cookies": that would end the sessions of other programs on
		// neighbouring host names too.
		c.w.Header().Set("Clear-Site-Data", `"storage"`)
	}
	return done(nil)
}

func (s *Server) me(c *call) (answer, error) {
	return ok(wire.UserAnswer{User: wire.UserOf(c.principal.User)})
}

func (s *Server) changeMe(c *call, in wire.MeChange) (answer, error) {
	if in.Name == nil {
		return s.me(c)
	}
	user, err := s.Service.Rename(c.Context(), c.principal, *in.Name)
	if err != nil {
		return answer{}, err
	}
	return ok(wire.UserAnswer{User: wire.UserOf(user)})
}

func (s *Server) changePassword(c *call, in wire.PasswordChange) (answer, error) {
	return done(s.Service.ChangePassword(c.Context(), c.principal, in.Current, in.New))
}
