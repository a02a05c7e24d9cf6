package web

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"
)

// Server answers HTTP. It opens no port of its own accord: HTTP gives the
// server to listen with.
type Server struct {
	Deps
	echo   *echo.Echo
	views  *views
	assets assets
	manual manual
	routes map[string]*route // by method and registered path
	hosts  map[string]bool
	books  *books
	api    huma.API
}

// New checks what it was given, reads templates and assets, and registers the
// route table.
func New(d Deps) (*Server, error) {
	if d.Inventory == nil || d.Store == nil || d.Auth == nil || d.Audit == nil || d.Events == nil || d.Runner == nil || d.Drift == nil || d.Jobs == nil || d.Capture == nil {
		return nil, errors.New("web: Inventory, Store, Auth, Audit, Events, Runner, Jobs, Drift and Capture are required")
	}
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{Deps: d, echo: echo.New(), routes: map[string]*route{}, hosts: hostList(d.Hosts), books: newBooks(d.Platforms)}
	var err error
	if s.assets, err = readAssets(distFS); err != nil {
		return nil, err
	}
	if s.manual, err = readManual(); err != nil {
		return nil, err
	}
	if s.views, err = readViews(s); err != nil {
		return nil, err
	}
	s.echo.HideBanner, s.echo.HidePort = true, true
	s.echo.HTTPErrorHandler = s.fault
	s.echo.Pre(s.outer)
	s.echo.Use(s.steady, s.guard)
	s.register()
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.echo.ServeHTTP(w, r) }

// The limits of SECURITY.md E31.
const (
	headerTime = 5 * time.Second
	bodyTime   = 30 * time.Second
	idleTime   = 120 * time.Second
	headerMax  = 32 << 10
	bodyMax    = 1 << 20
)

// HTTP gives a server with the limits set; the caller listens and shuts down.
func (s *Server) HTTP() *http.Server {
	return &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: bodyTime, IdleTimeout: idleTime, MaxHeaderBytes: headerMax,
		ErrorLog: slog.NewLogLogger(s.Log.Handler(), slog.LevelDebug),
	}
}
