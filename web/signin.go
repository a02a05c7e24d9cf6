package web

import (
	"errors"
	"net/http"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/auth"
)

// signInView is the login page and the first page of the set-up.
type signInView struct {
	page
	Host  string
	Name  string
	Next  string
	Error string
	Empty bool // set-up without a token
}

var userName = regexp.MustCompile(`^[\pL\p{Nd}._@-]{1,64}$`)

func (s *Server) loginPage(c echo.Context) error {
	if viewerOf(c).User != "" {
		return c.Redirect(http.StatusSeeOther, "/")
	}
	if done, err := s.Auth.HasAdmin(c.Request().Context()); err != nil {
		return err
	} else if !done {
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	return s.render(c, http.StatusOK, "login", &signInView{page: page{Title: "Sign in"}, Host: visible(c.Request().Host), Next: ownPath(c.QueryParam("next"))})
}

// ownPath keeps a way back inside this server: a path, never another host.
func ownPath(p string) string {
	if !strings.HasPrefix(p, "/") || strings.HasPrefix(p, "//") || strings.ContainsAny(p, "\\\r\n\t") {
		return "/"
	}
	return p
}

func origin(r *http.Request) auth.Origin {
	return auth.Origin{Address: peer(r), Agent: r.UserAgent()}
}

func (s *Server) login(c echo.Context) error {
	name := strings.TrimSpace(c.FormValue("user"))
	next := ownPath(c.FormValue("next"))
	secret, _, err := s.Auth.Login(c.Request().Context(), name, c.FormValue("password"), origin(c.Request()))
	v := &signInView{page: page{Title: "Sign in"}, Host: visible(c.Request().Host), Name: visible(name), Next: next}
	switch {
	case errors.Is(err, auth.ErrThrottled):
		v.Error = "Too many refused sign-ins from here. Wait 15 minutes, then try again; nothing else is needed."
		return s.render(c, http.StatusTooManyRequests, "login", v)
	case errors.Is(err, auth.ErrBadLogin):
		v.Error = "Name or password is wrong."
		return s.render(c, http.StatusUnauthorized, "login", v)
	case err != nil:
		return err
	}
	s.enter(c, secret)
	return c.Redirect(http.StatusSeeOther, next)
}

// enter puts a new session into the browser and takes out what came before.
func (s *Server) enter(c echo.Context, secret string) {
	c.SetCookie(s.cookie(sessionCookie, secret, sessionAge))
	c.SetCookie(s.cookie(formCookie, "", -1))
	c.SetCookie(s.cookie(setupCookie, "", -1))
}

// setupPage moves the token of the link into a cookie, so that it stays out of
// history, Referer and the logs of proxies.
func (s *Server) setupPage(c echo.Context) error {
	ctx := c.Request().Context()
	if done, err := s.Auth.HasAdmin(ctx); err != nil {
		return err
	} else if done {
		return echo.ErrNotFound
	}
	if t := c.QueryParam("token"); t != "" {
		c.SetCookie(s.cookie(setupCookie, t, 1800))
		return c.Redirect(http.StatusSeeOther, "/setup")
	}
	v := &signInView{page: page{Title: "Set up"}}
	if t := s.readCookie(c.Request(), setupCookie); t == "" {
		v.Empty = true
	} else if err := s.Auth.CheckSetup(ctx, t); err != nil {
		v.Empty, v.Error = true, sentence(err)
	}
	return s.render(c, http.StatusOK, "setup", v)
}

func (s *Server) setup(c echo.Context) error {
	ctx := c.Request().Context()
	if done, err := s.Auth.HasAdmin(ctx); err != nil {
		return err
	} else if done {
		return echo.ErrNotFound
	}
	name := strings.TrimSpace(c.FormValue("user"))
	v := &signInView{page: page{Title: "Set up"}, Name: visible(name)}
	if !userName.MatchString(name) {
		v.Error = "A name has 1 to 64 letters, digits or . - _ @."
		return s.render(c, http.StatusUnprocessableEntity, "setup", v)
	}
	if c.FormValue("password") != c.FormValue("again") {
		v.Error = "The two passwords are not the same."
		return s.render(c, http.StatusUnprocessableEntity, "setup", v)
	}
	secret, _, err := s.Auth.Setup(ctx, s.readCookie(c.Request(), setupCookie), name, c.FormValue("password"), origin(c.Request()))
	switch {
	case errors.Is(err, auth.ErrSetupDone):
		return echo.ErrNotFound
	case errors.Is(err, auth.ErrBadSetup):
		v.Empty, v.Error = true, sentence(err)
		return s.render(c, http.StatusForbidden, "setup", v)
	case err != nil:
		// Name and password rules are the caller's to mend; a fault of ours
		// shows its request id instead.
		if !refusedWords(err) {
			return err
		}
		v.Error = sentence(err)
		return s.render(c, http.StatusUnprocessableEntity, "setup", v)
	}
	s.enter(c, secret)
	return c.Redirect(http.StatusSeeOther, "/")
}

// refusedWords: the error is about what was typed.
func refusedWords(err error) bool {
	_, ok := errors.AsType[*auth.PasswordError](err)
	return ok || errors.Is(err, auth.ErrUserExists)
}

// sentence makes an error of ours fit for a page.
func sentence(err error) string {
	t := visible(err.Error())
	return strings.ToUpper(t[:1]) + t[1:] + "."
}

func (s *Server) logout(c echo.Context) error {
	if err := s.Auth.Logout(c.Request().Context(), viewerOf(c).secret); err != nil {
		return err
	}
	c.SetCookie(s.cookie(sessionCookie, "", -1))
	c.Response().Header().Set("Clear-Site-Data", `"cache", "storage"`)
	return c.Redirect(http.StatusSeeOther, "/login")
}

func (s *Server) setTheme(c echo.Context) error {
	t := c.FormValue("theme")
	if t != "light" && t != "dark" {
		t = "auto"
	}
	c.SetCookie(&http.Cookie{Name: themeCookie, Value: t, Path: "/", MaxAge: 365 * 24 * 3600, Secure: s.Secure, SameSite: http.SameSiteStrictMode})
	return c.Redirect(http.StatusSeeOther, ownPath(c.FormValue("back")))
}
