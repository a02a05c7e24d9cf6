package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// Bounds of a group's page, and of what a person may say.
const (
	historyShown = 100
	commentMax   = 500
)

// groupView is the same difference on some devices.
type groupView struct {
	page
	Key, Kind, Heading, Where string
	Reference                 string
	Old, New                  []string
	Devices                   int
	Present                   int // devices on which it is now
	State                     stateView
	Since                     when
	Members                   []memberView
	Rows                      []memberRow
	History                   []happenedView
	More                      bool
	CanSay                    bool
	Acknowledged              bool
	Error                     string
	Left                      []string
	Done                      string
	Comment, Until            string
}

// memberView is what a form carries of a member as it is shown.
type memberView struct{ Value string }

type memberRow struct {
	Name, Href, Site string
	Since, Seen      when
	State            cell
	Returns          string
	Note             string
	Evidence         cell
}

type happenedView struct {
	At         when
	Name, Href string
	Text       string
}

// groupPage answers GET /drift/{id}.
func (s *Server) groupPage(c echo.Context) error {
	return s.showGroup(c, http.StatusOK, &groupView{})
}

func (s *Server) showGroup(c echo.Context, status int, v *groupView) error {
	ctx := c.Request().Context()
	g, err := s.Drift.Group(ctx, c.Param("id"))
	if err != nil {
		return notSaid(err)
	}
	f, err := s.fleet(ctx)
	if err != nil {
		return err
	}
	edges, err := s.Drift.Edges(ctx, configstore.EdgeFilter{Group: g.Key}, historyShown+1)
	if err != nil {
		return err
	}
	now := s.Now()
	v.page = page{Title: "Drift: " + pathOf(g.Change.Path), Area: "/drift"}
	v.Key, v.Kind, v.Heading, v.Where, v.Reference = g.Key, string(g.Kind), groupTitle(g), pathOf(g.Change.Path), referenceOf(g.Kind)
	v.Old, v.New = linesOf(g.Change.Old), linesOf(g.Change.New)
	v.Since, v.CanSay = when{g.Since(), now}, viewerOf(c).Can(auth.DriftAcknowledge)
	tone, icon := stateLook(g.State())
	v.State = stateView{Tone: tone, Icon: icon, Text: string(g.State())}
	heads := map[netdev.DeviceID]configstore.RevisionID{}
	for _, r := range f.Rows {
		if r.State.Running != nil {
			heads[r.ID] = r.State.Running.Revision.ID
		}
	}
	live := map[netdev.DeviceID]bool{}
	for _, m := range g.Members {
		if m.Live() && !live[m.Device] {
			live[m.Device] = true
			v.Members = append(v.Members, memberView{string(m.Device) + " " + string(heads[m.Device])})
		}
		v.Acknowledged = v.Acknowledged || m.State == drift.Acknowledged
		v.Rows = append(v.Rows, memberRow{Name: f.nameOf(m.Device), Href: deviceHref(m.Device, "drift"), Site: orDash(said(f.Names[m.Device].Site)), Since: when{m.Since, now}, Seen: when{m.Seen, now},
			State: stateCell(m, now), Returns: num(m.Returns), Note: said(m.Note), Evidence: evidenceOf(m)})
	}
	slices.SortStableFunc(v.Rows, func(a, b memberRow) int { return strings.Compare(a.Name, b.Name) })
	v.Devices, v.Present = len(g.Devices()), len(live)
	if v.More = len(edges) > historyShown; v.More {
		edges = edges[:historyShown]
	}
	for _, e := range edges {
		v.History = append(v.History, happenedView{when{e.At, now}, f.nameOf(e.Device), deviceHref(e.Device, "drift"), edgeWords(e, now)})
	}
	return s.render(c, status, "drift-group", v)
}

// linesOf splits a text of several lines; none for none.
func linesOf(s string) []string {
	if s == "" {
		return nil
	}
	var out []string
	for _, l := range strings.Split(strings.TrimSuffix(s, "\n"), "\n") {
		out = append(out, said(l))
	}
	return out
}

// groupTitle says a difference in words.
func groupTitle(g drift.Group) string {
	ref := map[drift.Kind]string{drift.Startup: "the startup configuration", drift.Baseline: "the approved revision"}[g.Kind]
	if ref == "" {
		ref = "the revision before"
	}
	switch g.Change.Op {
	case "add":
		return "Runs, and is not in " + ref
	case "remove":
		return "Is in " + ref + ", and does not run"
	case "move":
		return "Runs in another order than in " + ref
	case "secret":
		return "A secret is another one than in " + ref
	case drift.More:
		return "Further differences from " + ref
	}
	return "Runs otherwise than in " + ref
}

// edgeWords says one step of a history.
func edgeWords(e drift.Edge, now time.Time) string {
	by := said(e.By)
	var s string
	switch e.Why {
	case drift.Appeared:
		s = "it opened"
		if by != "" {
			s = by + " chose the reference from which it differs"
		}
	case drift.Returned:
		s = "it came back"
	case drift.Otherwise:
		s = "opened again: it is not the value that was acknowledged"
	case drift.Acked:
		s = by + " acknowledged it"
		if !e.Until.IsZero() {
			s += " until " + when{e.Until, now}.Short()
		}
	case drift.Withdrawn:
		s = by + " took the acknowledgement back"
	case drift.Expired:
		s = "the acknowledgement ended"
	case drift.TextMoved:
		s = "resolved: the device was changed"
	case drift.ReferenceMoved:
		s = map[drift.Kind]string{drift.Startup: "resolved: it was saved", drift.Baseline: "resolved: " + by + " approved what runs"}[e.Kind]
	case drift.BothMoved:
		s = "resolved: the device and its reference changed"
	case drift.ReadOtherwise:
		s = "resolved: both texts are read in another way now"
	}
	if s == "" {
		s = "it is " + string(e.To)
	}
	if e.Note != "" {
		s += ": " + said(e.Note)
	}
	return s
}

// members reads what a form carries: "device revision", as it was shown.
func members(values []string) []configstore.Member {
	var out []configstore.Member
	for _, v := range values {
		dev, rev, _ := strings.Cut(v, " ")
		out = append(out, configstore.Member{Device: netdev.DeviceID(dev), Revision: configstore.RevisionID(rev)})
	}
	return out
}

// leftWords names who was left out, and why.
func (f fleet) leftWords(left []configstore.LeftOut) []string {
	var out []string
	for _, l := range left {
		out = append(out, f.nameOf(l.Device)+": "+said(l.Why))
	}
	return out
}

// acknowledge answers POST /drift/{id}/acknowledge.
func (s *Server) acknowledge(c echo.Context) error {
	comment := strings.TrimSpace(c.FormValue("comment"))
	e := drift.Event{What: drift.Acknowledge, Note: comment}
	v := &groupView{Comment: said(comment), Until: said(c.FormValue("until"))}
	var err error
	if e.Until, err = endOf(c.FormValue("until"), s.Now()); err != nil {
		v.Error = sentence(err)
		return s.showGroup(c, http.StatusUnprocessableEntity, v)
	}
	if comment == "" || len(comment) > commentMax {
		v.Error = "Say why, in at most 500 characters: who looks at it later has nothing else."
		return s.showGroup(c, http.StatusUnprocessableEntity, v)
	}
	return s.sayOfGroup(c, e, "Acknowledged on ")
}

// reopen answers POST /drift/{id}/reopen: the acknowledgement is taken back.
func (s *Server) reopen(c echo.Context) error {
	note := strings.TrimSpace(c.FormValue("comment"))
	if len(note) > commentMax {
		return echo.NewHTTPError(http.StatusBadRequest, "That is more than 500 characters.")
	}
	return s.sayOfGroup(c, drift.Event{What: drift.Withdraw, Note: note}, "Open again on ")
}

func (s *Server) sayOfGroup(c echo.Context, e drift.Event, words string) error {
	ctx := c.Request().Context()
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	done, err := s.Drift.SayOfGroup(ctx, actorOf(ctx), c.Param("id"), members(form["member"]), e)
	if err != nil {
		return notSaid(err)
	}
	if len(done.Left) == 0 {
		return c.Redirect(http.StatusSeeOther, groupHref(c.Param("id")))
	}
	f, err := s.fleet(ctx)
	if err != nil {
		return err
	}
	return s.showGroup(c, http.StatusOK, &groupView{Done: words + plural(len(done.Devices), "device", "devices") + ".", Left: f.leftWords(done.Left)})
}

// endOf reads a day: the acknowledgement holds to its end, in UTC.
func endOf(day string, now time.Time) (time.Time, error) {
	if day == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return t, errors.New("write the day as 2026-03-31")
	}
	if t = t.AddDate(0, 0, 1); !t.After(now) {
		return t, errors.New("that day is over")
	}
	return t, nil
}
