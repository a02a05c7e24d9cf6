package web

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

const routeKey = "route"

// guard stands between the router and every handler: a request that has no row
// in the route table, no login or no permission never reaches one.
func (s *Server) guard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		row := s.routes[r.Method+" "+c.Path()]
		c.Set(routeKey, row)
		if row != nil && row.Permission == auth.Public {
			if !s.assets.there() && !row.API && row.Path != "/healthz" {
				return c.String(http.StatusServiceUnavailable, assetsMissing)
			}
			if v, ok := s.identify(c); ok {
				c.Set(viewerKey, v)
			}
			if unsafeMethod(r.Method) {
				if err := s.checkForm(c); err != nil {
					return err
				}
			}
			return next(c)
		}
		v, ok := s.identify(c)
		if !ok {
			return s.stranger(c)
		}
		c.Set(viewerKey, v)
		if row == nil {
			return echo.ErrNotFound
		}
		if !v.Can(row.Permission) {
			return &denied{permission: row.Permission}
		}
		if !s.assets.there() && !row.API {
			return c.String(http.StatusServiceUnavailable, assetsMissing)
		}
		if unsafeMethod(r.Method) {
			if err := s.checkForm(c); err != nil {
				return err
			}
		}
		if err := s.auditRow(c, row, v); err != nil {
			return err
		}
		ctx := context.WithValue(r.Context(), userKey{}, v)
		c.SetRequest(r.WithContext(context.WithValue(ctx, faultKey{}, func(err error) string { return s.noteFault(c, err) })))
		return next(c)
	}
}

// denied is a permission that the viewer lacks.
type denied struct{ permission auth.Permission }

func (d *denied) Error() string { return "your role lacks the permission " + string(d.permission) }

func unsafeMethod(m string) bool {
	return m != http.MethodGet && m != http.MethodHead && m != http.MethodOptions
}

// stranger answers one who is not signed in: programs get 401, people the
// login page, which brings them back.
func (s *Server) stranger(c echo.Context) error {
	r := c.Request()
	if isAPI(r) || r.Header.Get("Authorization") != "" {
		c.Response().Header().Set("WWW-Authenticate", `Bearer realm="plumbline"`)
		return echo.NewHTTPError(http.StatusUnauthorized, "sign in, or send a token: Authorization: Bearer plb_…")
	}
	to := "/login"
	if done, err := s.Auth.HasAdmin(r.Context()); err == nil && !done {
		to = "/setup"
	} else if r.Method == http.MethodGet && r.URL.Path != "/" {
		to += "?next=" + url.QueryEscape(r.URL.RequestURI())
	}
	if r.Header.Get("HX-Request") == "true" {
		c.Response().Header().Set("HX-Redirect", to)
	}
	return c.Redirect(http.StatusSeeOther, to)
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// auditRow records what is about to be done. Without a record there is no
// action (SECURITY E43), so it comes first.
func (s *Server) auditRow(c echo.Context, row *route, v viewer) error {
	if row.Verb == "" || row.OwnAudit {
		return nil
	}
	r := c.Request()
	var object []string
	for _, n := range c.ParamNames() {
		object = append(object, n+"="+c.Param(n))
	}
	return s.Audit.Append(r.Context(), audit.Record{ActorKind: v.kind(), Actor: v.User, Address: peer(r), Request: requestOf(c), Verb: row.Verb,
		Object: strings.Join(object, " "), Outcome: "asked"})
}

func requestOf(c echo.Context) string {
	id, _ := c.Get(requestKey).(string)
	return id
}
