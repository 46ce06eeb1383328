package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/parley-chat/parley/internal/service"
)

// handler carries out one call.
type handler func(*call) (answer, error)

// access says who may make a call.
type access uint8

const (
	public   access = iota // no sign-in is looked at
	anybody                // signed in or not
	signedIn               // signed in
)

type route struct {
	method string
	path   string // after /api/v1
	access access
	do     handler
}

// routes is the whole API.
func (s *Server) routes() []route {
	return []route{
		{"GET", "/server", anybody, s.server},
		{"POST", "/setup", public, with(s.setUp)},
		{"POST", "/signup", public, with(s.signUp)},
		{"POST", "/login", public, with(s.logIn)},
		{"POST", "/logout", signedIn, s.logOut},
		{"GET", "/join/{code}", public, s.join},

		{"GET", "/me", signedIn, s.me},
		{"PATCH", "/me", signedIn, with(s.changeMe)},
		{"PUT", "/me/password", signedIn, with(s.changePassword)},
		{"GET", "/me/sessions", signedIn, s.sessions},
		{"DELETE", "/me/sessions/{id}", signedIn, s.endSession},

		{"GET", "/users", signedIn, s.users},
		{"POST", "/users", signedIn, with(s.addUser)},
		{"PATCH", "/users/{user}", signedIn, with(s.changeUser)},
		{"GET", "/invites", signedIn, s.invites},
		{"POST", "/invites", signedIn, with(s.addInvite)},
		{"DELETE", "/invites/{id}", signedIn, s.revokeInvite},

		{"GET", "/rooms", signedIn, s.rooms},
		{"POST", "/rooms", signedIn, with(s.createRoom)},
		{"GET", "/rooms/{room}", signedIn, s.inRoom(s.room)},
		{"PATCH", "/rooms/{room}", signedIn, withInRoom(s, s.changeRoom)},
		{"DELETE", "/rooms/{room}", signedIn, s.inRoom(s.deleteRoom)},
		{"POST", "/rooms/{room}/archive", signedIn, s.inRoom(s.archiveRoom)},
		{"POST", "/rooms/{room}/restore", signedIn, s.inRoom(s.restoreRoom)},

		{"GET", "/rooms/{room}/members", signedIn, s.inRoom(s.members)},
		{"PUT", "/rooms/{room}/members/{user}", signedIn, s.inRoom(s.addMember)},
		{"DELETE", "/rooms/{room}/members/{user}", signedIn, s.inRoom(s.removeMember)},
		{"PUT", "/rooms/{room}/read", signedIn, withInRoom(s, s.markRead)},

		{"GET", "/rooms/{room}/messages", signedIn, s.inRoom(s.messages)},
		{"POST", "/rooms/{room}/messages", signedIn, withInRoom(s, s.postMessage)},
		{"GET", "/rooms/{room}/messages/{seq}", signedIn, s.onMessage(s.message)},
		{"PATCH", "/rooms/{room}/messages/{seq}", signedIn, s.onMessage(s.editMessage)},
		{"DELETE", "/rooms/{room}/messages/{seq}", signedIn, s.onMessage(s.deleteMessage)},
		{"PUT", "/rooms/{room}/messages/{seq}/reactions/{emoji}", signedIn, s.onMessage(s.react)},
		{"DELETE", "/rooms/{room}/messages/{seq}/reactions/{emoji}", signedIn, s.onMessage(s.unreact)},
	}
}

const prefix = "/api/v1"

// mount puts everything that is answered into the mux.
func (s *Server) mount() {
	allowed := map[string][]string{"/ws": {"GET"}}
	for _, r := range s.routes() {
		s.mux.HandleFunc(r.method+" "+prefix+r.path, s.serve(r))
		allowed[r.path] = append(allowed[r.path], r.method)
	}
	s.mux.HandleFunc("GET "+prefix+"/ws", s.socket)
	for path, methods := range allowed {
		s.mux.HandleFunc(prefix+path, s.wrongMethod(methods))
	}
	s.mux.HandleFunc("/api/", s.noSuchCall)
	for path, do := range map[string]http.HandlerFunc{"/healthz": s.healthy, "/readyz": s.ready, "/metrics": s.metrics} {
		s.mux.HandleFunc("GET "+path, do)
		s.mux.HandleFunc(path, s.wrongMethod([]string{"GET"}))
	}
	s.mux.Handle("/", s.Client)
}

// serve makes an http.HandlerFunc of a route: it lets in, calls and answers.
func (s *Server) serve(r route) http.HandlerFunc {
	return func(_ http.ResponseWriter, request *http.Request) {
		c := callOf(request)
		setAPIHeaders(c)
		ctx, cancel := context.WithTimeout(request.Context(), requestTime)
		defer cancel()
		c.Request = request.WithContext(ctx)
		a, err := s.carryOut(c, r)
		if err != nil {
			s.refuse(c, err)
			return
		}
		s.write(c, a)
	}
}

func (s *Server) carryOut(c *call, r route) (answer, error) {
	if err := s.checkSite(c); err != nil {
		return answer{}, err
	}
	if r.access != public {
		err := s.signIn(c)
		stranger := r.access == anybody && errors.Is(err, service.ErrNotSignedIn)
		if err != nil && !stranger {
			return answer{}, err
		}
	}
	return r.do(c)
}

// wrongMethod answers what no route of the path understands.
func (s *Server) wrongMethod(methods []string) http.HandlerFunc {
	if slices.Contains(methods, "GET") {
		methods = append(methods, "HEAD")
	}
	slices.Sort(methods)
	allow := strings.Join(methods, ", ")
	return func(_ http.ResponseWriter, r *http.Request) {
		c := callOf(r)
		setAPIHeaders(c)
		c.w.Header().Set("Allow", allow)
		s.refuse(c, errMethod)
	}
}

func (s *Server) noSuchCall(_ http.ResponseWriter, r *http.Request) {
	c := callOf(r)
	setAPIHeaders(c)
	s.refuse(c, errNoSuchCall)
}
