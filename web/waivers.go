package web

import (
	"cmp"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/netdev"
)

// waiverView is a waiver as pages show it.
type waiverView struct {
	compliance.Waiver
	State, Tone, Icon string
	DeviceName        string
	DeviceHref        string
	RuleHref          string
	From, Until       when
	DaysLeft          int
}

func (s *Server) waiverView(w compliance.Waiver, devices []netdev.Device) waiverView {
	now := s.Now()
	v := waiverView{Waiver: w, State: "holds", Tone: "t-waived", Icon: "waived", DeviceName: "all devices", RuleHref: ruleHref(w.Rule), From: when{w.Created, now}, Until: when{w.Expires, now}}
	switch {
	case !w.Revoked.IsZero():
		v.State, v.Tone, v.Icon = "revoked", "t-idle", "ban"
	case !w.Active(now):
		v.State, v.Tone, v.Icon = "over", "t-idle", "clock"
	default:
		v.DaysLeft = int(w.Expires.Sub(now).Hours()/24) + 1
	}
	if w.Device != "" {
		v.DeviceName, v.DeviceHref = said(w.Device), deviceHref(netdev.DeviceID(w.Device), "compliance")
		for _, d := range devices {
			if string(d.ID) == w.Device {
				v.DeviceName = cmp.Or(said(d.Name), d.Address.String())
			}
		}
	}
	return v
}

type waiversView struct {
	page
	Sub      string
	Table    tableView
	CanGrant bool
	Error    string
	Form     waiverForm
	Active   []waiverView
}

// waiverForm is what was typed, to be shown again beside an error.
type waiverForm struct{ Rule, Device, Reason, Requester, Ticket, Expires string }

// waiversList answers GET /compliance/waivers.
func (s *Server) waiversList(c echo.Context) error {
	return s.showWaivers(c, http.StatusOK, "", waiverForm{Rule: c.QueryParam("rule"), Device: c.QueryParam("device")})
}

func (s *Server) showWaivers(c echo.Context, status int, why string, form waiverForm) error {
	ctx := c.Request().Context()
	all, err := s.Compliance.Waivers(ctx)
	if err != nil {
		return err
	}
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return err
	}
	v := &waiversView{page: page{Title: "Waivers", Area: "/compliance"}, CanGrant: viewerOf(c).Can("waiver.grant"), Error: why, Form: form}
	var rows []waiverView
	for _, w := range all {
		row := s.waiverView(w, devices)
		rows = append(rows, row)
		if row.State == "holds" {
			v.Active = append(v.Active, row)
		}
	}
	v.Sub = plural(len(v.Active), "waiver holds", "waivers hold") + ", " + num(len(rows)-len(v.Active)) + " over or revoked"
	return answer(c, waiverList(rows), func(t tableView) error {
		v.Table = t
		return s.render(c, status, "waivers", v)
	})
}

func waiverList(rows []waiverView) list[waiverView] {
	return list[waiverView]{
		Name: "waivers", Caption: "Waivers, those that end first", Rows: rows, Default: "until", ID: func(w waiverView) string { return w.ID },
		Empty: empty{Icon: "waived", Title: "No waiver", Text: "A waiver lets a rule fail for a while, with a reason, an approver and an end.", Href: "/compliance/results?verdict=fail", Action: "What fails"},
		Columns: []column[waiverView]{
			{Key: "rule", Head: "Rule", Less: func(a, b waiverView) int { return strings.Compare(a.Rule, b.Rule) }, Cell: func(w waiverView) cell { return cell{Text: said(w.Rule), Href: w.RuleHref, Mono: true} }},
			{Key: "device", Head: "Device", Less: func(a, b waiverView) int { return strings.Compare(a.DeviceName, b.DeviceName) }, Cell: func(w waiverView) cell { return cell{Text: w.DeviceName, Href: w.DeviceHref} }},
			{Key: "state", Head: "State", Less: func(a, b waiverView) int { return strings.Compare(a.State, b.State) }, Cell: func(w waiverView) cell { return cell{Text: w.State, Tone: w.Tone, Icon: w.Icon} }},
			{Key: "reason", Head: "Reason", Cell: func(w waiverView) cell { return cell{Text: said(w.Reason), Cut: true} }},
			{Key: "approver", Head: "Approver", Cell: func(w waiverView) cell { return cell{Text: said(w.Approver), Soft: true} }},
			{Key: "requester", Head: "Asked by", Cell: func(w waiverView) cell { return cell{Text: orDash(said(w.Requester)), Soft: true} }},
			{Key: "ticket", Head: "Ticket", Cell: func(w waiverView) cell { return cell{Text: orDash(said(w.Ticket)), Mono: true} }},
			{Key: "created", Head: "Since", End: true, Less: func(a, b waiverView) int { return a.Created.Compare(b.Created) }, Cell: func(w waiverView) cell { return cell{When: &w.From, Soft: true} }},
			{Key: "until", Head: "Until", End: true, Less: func(a, b waiverView) int { return a.Expires.Compare(b.Expires) }, Cell: func(w waiverView) cell { return cell{When: &w.Until, Soft: true} }},
		},
	}
}

// grantWaiver answers POST /compliance/waivers. Who is logged in approves.
func (s *Server) grantWaiver(c echo.Context) error {
	ctx := c.Request().Context()
	f := waiverForm{Rule: strings.TrimSpace(c.FormValue("rule")), Device: strings.TrimSpace(c.FormValue("device")), Reason: strings.TrimSpace(c.FormValue("reason")),
		Requester: strings.TrimSpace(c.FormValue("requester")), Ticket: strings.TrimSpace(c.FormValue("ticket")), Expires: c.FormValue("expires")}
	again := func(why string) error { return s.showWaivers(c, http.StatusUnprocessableEntity, why, f) }
	if _, _, ok := s.findRule(f.Rule); !ok {
		return again("No rule has the id " + said(f.Rule) + ".")
	}
	w := compliance.Waiver{Rule: f.Rule, Reason: f.Reason, Requester: f.Requester, Approver: viewerOf(c).User, Ticket: f.Ticket}
	if f.Device != "" {
		d, err := s.Inventory.FindDevice(ctx, f.Device)
		if err != nil {
			return again("No device is called " + said(f.Device) + ".")
		}
		w.Device = string(d.ID)
	}
	if f.Expires != "" {
		day, err := time.Parse(time.DateOnly, f.Expires)
		if err != nil {
			return again("The last day is a date such as 2026-12-31.")
		}
		w.Expires = day.AddDate(0, 0, 1) // to the end of that day
	}
	if err := w.Check(s.Now()); err != nil {
		return again(sentence(err))
	}
	if err := s.Compliance.GrantWaiver(ctx, w); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/compliance/waivers")
}

// revokeWaiver answers POST /compliance/waivers/{id}/revoke.
func (s *Server) revokeWaiver(c echo.Context) error {
	switch _, err := s.Compliance.RevokeWaiver(c.Request().Context(), c.Param("id"), viewerOf(c).User); {
	case errors.Is(err, configstore.ErrNoWaiver):
		return echo.NewHTTPError(http.StatusNotFound, "that waiver does not hold any more")
	case err != nil:
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/compliance/waivers")
}
