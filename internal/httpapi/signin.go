package httpapi

import (
	"net/http"
	"strings"

	"github.com/parley-chat/parley/internal/chat"
	"github.com/parley-chat/parley/internal/service"
)

// Names of the session's cookie. Browsers keep the first one to this very
// host, to https, and to all paths.
const (
	secureCookie = "__Host-parley"
	plainCookie  = "parley"
)

func cookieName(c *call) string {
	if c.secure {
		return secureCookie
	}
	return plainCookie
}

// signIn finds out who asks; service.ErrNotSignedIn if nobody. A bearer token
// that is wrong is never made good by a cookie.
func (s *Server) signIn(c *call) (err error) {
	if token, sent := bearer(c.Request); sent {
		c.principal, err = s.Service.Authenticate(c.Context(), chat.SessionToken, token)
		return err
	}
	cookie, err := c.Cookie(cookieName(c))
	if err != nil {
		return service.ErrNotSignedIn
	}
	c.cookie = true
	c.principal, err = s.Service.Authenticate(c.Context(), chat.SessionBrowser, cookie.Value)
	return err
}

// bearer gives the token of the Authorization header. Other schemes are a
// proxy's own affair.
func bearer(r *http.Request) (token string, sent bool) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return "", false
	}
	return strings.TrimSpace(token), true
}

// askForSignIn completes a 401: it says what is wanted and takes back a
// cookie that signs nobody in.
func (s *Server) askForSignIn(c *call) {
	c.w.Header().Set("WWW-Authenticate", `Bearer realm="parley"`)
	if c.cookie {
		forgetSession(c)
	}
}

// rememberSession gives the browser the session's secret.
func rememberSession(c *call, secret string) {
	setCookie(c, secret, int(chat.AbsoluteLife.Seconds()))
}

func forgetSession(c *call) { setCookie(c, "", -1) }

func setCookie(c *call, value string, maxAge int) {
	http.SetCookie(c.w, &http.Cookie{
		Name: cookieName(c), Value: value, Path: "/", MaxAge: maxAge,
		Secure: c.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
