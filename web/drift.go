package web

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// Drift is what pages read of baselines and say of differences. by names who
// does it: each call that changes something keeps its one audit record together
// with what it did, or does nothing.
type Drift interface {
	// Baselines gives what each device's running configuration is compared
	// with; of one device when dev is set.
	Baselines(ctx context.Context, dev netdev.DeviceID) (map[netdev.DeviceID]configstore.Approval, error)
	// Approvals lists those of a device, newest first.
	Approvals(ctx context.Context, dev netdev.DeviceID) ([]configstore.Approval, error)
	Group(ctx context.Context, key string) (drift.Group, error)
	// Edges lists the history of findings, newest first.
	Edges(ctx context.Context, f configstore.EdgeFilter, limit int) ([]drift.Edge, error)

	Approve(ctx context.Context, by audit.Record, dev netdev.Device, rev configstore.RevisionID, comment string) error
	ApproveHeads(ctx context.Context, by audit.Record, members []configstore.Member, comment string) (configstore.Done, error)
	SayOfGroup(ctx context.Context, by audit.Record, key string, members []configstore.Member, e drift.Event) (configstore.Done, error)
}

// closedFor is how long resolved differences are listed as closed.
const closedFor = 7 * 24 * time.Hour

// driftView is the list of groups of one kind.
type driftView struct {
	page
	Sub    string
	Kinds  []tabView
	States []facetItem
	Words  string
	Table  tableView
}

// driftKinds are the kinds that have a list here; what else is drift is said in
// words.
func driftKinds() []drift.Kind { return []drift.Kind{drift.Startup, drift.Baseline} }

func kindLabel(k drift.Kind) string {
	switch k {
	case drift.Startup:
		return "Not saved"
	case drift.Baseline:
		return "Not approved"
	}
	return "Changed"
}

// referenceOf names what a kind compares with.
func referenceOf(k drift.Kind) string {
	switch k {
	case drift.Startup:
		return "startup"
	case drift.Baseline:
		return "approved"
	}
	return "before"
}

// kindOf takes a word of the address; what is none means startup.
func kindOf(word string) drift.Kind {
	if k := drift.Kind(word); slices.Contains(driftKinds(), k) {
		return k
	}
	return drift.Startup
}

// driftList answers GET /drift: groups of the same difference, never a row a
// device.
func (s *Server) driftList(c echo.Context) error {
	switch c.QueryParam("kind") {
	case string(drift.Previous):
		return c.Redirect(http.StatusSeeOther, "/changes")
	case "rule":
		return c.Redirect(http.StatusSeeOther, "/compliance/results")
	}
	ctx := c.Request().Context()
	f, err := s.fleet(ctx)
	if err != nil {
		return err
	}
	kind := kindOf(c.QueryParam("kind"))
	closed, err := s.closed(ctx, kind)
	if err != nil {
		return err
	}
	groups := map[string][]drift.Group{
		"": drift.Groups(f.drift(kind)), "open": {}, "acknowledged": {}, "resolved": drift.Groups(closed)}
	for _, g := range groups[""] {
		groups[string(g.State())] = append(groups[string(g.State())], g)
	}
	state := c.QueryParam("state")
	rows, ok := groups[state]
	if !ok {
		state, rows = "", groups[""]
	}
	if dev := netdev.DeviceID(c.QueryParam("device")); dev != "" {
		rows = slices.DeleteFunc(slices.Clone(rows), func(g drift.Group) bool { return !slices.Contains(g.Devices(), dev) })
	}
	l := s.groupList(f, kind, rows, s.nothing(f, kind, len(groups[""]) > 0, viewerOf(c).Can(auth.BaselineApprove)))
	return answer(c, l, func(t tableView) error {
		v := &driftView{page: page{Title: "Drift: " + strings.ToLower(kindLabel(kind)), Area: "/drift", Live: "config"}, Table: t}
		v.Sub = plural(len(rows), "difference", "differences") + " on " + plural(devicesOf(rows), "device", "devices")
		for _, k := range driftKinds() {
			v.Kinds = append(v.Kinds, tabView{Href: "/drift?kind=" + string(k), Label: kindLabel(k), Count: num(len(drift.Groups(f.drift(k)))), On: k == kind})
		}
		for _, st := range []string{"open", "acknowledged", "resolved"} {
			on, label := st == state, st
			if st == "resolved" {
				label = "closed in 7 days"
			}
			to := with("/drift", c.QueryParams(), "state", map[bool]string{false: st}[on])
			if len(groups[st]) > 0 || on {
				v.States = append(v.States, facetItem{Label: label, Count: len(groups[st]), On: on, Href: to})
			}
		}
		v.States = append(v.States, s.deviceFilter(c, f)...)
		v.Words = words(f)
		return s.render(c, http.StatusOK, "drift", v)
	})
}

// words says how the lists overlap: a device may have more than one difference,
// and be on more than one list.
func words(f fleet) string {
	more, both := 0, 0
	for _, r := range f.Rows {
		more += b2i(r.Unsaved > 1 || r.Unapproved > 1)
		both += b2i(r.Unsaved > 0 && r.Unapproved > 0)
	}
	var out []string
	if more > 0 {
		out = append(out, plural(more, "device has", "devices have")+" more than one difference.")
	}
	if both > 0 {
		out = append(out, plural(both, "device is", "devices are")+" on both lists.")
	}
	return strings.Join(out, " ")
}

// closed lists what was resolved in the last days.
func (s *Server) closed(ctx context.Context, kind drift.Kind) ([]drift.Finding, error) {
	all, err := s.Store.Findings(ctx, configstore.FindingFilter{Kind: kind, State: drift.Resolved})
	after := s.Now().Add(-closedFor)
	return slices.DeleteFunc(slices.Clone(all), func(f drift.Finding) bool { return f.State != drift.Resolved || f.Ended.Before(after) }), err
}

func devicesOf(groups []drift.Group) int {
	seen := map[netdev.DeviceID]bool{}
	for _, g := range groups {
		for _, d := range g.Devices() {
			seen[d] = true
		}
	}
	return len(seen)
}

func groupHref(key string) string { return "/drift/" + segment(key) }

// names lists one or two devices of a group, or the first and how many more.
func (f fleet) names(ids []netdev.DeviceID) string {
	var out []string
	for _, id := range ids {
		out = append(out, f.nameOf(id))
	}
	slices.Sort(out)
	if n := len(out) - 2; n > 0 {
		return out[0] + " and " + num(n+1) + " more"
	}
	return strings.Join(out, ", ")
}

func stateLook(st drift.State) (tone, icon string) {
	switch st {
	case drift.Open:
		return "t-warn", "warn"
	case drift.Acknowledged:
		return "t-info", "clock"
	}
	return "t-ok", "circle-check"
}

func (s *Server) groupList(f fleet, kind drift.Kind, rows []drift.Group, none empty) list[drift.Group] {
	now := s.Now()
	return list[drift.Group]{
		Name: "drift", Caption: kindLabel(kind) + ": the same difference is one row", Rows: rows, Default: "-devices",
		ID: func(g drift.Group) string { return g.Key }, Empty: none,
		Columns: []column[drift.Group]{
			{Key: "path", Head: "Difference", Less: func(a, b drift.Group) int { return slices.Compare(a.Change.Path, b.Change.Path) }, Cell: func(g drift.Group) cell {
				return cell{Text: cmp.Or(pathOf(g.Change.Path), "–"), Href: groupHref(g.Key), Mono: true, Value: map[string]any{"group": g.Key, "path": g.Change.Path}}
			}},
			{Key: "devices", Head: "Devices", End: true, Less: func(a, b drift.Group) int { return cmp.Compare(len(a.Devices()), len(b.Devices())) }, Cell: func(g drift.Group) cell {
				return cell{Text: num(len(g.Devices())), Value: g.Devices()}
			}},
			{Key: "on", Head: "On", Cell: func(g drift.Group) cell { return cell{Text: f.names(g.Devices()), Soft: true, Cut: true} }},
			{Key: "op", Head: "What", Cell: func(g drift.Group) cell { return cell{Text: said(g.Change.Op), Soft: true} }},
			{Key: "old", Head: sentenceCase(referenceOf(kind)), Cell: func(g drift.Group) cell {
				return cell{Text: orDash(said(g.Change.Old)), Mono: true, Cut: true}
			}},
			{Key: "new", Head: "Running", Cell: func(g drift.Group) cell { return cell{Text: orDash(said(g.Change.New)), Mono: true, Cut: true} }},
			{Key: "state", Head: "State", Less: func(a, b drift.Group) int { return cmp.Compare(a.State(), b.State()) }, Cell: func(g drift.Group) cell {
				tone, icon := stateLook(g.State())
				return cell{Text: string(g.State()), Tone: tone, Icon: icon, Pill: true}
			}},
			{Key: "returns", Head: "Returns", End: true, Less: func(a, b drift.Group) int { return cmp.Compare(a.Returns(), b.Returns()) }, Cell: func(g drift.Group) cell {
				return cell{Text: num(g.Returns()), Soft: true, Value: g.Returns()}
			}},
			{Key: "since", Head: "Since", End: true, Less: func(a, b drift.Group) int { return a.Since().Compare(b.Since()) }, Cell: func(g drift.Group) cell {
				return cell{When: &when{g.Since(), now}, Soft: true}
			}},
		},
	}
}

func sentenceCase(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// nothing says why a list is empty: nothing to compare with, nothing that
// differs, or nothing in the state that was asked for.
func (s *Server) nothing(f fleet, kind drift.Kind, some, may bool) empty {
	compared := 0
	for _, r := range f.Rows {
		compared += b2i(kind == drift.Startup && r.State.Startup != nil || kind == drift.Baseline && r.Approved)
	}
	switch {
	case some:
		return empty{Icon: "filter", Title: "No difference is in this state", Text: "Take the choice away to see all.", Href: "/drift?kind=" + string(kind), Action: "Show all"}
	case compared > 0:
		return empty{Icon: "circle-check", Title: "Nothing differs", Text: "What runs agrees with its reference on each of " + plural(compared, "device", "devices") + " that have one.", Href: "/devices", Action: "Open the inventory"}
	case kind == drift.Baseline && !may:
		return empty{Icon: "drift", Title: "Nothing to compare yet: choose a reference", Text: "Somebody with the permission baseline.approve chooses a revision of a device; what differs from it later is listed here.", Href: "/devices", Action: "Open the inventory"}
	case kind == drift.Baseline:
		return empty{Icon: "drift", Title: "Nothing to compare yet: choose a reference", Text: "Approve what runs now, or any revision of a device; what differs from it later is listed here.", Href: "/devices/baseline", Action: "Approve what runs"}
	}
	return empty{Icon: "drift", Title: "Nothing to compare yet: choose a reference", Text: "No startup configuration is kept. It is read with each backup of a device that has one.", Href: "/devices", Action: "Open the inventory"}
}

// finding is a difference with the device it is on.
type finding struct {
	drift.Finding
	Name string
}

// deviceDrift answers GET /devices/{id}/drift: the differences of one device
// that somebody has to look at, what its newest revision changed when asked.
func (s *Server) deviceDrift(c echo.Context) error {
	l, err := s.load(c, netdev.DeviceID(c.Param("id")), "drift")
	if err != nil {
		return err
	}
	all, err := s.Store.Findings(c.Request().Context(), configstore.FindingFilter{Device: l.row.ID, Live: true})
	if err != nil {
		return err
	}
	v := &tabListView{page: page{Title: l.head.Name + ", drift"}, Head: l.head, Heading: "Differences"}
	var rows []finding
	want := drift.Kind(c.QueryParam("kind"))
	for _, k := range drift.Kinds() {
		n := 0
		for _, f := range all {
			n += b2i(f.Kind == k)
			if f.Kind == k && (want == k || want == "" && k != drift.Previous) {
				rows = append(rows, finding{f, l.head.Name})
			}
		}
		if n > 0 || want == k {
			on := want == k
			v.Chips = append(v.Chips, facetItem{Label: strings.ToLower(kindLabel(k)), Count: n, On: on, Href: with(c.Request().URL.Path, nil, "kind", map[bool]string{false: string(k)}[on])})
		}
	}
	v.Note = baselineWords(l, s.Now())
	return answer(c, s.findingList(rows), s.tabPage(c, v))
}

// baselineWords says what a device is compared with.
func baselineWords(l loaded, now time.Time) string {
	if l.baseline == nil {
		return "No revision of this device is approved: open one under Configurations and approve it. “Changed” is what the newest revision changed."
	}
	return "Compared with the revision that " + said(l.baseline.By) + " approved " + when{l.baseline.At, now}.Short() + ". “Changed” is what the newest revision changed."
}

func (s *Server) findingList(rows []finding) list[finding] {
	now := s.Now()
	return list[finding]{
		Name: "device-drift", Caption: "Differences of this device", Rows: rows, Default: "kind",
		ID:    func(r finding) string { return string(r.Kind) + " " + r.Key },
		Empty: empty{Icon: "circle-check", Title: "Nothing here", Text: "What runs does not differ from anything that it is compared with."},
		Columns: []column[finding]{
			{Key: "path", Head: "Difference", Less: func(a, b finding) int { return slices.Compare(a.Change.Path, b.Change.Path) }, Cell: func(r finding) cell {
				return cell{Text: cmp.Or(pathOf(r.Change.Path), "–"), Mono: true, Href: groupHref(drift.GroupKey(r.Kind, r.Change)), Value: r.Change.Path}
			}},
			{Key: "kind", Head: "Kind", Less: func(a, b finding) int { return cmp.Compare(b.Kind, a.Kind) }, Cell: func(r finding) cell {
				return cell{Text: strings.ToLower(kindLabel(r.Kind)), Soft: true, Value: r.Kind}
			}},
			{Key: "op", Head: "What", Cell: func(r finding) cell { return cell{Text: said(r.Change.Op), Soft: true} }},
			{Key: "old", Head: "Reference", Cell: func(r finding) cell { return cell{Text: orDash(said(r.Change.Old)), Mono: true, Cut: true} }},
			{Key: "new", Head: "Running", Cell: func(r finding) cell { return cell{Text: orDash(said(r.Change.New)), Mono: true, Cut: true} }},
			{Key: "state", Head: "State", Cell: func(r finding) cell { return stateCell(r.Finding, now) }},
			{Key: "evidence", Head: "Evidence", Cell: func(r finding) cell { return evidenceOf(r.Finding) }},
			{Key: "since", Head: "Since", End: true, Less: func(a, b finding) int { return a.Since.Compare(b.Since) }, Cell: func(r finding) cell { return cell{When: &when{r.Since, now}, Soft: true} }},
		},
	}
}

// stateCell says a state, as of when where the device is stale, and who knows.
func stateCell(f drift.Finding, now time.Time) cell {
	tone, icon := stateLook(f.State)
	cl := cell{Text: string(f.State), Tone: tone, Icon: icon, Pill: true}
	var more []string
	if f.By != "" {
		more = append(more, "by "+said(f.By))
	}
	if !f.Until.IsZero() {
		more = append(more, "until "+when{f.Until, now}.Short())
	}
	if !f.AsOf.IsZero() {
		more = append(more, "as of "+when{f.AsOf, now}.Short())
	}
	cl.Muted = strings.Join(more, ", ")
	return cl
}

// evidenceOf leads to the two texts beside each other.
func evidenceOf(f drift.Finding) cell {
	if f.Reference == "" || f.Revision == "" {
		return cell{Text: "–", Soft: true}
	}
	return cell{Text: "both texts", Href: revisionHref(configstore.RevisionID(f.Reference)) + "/diff/" + segment(f.Revision),
		Value: map[string]string{"reference": f.Reference, "revision": f.Revision}}
}

// of2 lists the live findings of one kind.
func (f fleet) drift(kind drift.Kind) []drift.Finding {
	var out []drift.Finding
	for _, x := range f.Findings {
		if x.Kind == kind {
			out = append(out, x)
		}
	}
	return out
}

// notSaid is a form that cannot be taken: the text says why.
func notSaid(err error) error {
	switch {
	case errors.Is(err, configstore.ErrNotApprovable):
		return echo.NewHTTPError(http.StatusBadRequest, sentence(configstore.ErrNotApprovable))
	case errors.Is(err, configstore.ErrNoGroup):
		return echo.NewHTTPError(http.StatusNotFound, "This difference is not there any more.")
	}
	return err
}
