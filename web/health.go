package web

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/health"
)

// Health measures how the appliance fares.
type Health interface {
	Health(ctx context.Context) (health.Status, error)
	// Outage says why the store cannot be written now; nil when it can. It asks
	// nobody and is quick.
	Outage() *health.Outage
	// OutageOf says in words that an error is an outage; "" when it is none.
	OutageOf(err error) string
}

func (s *Server) healthTable() []route {
	return []route{
		{Method: get, Path: "/health", Permission: auth.InventoryRead, Scope: scopeSite, Handler: s.healthPage},
		apiRow(get, "/health", auth.InventoryRead, "", s.apiHealth),
	}
}

// healthz answers whether the appliance works, to anybody and without a detail:
// 503 while the store cannot be written.
func (s *Server) healthz(c echo.Context) error {
	if s.Health != nil && s.Health.Outage() != nil {
		c.Response().Header().Set("Retry-After", "10")
		return c.String(http.StatusServiceUnavailable, "unavailable\n")
	}
	return c.String(http.StatusOK, "ok\n")
}

// healthView is the page of how the appliance fares.
type healthView struct {
	page
	Tone, Icon, Sentence string
	Lines                []healthLine
	Hidden               bool // own numbers are not shown to this viewer
}

type healthLine struct {
	health.Line
	Tone, Icon, Word string
}

// seen gives the lines that a viewer may see: how the network fares is for all,
// the appliance's own numbers are not. That the store is out of order concerns
// everybody.
func (s *Server) seen(v viewer, f health.Status) []health.Line {
	var out []health.Line
	for _, l := range health.Judge(f) {
		if !l.Own || v.Can(auth.MetricsRead) {
			out = append(out, l)
		}
	}
	return out
}

func levelLook(l health.Level) (tone, icon, word string) {
	switch l {
	case health.OK:
		return "t-ok", "circle-check", "in order"
	case health.Warn:
		return "t-warn", "warn", "look at it"
	case health.Bad:
		return "t-bad", "circle-x", "out of order"
	}
	return "t-idle", "unknown", "not known yet"
}

// healthPage answers GET /health.
func (s *Server) healthPage(c echo.Context) error {
	if s.Health == nil {
		return echo.ErrNotFound
	}
	f, err := s.Health.Health(c.Request().Context())
	if err != nil {
		return err
	}
	lines := s.seen(viewerOf(c), f)
	v := &healthView{page: page{Title: "Health", Area: "/health"}, Hidden: !viewerOf(c).Can(auth.MetricsRead)}
	n := map[health.Level]int{}
	for _, l := range lines {
		x := healthLine{Line: l}
		x.Tone, x.Icon, x.Word = levelLook(l.Level)
		x.Title, x.Text, x.Do = said(l.Title), said(l.Text), said(l.Do)
		n[l.Level]++
		v.Lines = append(v.Lines, x)
	}
	v.Tone, v.Icon, _ = levelLook(health.Worst(lines))
	switch {
	case n[health.Bad]+n[health.Warn] > 0:
		v.Sentence = plural(n[health.Bad], "thing is", "things are") + " out of order, " + plural(n[health.Warn], "thing wants", "things want") + " a look"
	case n[health.Unknown] > 0:
		v.Sentence = "Nothing is out of order; " + plural(n[health.Unknown], "thing is", "things are") + " not known yet"
	default:
		v.Sentence = "Everything is in order"
	}
	return s.render(c, http.StatusOK, "health", v)
}

type apiHealthOut struct {
	Level health.Level   `json:"level" doc:"the worst of the lines: ok, warn or bad"`
	Lines []health.Line  `json:"lines"`
	Facts *health.Status `json:"facts,omitempty" doc:"with the permission metrics.read"`
}

func (s *Server) apiHealth(ctx context.Context, _ *nothing) (*out[apiHealthOut], error) {
	if s.Health == nil {
		return nil, echo.ErrNotFound
	}
	f, err := s.Health.Health(ctx)
	if err != nil {
		return nil, err
	}
	o := &out[apiHealthOut]{Body: apiHealthOut{Lines: s.seen(seer(ctx), f)}}
	o.Body.Level = health.Worst(o.Body.Lines)
	if seer(ctx).Can(auth.MetricsRead) {
		f.Version, o.Body.Facts = s.Version, &f
	}
	return o, nil
}
