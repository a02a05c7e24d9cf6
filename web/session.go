package web

import (
	"crypto/rand"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// viewer is who asks, kept in the request's context by guard.
type viewer struct {
	auth.Principal
	secret string // of the session; "" for a token
	bearer bool
}

// kind is what the audit log calls the viewer.
func (v viewer) kind() audit.ActorKind {
	if v.bearer {
		return audit.Token
	}
	return audit.User
}

const viewerKey = "viewer"

func viewerOf(c echo.Context) viewer {
	v, _ := c.Get(viewerKey).(viewer)
	return v
}

// cookie names one of ours. With TLS the name carries __Host-, which browsers
// accept only with Secure, no Domain and Path=/.
func (s *Server) cookie(name, value string, age int) *http.Cookie {
	if s.Secure {
		name = "__Host-" + name
	}
	return &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteStrictMode}
}

func (s *Server) readCookie(r *http.Request, name string) string {
	if s.Secure {
		name = "__Host-" + name
	}
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

const (
	sessionCookie = "plumbline"
	formCookie    = "plumbline_form"  // of pages before login
	setupCookie   = "plumbline_setup" // carries the one-time token out of the address
	themeCookie   = "plumbline_theme"
	sessionAge    = 12 * 3600
)

// identify finds the viewer: a bearer token, or the session of the cookie. A
// token that is there and wrong is not covered up by a cookie.
func (s *Server) identify(c echo.Context) (viewer, bool) {
	r := c.Request()
	if h := r.Header.Get("Authorization"); h != "" {
		tok, ok := strings.CutPrefix(h, "Bearer ")
		if !ok {
			return viewer{}, false
		}
		who, err := s.Auth.Authenticate(r.Context(), tok)
		return viewer{Principal: who, bearer: true}, err == nil
	}
	secret := s.readCookie(r, sessionCookie)
	if secret == "" {
		return viewer{}, false
	}
	who, err := s.Auth.Authenticate(r.Context(), secret)
	return viewer{Principal: who, secret: secret}, err == nil
}

// formSecret gives the secret behind the form token of this request: the
// session's, or before login one of its own, made when missing.
func (s *Server) formSecret(c echo.Context) string {
	if v := viewerOf(c); v.secret != "" {
		return v.secret
	}
	if v := s.readCookie(c.Request(), formCookie); len(v) >= 32 {
		return v
	}
	secret := rand.Text() + rand.Text()
	if c.Request().Method == http.MethodGet {
		c.SetCookie(s.cookie(formCookie, secret, 3600))
	}
	return secret
}

// checkForm refuses an unsafe request that no page of ours made (SECURITY E17):
// token and origin must both be right. A bearer token needs neither, because
// no browser adds it by itself.
func (s *Server) checkForm(c echo.Context) error {
	if viewerOf(c).bearer {
		return nil
	}
	r := c.Request()
	if err := sameOrigin(r, s.Secure); err != nil {
		return echo.NewHTTPError(http.StatusForbidden, err.Error())
	}
	got := r.Header.Get("X-Form-Token")
	if got == "" {
		got = c.FormValue("form_token")
	}
	if !auth.CheckCSRF(s.formSecret(c), got) {
		return echo.NewHTTPError(http.StatusForbidden, "this form is too old or not ours; open the page again")
	}
	return nil
}
