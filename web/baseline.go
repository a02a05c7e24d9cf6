package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// approvalView is what a revision's page says of approvals of it, and the form
// that approves it; Post is "" where that is not possible.
type approvalView struct {
	Post, Revision string
	Baseline       bool // this revision is what the device is compared with
	Said           []approvalRow
}

type approvalRow struct {
	When    when
	By      string
	Own     bool // of the one who made the change
	Comment string
}

// approvals says who approved a revision, and marks approved ones on the rail.
func (v *revisionView) approvals(s *Server, c echo.Context, p pair) error {
	if p.b.Source != configstore.Running {
		return nil
	}
	all, err := s.Drift.Approvals(c.Request().Context(), p.b.Device)
	if err != nil {
		return err
	}
	a := &approvalView{Revision: string(p.b.ID), Baseline: p.dev.baseline != nil && p.dev.baseline.Revision == p.b.ID}
	if viewerOf(c).Can(auth.BaselineApprove) {
		a.Post = "/devices/" + segment(string(p.b.Device)) + "/baseline"
	}
	approved := map[string]string{}
	for _, x := range all {
		if x.Revision == p.b.ID {
			a.Said = append(a.Said, approvalRow{when{x.At, s.Now()}, said(x.By), x.By == p.b.ChangedBy, said(x.Comment)})
		}
		approved[revisionHref(x.Revision)] = "approved"
	}
	if p.dev.baseline != nil {
		approved[revisionHref(p.dev.baseline.Revision)] = "approved baseline"
	}
	for i, r := range v.Rail {
		v.Rail[i].Approved = approved[r.Href]
	}
	v.Approval = a
	return nil
}

// comment reads what a person says beside an approval.
func comment(c echo.Context) (string, error) {
	s := strings.TrimSpace(c.FormValue("comment"))
	if len(s) > commentMax {
		return "", echo.NewHTTPError(http.StatusBadRequest, "That is more than 500 characters.")
	}
	return s, nil
}

// approve answers POST /devices/{id}/baseline.
func (s *Server) approve(c echo.Context) error {
	ctx := c.Request().Context()
	dev, err := s.Inventory.Device(ctx, netdev.DeviceID(c.Param("id")))
	if err != nil {
		return err
	}
	text, err := comment(c)
	if err != nil {
		return err
	}
	rev := configstore.RevisionID(c.FormValue("revision"))
	if err := s.Drift.Approve(ctx, actorOf(ctx), dev, rev, text); err != nil {
		return notSaid(err)
	}
	return c.Redirect(http.StatusSeeOther, revisionHref(rev))
}

// approvePageView lists what would be approved, as it stands now.
type approvePageView struct {
	page
	Query   string
	Rows    []approveRow
	Same    int // devices that run what is approved
	Without int // devices without a configuration
	Done    string
	Left    []string
}

type approveRow struct {
	Name, Href, Revision, Member string
	From                         when
	Now                          string
	Differs                      int
}

// approvePage answers GET /devices/baseline: what runs on the devices that a
// filter chooses, and is not what was approved.
func (s *Server) approvePage(c echo.Context) error {
	return s.showApprove(c, c.QueryParam("q"), &approvePageView{})
}

func (s *Server) showApprove(c echo.Context, q string, v *approvePageView) error {
	ctx := c.Request().Context()
	f, err := s.fleet(ctx)
	if err != nil {
		return err
	}
	words, err := parseFilter(q, s.Now())
	if err != nil {
		return echo.NewHTTPError(http.StatusBadRequest, visible(err.Error()))
	}
	baselines, err := s.Drift.Baselines(ctx, "")
	if err != nil {
		return err
	}
	now := s.Now()
	v.page, v.Query = page{Title: "Approve what runs", Area: "/devices"}, said(q)
	for _, r := range f.Rows {
		if r.ByController() || !words.match(r) {
			continue
		}
		b, ok := baselines[r.ID]
		switch {
		case r.State.Running == nil:
			v.Without++
			continue
		case ok && b.Revision == r.State.Running.Revision.ID:
			v.Same++
			continue
		}
		rev := r.State.Running.Revision
		row := approveRow{Name: r.name(), Href: deviceHref(r.ID, "drift"), Revision: revisionHref(rev.ID), Member: string(r.ID) + " " + string(rev.ID), From: when{rev.FirstSeen, now}, Now: "never", Differs: r.Unapproved}
		if ok {
			row.Now, row.Revision = when{b.At, now}.Short()+" by "+said(b.By), revisionHref(b.Revision)+"/diff/"+segment(string(rev.ID))
		}
		v.Rows = append(v.Rows, row)
	}
	return s.render(c, http.StatusOK, "approve", v)
}

// approveHeads answers POST /devices/baseline.
func (s *Server) approveHeads(c echo.Context) error {
	ctx := c.Request().Context()
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	text, err := comment(c)
	if err != nil {
		return err
	}
	chosen := members(form["member"])
	if len(chosen) == 0 {
		return echo.NewHTTPError(http.StatusBadRequest, "Tick at least one device.")
	}
	done, err := s.Drift.ApproveHeads(ctx, actorOf(ctx), chosen, text)
	if err != nil {
		return err
	}
	f, err := s.fleet(ctx)
	if err != nil {
		return err
	}
	return s.showApprove(c, form.Get("q"), &approvePageView{Done: "Approved on " + plural(len(done.Devices), "device", "devices") + ".", Left: f.leftWords(done.Left)})
}
