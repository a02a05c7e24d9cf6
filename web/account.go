package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// meView is one's own account.
type meView struct {
	page
	Account  string
	RoleName string
	Sessions []sessionView
	Tokens   []tokenView
	New      string // a token, shown once
	Error    string
	Note     string
}

type sessionView struct {
	Started, Seen  when
	Address, Agent string
	This           bool
}

type tokenView struct {
	Name, Role    string
	Expires, Used when
	ID            string
}

func (s *Server) mePage(c echo.Context) error { return s.showMe(c, http.StatusOK, &meView{}) }

func (s *Server) showMe(c echo.Context, status int, v *meView) error {
	who, ctx, now := viewerOf(c), c.Request().Context(), s.Now()
	v.page = page{Title: "Your account", Area: "/me"}
	v.Account, v.RoleName = visible(who.User), string(who.Role)
	sessions, err := s.Auth.Sessions(ctx, who.UserID)
	if err != nil {
		return err
	}
	for _, x := range sessions {
		v.Sessions = append(v.Sessions, sessionView{when{x.Created, now}, when{x.Seen, now}, said(x.Address), said(x.Agent), x.ID == who.Session})
	}
	tokens, err := s.Auth.Tokens(ctx, who.UserID)
	if err != nil {
		return err
	}
	for _, x := range tokens {
		v.Tokens = append(v.Tokens, tokenView{said(x.Name), string(x.Role), when{x.Expires, now}, when{x.Used, now}, x.ID})
	}
	return s.render(c, status, "me", v)
}

// changePassword answers POST /me/password; the old one must be known.
func (s *Server) changePassword(c echo.Context) error {
	who, ctx := viewerOf(c), c.Request().Context()
	if who.bearer {
		return echo.NewHTTPError(http.StatusForbidden, "A token cannot change a password.")
	}
	v := &meView{}
	switch {
	case c.FormValue("password") != c.FormValue("again"):
		v.Error = "The two new passwords are not the same."
	default:
		secret, _, err := s.Auth.Login(ctx, who.User, c.FormValue("old"), origin(c.Request()))
		if err != nil {
			v.Error = sentence(err)
			break
		}
		if err := s.Auth.Logout(ctx, secret); err != nil {
			return err
		}
		if err := s.Auth.SetPassword(ctx, who.UserID, c.FormValue("password"), who.Session); refusedWords(err) {
			v.Error = sentence(err)
		} else if err != nil {
			return err
		} else {
			v.Note = "The password is changed. Your other sessions have ended."
		}
	}
	status := http.StatusOK
	if v.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	return s.showMe(c, status, v)
}

// makeToken answers POST /me/tokens: a token of one's own role, shown once.
func (s *Server) makeToken(c echo.Context) error {
	who, ctx := viewerOf(c), c.Request().Context()
	if who.bearer {
		return echo.NewHTTPError(http.StatusForbidden, "A token cannot make another one.")
	}
	life := 30 * 24 * time.Hour
	switch c.FormValue("life") {
	case "day":
		life = 24 * time.Hour
	case "year":
		life = 365 * 24 * time.Hour
	}
	v := &meView{}
	token, _, err := s.Auth.NewToken(ctx, who.User, c.FormValue("name"), who.Role, life)
	if err != nil {
		v.Error = sentence(err)
		return s.showMe(c, http.StatusUnprocessableEntity, v)
	}
	v.New = token
	return s.showMe(c, http.StatusOK, v)
}

// dropToken answers POST /me/tokens/{id}/revoke, for one's own tokens only.
func (s *Server) dropToken(c echo.Context) error {
	who, ctx := viewerOf(c), c.Request().Context()
	own, err := s.Auth.Tokens(ctx, who.UserID)
	if err != nil {
		return err
	}
	for _, t := range own {
		if t.ID == c.Param("id") {
			if err := s.Auth.RevokeToken(ctx, t.ID); err != nil {
				return err
			}
			return c.Redirect(http.StatusSeeOther, "/me")
		}
	}
	return echo.ErrNotFound
}
