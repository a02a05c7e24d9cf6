package web

import (
	"errors"
	"net/http"
	"runtime/debug"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
)

// faultView is an error page inside the shell.
type faultView struct {
	page
	Status  int
	Heading string
	Text    string
	Request string
	Search  bool
}

// fault answers for a handler that failed. What went wrong inside stays in the
// log; the page carries the request id that finds it there.
func (s *Server) fault(err error, c echo.Context) {
	if c.Response().Committed {
		return
	}
	status, text := meaning(err)
	if outage := s.outageOf(err); outage != "" {
		s.noteFault(c, err)
		c.Response().Header().Set("Retry-After", "10")
		status, text = http.StatusServiceUnavailable, outage+". Nothing was changed. Pages can be read; try again when the page Health says that the store can be written."
	} else if status >= 500 && status != http.StatusServiceUnavailable {
		s.noteFault(c, err)
		text = "Something went wrong on our side. It is in the log under the request id below."
	}
	if werr := s.faultPage(c, status, text); werr != nil {
		s.Log.WarnContext(c.Request().Context(), "error page failed", "request", requestOf(c), "error", visible(werr.Error()))
	}
}

// outageOf says in words that err is an outage of the store, "" for others.
func (s *Server) outageOf(err error) string {
	if s.Health == nil {
		return ""
	}
	return s.Health.OutageOf(err)
}

// noteFault writes what went wrong into the log, and gives the id that finds it
// there.
func (s *Server) noteFault(c echo.Context, err error) string {
	s.Log.ErrorContext(c.Request().Context(), "request failed", "request", requestOf(c), "route", c.Path(), "error", visible(err.Error()))
	return requestOf(c)
}

func (s *Server) faultPage(c echo.Context, status int, text string) error {
	r := c.Request()
	if isAPI(r) || viewerOf(c).User == "" || viewerOf(c).bearer && r.Header.Get("Accept") == "application/json" {
		return c.JSON(status, map[string]any{"status": status, "title": http.StatusText(status), "detail": text, "request": requestOf(c)})
	}
	v := &faultView{page: page{Title: http.StatusText(status)}, Status: status, Text: text, Request: requestOf(c)}
	switch {
	case status == http.StatusNotFound:
		v.Heading, v.Search = "There is no such page", true
	case status == http.StatusForbidden:
		v.Heading = "You may not do that"
	case status >= 500:
		v.Heading = "That did not work"
	default:
		v.Heading = http.StatusText(status)
	}
	r.Header.Del("HX-Request") // an error is a whole page, never a part of one
	if err := s.render(c, status, "fault", v); err != nil {
		return c.String(status, text+"\n"+requestOf(c)+"\n")
	}
	return nil
}

// meaning finds the status of an error and what may be said of it.
func meaning(err error) (int, string) {
	if d, ok := errors.AsType[*denied](err); ok {
		return http.StatusForbidden, "Your role lacks the permission " + string(d.permission) + ". An administrator can grant it."
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return http.StatusRequestEntityTooLarge, "That is more than this page takes."
	}
	switch {
	case errors.Is(err, discovery.ErrNoDevice):
		return http.StatusNotFound, "This device is not in the inventory."
	case errors.Is(err, discovery.ErrNoCandidate):
		return http.StatusNotFound, "This neighbour is not listed any more."
	case errors.Is(err, discovery.ErrNoRun):
		return http.StatusNotFound, "This discovery run is not recorded."
	case errors.Is(err, configstore.ErrNoRevision):
		return http.StatusNotFound, "No such revision is kept."
	case errors.Is(err, jobs.ErrNoJob):
		return http.StatusNotFound, "This job is not recorded."
	case errors.Is(err, schedule.ErrNone):
		return http.StatusNotFound, "There is no such schedule any more."
	case errors.Is(err, ErrBusy):
		return http.StatusConflict, "Each of these devices is being backed up already."
	case errors.Is(err, ErrManaged):
		return http.StatusConflict, "Their configuration is kept by their controller: back that one up."
	case errors.Is(err, auth.ErrNoToken), errors.Is(err, auth.ErrNoSession):
		return http.StatusNotFound, "It is not there any more."
	}
	h, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return http.StatusInternalServerError, ""
	}
	if t, ok := h.Message.(string); ok && t != http.StatusText(h.Code) {
		return h.Code, t
	}
	if h.Code == http.StatusNotFound {
		return h.Code, "Nothing is kept under this address."
	}
	return h.Code, http.StatusText(h.Code)
}

// steady turns a panic of ours into an error, so that one page does not take
// the appliance down.
func (s *Server) steady(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			p := recover()
			switch {
			case p == nil:
			case p == http.ErrAbortHandler:
				panic(p)
			default:
				s.Log.ErrorContext(c.Request().Context(), "panic in a handler", "request", requestOf(c), "route", c.Path(), "stack", string(debug.Stack()))
				err = errors.New("panic")
			}
		}()
		return next(c)
	}
}
