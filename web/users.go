package web

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// usersView is the accounts, and which role may do what.
type usersView struct {
	settingsPage
	CanEdit bool
	Users   []userRow
	Roles   []string
	Matrix  []rightsRow
	New     *newPassword
	Name    string // as typed
}

type userRow struct {
	ID, Name, Role string
	This           bool
	Tone, Icon     string
	State          string
	Closed         bool

	Tokens, Sessions int
	Created, Seen    when
}

type rightsRow struct {
	Permission string
	May        []bool // by role
}

// newPassword is a password that was made for somebody, shown once.
type newPassword struct{ User, Password string }

func (s *Server) usersPage(c echo.Context) error {
	return s.showUsers(c, http.StatusOK, &usersView{})
}

func (s *Server) showUsers(c echo.Context, status int, v *usersView) error {
	ctx, who, now := c.Request().Context(), viewerOf(c), s.Now()
	kept := v.settingsPage
	v.settingsPage = s.settingsPage(c, "Users and roles", "/settings/users")
	v.Error, v.Note = kept.Error, kept.Note
	v.CanEdit = who.Can(auth.UserEdit)
	users, err := s.Settings.Users(ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		r := userRow{ID: u.ID, Name: visible(u.Name), Role: string(u.Role), This: u.ID == who.UserID, Closed: !u.Disabled.IsZero(), Created: when{u.Created, now}}
		sessions, err := s.Auth.Sessions(ctx, u.ID)
		if err != nil {
			return err
		}
		tokens, err := s.Auth.Tokens(ctx, u.ID)
		if err != nil {
			return err
		}
		r.Sessions, r.Tokens = len(sessions), len(tokens)
		for _, x := range sessions {
			if x.Seen.After(r.Seen.T) {
				r.Seen = when{x.Seen, now}
			}
		}
		r.Seen.Now = now
		r.Tone, r.Icon, r.State = "t-ok", "circle-check", "open"
		if r.Closed {
			r.Tone, r.Icon, r.State = "t-idle", "ban", "disabled"
		}
		v.Users = append(v.Users, r)
	}
	for _, r := range auth.Roles() {
		v.Roles = append(v.Roles, string(r))
	}
	for _, p := range auth.Permissions() {
		m := rightsRow{Permission: string(p)}
		for _, r := range auth.Roles() {
			m.May = append(m.May, r.Can(p))
		}
		v.Matrix = append(v.Matrix, m)
	}
	return s.render(c, status, "users", v)
}

// notOwn refuses what nobody does to the account he sits in, and what a token
// does not do to accounts at all: one that leaked would outlive its end.
func notOwn(c echo.Context, id string) error {
	who := viewerOf(c)
	switch {
	case who.bearer:
		return echo.NewHTTPError(http.StatusForbidden, "A token cannot make or change accounts.")
	case id == who.UserID:
		return echo.NewHTTPError(http.StatusForbidden, "Your own account is changed by another administrator; your password on the page of your account.")
	}
	return nil
}

// user finds the account that the path names.
func (s *Server) user(ctx context.Context, id string) (auth.User, error) {
	users, err := s.Settings.Users(ctx)
	if err != nil {
		return auth.User{}, err
	}
	if i := slices.IndexFunc(users, func(u auth.User) bool { return u.ID == id }); i >= 0 {
		return users[i], nil
	}
	return auth.User{}, echo.ErrNotFound
}

// actOnUser finds the account, records, acts, and shows the page again.
func (s *Server) actOnUser(c echo.Context, verb audit.Verb, after string, v *usersView, act func(ctx context.Context, u auth.User) error) error {
	ctx := c.Request().Context()
	if err := notOwn(c, c.Param("id")); err != nil {
		return err
	}
	u, err := s.user(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	if err := s.record(c, verb, u.Name, string(u.Role), after); err != nil {
		return err
	}
	err = act(ctx, u)
	switch {
	case errors.Is(err, auth.ErrLastAdmin), refusedWords(err):
		v.Error = sentence(err)
		return s.showUsers(c, http.StatusUnprocessableEntity, v)
	case errors.Is(err, auth.ErrNoUser):
		return echo.ErrNotFound
	case err != nil:
		return err
	}
	return s.showUsers(c, http.StatusOK, v)
}

// addUser answers POST /settings/users. Without a password one is made and
// shown once; an account of a program gets none.
func (s *Server) addUser(c echo.Context) error {
	name, role := formText(c, "name"), auth.Role(c.FormValue("role"))
	if err := notOwn(c, ""); err != nil {
		return err
	}
	v := &usersView{Name: visible(name)}
	refuse := func(text string) error {
		v.Error = text
		return s.showUsers(c, http.StatusUnprocessableEntity, v)
	}
	if !userName.MatchString(name) {
		return refuse("A name has 1 to 64 letters, digits or . - _ @.")
	}
	if !role.Known() {
		return refuse("Choose a role.")
	}
	password := c.FormValue("password")
	if c.FormValue("program") != "" {
		if password = ""; role == auth.Admin {
			return refuse("An administrator needs a password: only one who can sign in counts as one.")
		}
	} else if password == "" {
		password = rand.Text()
		v.New = &newPassword{visible(name), password}
	}
	if err := s.record(c, audit.UserChange, name, "", "new, "+string(role)); err != nil {
		return err
	}
	if _, err := s.Settings.AddUser(c.Request().Context(), name, password, role); refusedWords(err) {
		v.New = nil
		return refuse(sentence(err))
	} else if err != nil {
		return err
	}
	v.Note, v.Name = "The account "+visible(name)+" is made.", ""
	return s.showUsers(c, http.StatusOK, v)
}

// userRole answers POST /settings/users/{id}/role; the account's sessions end.
func (s *Server) userRole(c echo.Context) error {
	role := auth.Role(c.FormValue("role"))
	if !role.Known() {
		return s.showUsers(c, http.StatusUnprocessableEntity, &usersView{settingsPage: settingsPage{Error: "Choose a role."}})
	}
	v := &usersView{settingsPage: settingsPage{Note: "The role is changed; the account's sessions have ended."}}
	return s.actOnUser(c, audit.GrantChange, string(role), v, func(ctx context.Context, u auth.User) error { return s.Settings.SetRole(ctx, u.ID, role) })
}

// userState answers POST /settings/users/{id}/state.
func (s *Server) userState(c echo.Context) error {
	closed := c.FormValue("state") == "disabled"
	word := map[bool]string{true: "disabled", false: "open"}[closed]
	v := &usersView{settingsPage: settingsPage{Note: "The account is " + word + "; its sessions have ended."}}
	return s.actOnUser(c, audit.UserChange, word, v, func(ctx context.Context, u auth.User) error { return s.Settings.Disable(ctx, u.ID, closed) })
}

// userPassword answers POST /settings/users/{id}/password with a new one,
// shown once.
func (s *Server) userPassword(c echo.Context) error {
	v := &usersView{settingsPage: settingsPage{Note: "The password is replaced; the account's sessions have ended."}}
	return s.actOnUser(c, audit.PasswordChange, "", v, func(ctx context.Context, u auth.User) error {
		password := rand.Text()
		if err := s.Auth.SetPassword(ctx, u.ID, password, ""); err != nil {
			return err
		}
		v.New = &newPassword{visible(u.Name), password}
		return nil
	})
}

// deleteUser answers POST /settings/users/{id}/delete.
func (s *Server) deleteUser(c echo.Context) error {
	u, err := s.user(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	if c.FormValue("sure") == "" {
		return s.render(c, http.StatusOK, "confirm", &confirmView{page: page{Title: "Remove an account", Area: "/settings"}, Heading: "Remove " + visible(u.Name) + "?",
			Text: "The account goes with its sessions and tokens. What it did stays in the audit log. To keep its name from being taken again, disable it instead.",
			Post: "/settings/users/" + segment(u.ID) + "/delete", Back: "/settings/users", Action: "Remove " + visible(u.Name)})
	}
	v := &usersView{settingsPage: settingsPage{Note: "The account is removed."}}
	return s.actOnUser(c, audit.UserDelete, "", v, func(ctx context.Context, u auth.User) error { return s.Settings.DeleteUser(ctx, u.ID) })
}

// endSessions answers POST /settings/users/{id}/sessions.
func (s *Server) endSessions(c echo.Context) error {
	v := &usersView{settingsPage: settingsPage{Note: "The account's sessions have ended."}}
	return s.actOnUser(c, audit.SessionEnd, "all", v, func(ctx context.Context, u auth.User) error {
		list, err := s.Auth.Sessions(ctx, u.ID)
		for _, x := range list {
			err = errors.Join(err, s.Auth.EndSession(ctx, x.ID))
		}
		return err
	})
}

// tokensView is the tokens of every account.
type tokensView struct {
	settingsPage
	CanEdit bool
	Tokens  []tokenRow
}

type tokenRow struct {
	tokenView
	User    string
	Created when
	Ended   bool
}

func (s *Server) tokensPage(c echo.Context) error {
	ctx, now := c.Request().Context(), s.Now()
	v := &tokensView{settingsPage: s.settingsPage(c, "API tokens", "/settings/tokens"), CanEdit: viewerOf(c).Can(auth.TokenEdit)}
	all, users, err := s.allTokens(ctx)
	if err != nil {
		return err
	}
	for i, t := range all {
		v.Tokens = append(v.Tokens, tokenRow{tokenView{said(t.Name), string(t.Role), when{t.Expires, now}, when{t.Used, now}, t.ID}, visible(users[i]), when{t.Created, now}, !now.Before(t.Expires)})
	}
	return s.render(c, http.StatusOK, "tokens", v)
}

// allTokens lists the tokens of every account, with whose they are.
func (s *Server) allTokens(ctx context.Context) (all []auth.Token, users []string, err error) {
	list, err := s.Settings.Users(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range list {
		tokens, err := s.Auth.Tokens(ctx, u.ID)
		if err != nil {
			return nil, nil, err
		}
		for _, t := range tokens {
			all, users = append(all, t), append(users, u.Name)
		}
	}
	return all, users, nil
}

// revokeToken answers POST /settings/tokens/{id}/revoke.
func (s *Server) revokeToken(c echo.Context) error {
	ctx := c.Request().Context()
	all, users, err := s.allTokens(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(t auth.Token) bool { return t.ID == c.Param("id") })
	if i < 0 {
		return auth.ErrNoToken
	}
	if err := s.record(c, audit.TokenRevoke, users[i], strings.TrimSpace(all[i].Name+", "+string(all[i].Role)), ""); err != nil {
		return err
	}
	if err := s.Auth.RevokeToken(ctx, all[i].ID); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/settings/tokens")
}
