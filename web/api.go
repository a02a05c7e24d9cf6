package web

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
)

// newAPI describes the API. Routes of huma itself (documents, schemas) are
// rows of the table too: it registers none of its own accord.
func (s *Server) newAPI() huma.API {
	cfg := huma.DefaultConfig("Plumbline", orDash(s.Version))
	cfg.OpenAPIPath, cfg.DocsPath, cfg.SchemasPath = "", "", ""
	cfg.CreateHooks = nil
	cfg.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer"}}
	api := humaecho.New(s.echo, cfg)
	s.api = api
	return api
}

func bearerSecurity() []map[string][]string { return []map[string][]string{{"bearer": {}}} }

// openAPI answers GET /api/v1/openapi.json.
func (s *Server) openAPI(c echo.Context) error {
	b, err := s.api.OpenAPI().MarshalJSON()
	if err != nil {
		return err
	}
	return c.Blob(http.StatusOK, "application/json", b)
}

// apiRow makes a row whose handler is a typed operation.
func apiRow[I, O any](method, path string, p auth.Permission, verb audit.Verb, h func(context.Context, *I) (*O, error)) route {
	return route{Method: method, Path: "/api/v1" + path, Permission: p, Scope: scopeSite, Verb: verb, API: true,
		operation: func(api huma.API, op huma.Operation) {
			op.Tags = []string{firstWord(path)}
			huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
				out, err := h(ctx, in)
				return out, apiError(ctx, err)
			})
		}}
}

func firstWord(path string) string {
	w, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	return w
}

// apiError gives a domain error its status; what went wrong inside stays in.
func apiError(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := err.(huma.StatusError); ok {
		return err
	}
	status, text := meaning(err)
	if status >= 500 {
		text = "It is in the log."
		if log, ok := ctx.Value(faultKey{}).(func(error) string); ok {
			text = "It is in the log under " + log(err) + "."
		}
		return huma.NewError(status, "Something went wrong on our side. "+text)
	}
	return huma.NewError(status, text)
}

// badRequest is an error about what was asked.
func badRequest(err error) error { return huma.Error400BadRequest(visible(err.Error())) }

type (
	userKey  struct{} // who asks
	actorKey struct{} // audit.Record: who asks, from where
	faultKey struct{} // func(error) string: notes a fault and names the request
)

// seer is who asks, for handlers that have a context alone.
func seer(ctx context.Context) viewer {
	v, _ := ctx.Value(userKey{}).(viewer)
	return v
}

// userOf is the name of who asks.
func userOf(ctx context.Context) string { return seer(ctx).User }
