package web

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// inventoryView is the list of devices with its facets.
type inventoryView struct {
	page
	Sub    string
	Query  string
	Error  string
	Facets []facetView
	Clear  string
	Table  tableView
	CanRun bool
	All    int
	AllIDs string

	Approve string // page to approve what runs; "" where the viewer may not

	MapHref string // the same devices on the map; "" where the viewer may not see it
}

type facetView struct {
	Legend string
	Items  []facetItem
	More   int  // values that are not listed
	Chosen bool // a value of it is in the filter: a further one adds its rows
}

type facetItem struct {
	Label, Href string
	Count       int
	On          bool
}

// inventory answers GET /devices and its CSV and JSON.
func (s *Server) inventory(c echo.Context) error {
	f, err := s.fleet(c.Request().Context())
	if err != nil {
		return err
	}
	q := strings.TrimSpace(c.QueryParam("q"))
	words, ferr := parseFilter(q, s.Now())
	rows := f.Rows
	if ferr == nil {
		rows = slices.DeleteFunc(slices.Clone(rows), func(r deviceRow) bool { return !words.match(r) })
	} else if c.Path() != "/devices" {
		return echo.NewHTTPError(http.StatusBadRequest, visible(ferr.Error()))
	}
	l := s.deviceList(rows)
	if len(f.Rows) > 0 {
		l.Empty = empty{Icon: "filter", Title: "No device matches", Text: "Take a word out of the filter.", Href: "/devices", Action: "Show all " + num(len(f.Rows))}
	}
	return answer(c, l, func(t tableView) error {
		v := &inventoryView{page: page{Title: "Inventory", Area: "/devices", Live: "device,job,config"}, Query: q, Table: t, Clear: "/devices", CanRun: viewerOf(c).Can(auth.JobRun)}
		v.Table.Select = v.CanRun
		v.Sub = plural(len(f.Rows), "device", "devices") + " at " + plural(len(countBy(f.Rows, siteOf)), "site", "sites")
		v.All = len(rows)
		if fe, ok := errors.AsType[*filterError](ferr); ok {
			v.Error = visible(fe.Error())
		}
		if viewerOf(c).Can(auth.TopologyRead) && len(f.Rows) > 0 {
			v.MapHref = words.mapHref()
		}
		if viewerOf(c).Can(auth.BaselineApprove) && len(rows) > 0 {
			v.Approve = with("/devices/baseline", nil, "q", q)
		}
		if len(f.Rows) > 10 {
			v.Facets = facets(f.Rows, words)
		}
		return s.render(c, http.StatusOK, "inventory", v)
	})
}

func siteOf(r deviceRow) string { return r.Site }

func countBy(rows []deviceRow, key func(deviceRow) string) map[string]int {
	m := map[string]int{}
	for _, r := range rows {
		if k := key(r); k != "" {
			m[k]++
		}
	}
	return m
}

const facetMax = 12 // values of a facet

// facets counts what can be narrowed further: for each value, the devices that
// have it among those that the rest of the filter leaves. A link writes the same
// words as the box.
func facets(all []deviceRow, f filter) []facetView {
	groups := []struct {
		legend, key string
		of          func(deviceRow) string
	}{
		{"Kind", "kind", func(r deviceRow) string { return string(r.Kind) }},
		{"Site", "site", siteOf},
		{"Platform", "platform", func(r deviceRow) string { return string(r.Platform) }},
		{"Last backup", "backup", func(r deviceRow) string { return r.Backup }},
		{"Rules", "rules", rulesOf},
		{"Saved", "saved", deviceRow.savedWord},
		{"Approved", "approved", deviceRow.approvedWord},
	}
	var out []facetView
	for _, g := range groups {
		others := f.without(g.key)
		counts := countBy(slices.DeleteFunc(slices.Clone(all), func(r deviceRow) bool { return !others.match(r) }), g.of)
		for k := range countBy(all, g.of) {
			counts[k] += 0
		}
		if len(counts) < 2 {
			continue
		}
		v := facetView{Legend: g.legend}
		for _, k := range byCount(counts) {
			w := word{Key: g.key, Value: k}
			on := slices.ContainsFunc(f.words, func(x word) bool { return x.Key == w.Key && strings.EqualFold(x.Value, w.Value) && !x.Not })
			v.Chosen = v.Chosen || on
			if len(v.Items) >= facetMax && !on {
				v.More++
				continue
			}
			v.Items = append(v.Items, facetItem{Label: said(k), Href: f.toggled(w, on), Count: counts[k], On: on})
		}
		out = append(out, v)
	}
	return out
}

// rulesOf is the word of the facet: the words of the filter that exclude each
// other. A device of which nothing but "unknown" is said has none of them.
func rulesOf(r deviceRow) string {
	for _, w := range []string{"fail", "pass", "none"} {
		if r.rulesWord(w) {
			return w
		}
	}
	return ""
}

func byCount(m map[string]int) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	return keys
}

// toggled is the address of the list with one word more or less.
func (f filter) toggled(w word, on bool) string {
	var parts []string
	for _, x := range f.words {
		if !on || x.Key != w.Key || !strings.EqualFold(x.Value, w.Value) {
			parts = append(parts, x.String())
		}
	}
	if !on {
		parts = append(parts, w.String())
	}
	if len(parts) == 0 {
		return "/devices"
	}
	return "/devices?q=" + url.QueryEscape(strings.Join(parts, " "))
}

func (s *Server) deviceList(rows []deviceRow) list[deviceRow] {
	now := s.Now()
	by := func(key func(deviceRow) string) func(a, b deviceRow) int {
		return func(a, b deviceRow) int { return netdev.CompareNames(key(a), key(b)) }
	}
	return list[deviceRow]{
		Name: "devices", Caption: "Devices, trouble first", Rows: rows, Default: "-trouble", Select: true,
		ID:    func(r deviceRow) string { return string(r.ID) },
		Empty: empty{Icon: "inventory", Title: "No device yet", Text: "Discover a range: nothing is sent before you have seen what.", Href: "/discovery", Action: "Discover"},
		Columns: []column[deviceRow]{
			{Key: "name", Head: "Name", Less: by(func(r deviceRow) string { return r.name() }), Cell: func(r deviceRow) cell {
				return cell{Text: r.name(), Href: deviceHref(r.ID, "facts"), Icon: kindIcon(r.Kind)}
			}},
			{Key: "address", Head: "Address", Less: func(a, b deviceRow) int { return a.Address.Compare(b.Address) }, Cell: func(r deviceRow) cell {
				return cell{Text: orDash(addressText(r.Address)), Mono: true, Soft: true}
			}},
			{Key: "kind", Head: "Kind", Less: by(func(r deviceRow) string { return string(r.Kind) }), Cell: func(r deviceRow) cell { return cell{Text: string(r.Kind), Soft: true} }},
			{Key: "model", Head: "Model", Less: by(func(r deviceRow) string { return r.Model }), Cell: func(r deviceRow) cell { return cell{Text: orDash(said(r.Model)), Cut: true} }},
			{Key: "platform", Head: "Platform", Less: by(func(r deviceRow) string { return string(r.Platform) }), Cell: func(r deviceRow) cell {
				return cell{Text: orDash(said(string(r.Platform))), Soft: true}
			}},
			{Key: "version", Head: "Version", Less: by(func(r deviceRow) string { return r.Version }), Cell: func(r deviceRow) cell {
				return cell{Text: orDash(said(r.Version)), Soft: true, Cut: true}
			}},
			{Key: "site", Head: "Site", Less: by(siteOf), Cell: func(r deviceRow) cell { return cell{Text: orDash(said(r.Site)), Soft: true} }},
			{Key: "backup", Head: "Last backup", Less: func(a, b deviceRow) int { return a.confirmed().Compare(b.confirmed()) }, Cell: func(r deviceRow) cell { return backupCell(r, now) }},
			{Key: "rules", Head: "Rules", Less: func(a, b deviceRow) int { return cmp.Compare(a.Fail, b.Fail) }, Cell: rulesCell},
			{Key: "saved", Head: "Saved", Less: func(a, b deviceRow) int { return cmp.Compare(a.Unsaved, b.Unsaved) }, Cell: savedCell},
			{Key: "changed", Head: "Changed", Less: func(a, b deviceRow) int { return a.Changed.Compare(b.Changed) }, Cell: func(r deviceRow) cell {
				return cell{When: &when{r.Changed, now}, Soft: true}
			}},
			{Key: "trouble", Hidden: true, Less: func(a, b deviceRow) int {
				return cmp.Or(cmp.Compare(a.trouble(), b.trouble()), netdev.CompareNames(b.name(), a.name())) // most trouble first, then by name
			}},
		},
	}
}

func backupCell(r deviceRow, now time.Time) cell {
	tone, icon, text := backupLook(r)
	cl := cell{Tone: tone, Icon: icon}
	switch r.Backup {
	case "stored":
		cl.When = &when{r.confirmed(), now}
	case "stale":
		cl.Text, cl.When = "stale since", &when{r.confirmed(), now}
	default:
		cl.Text, cl.Pill = text, true
	}
	cl.Muted = pausedWords(r, now)
	if r.Backup == "failed" {
		cl.Value = map[string]string{"outcome": "failed", "reason": string(r.Reason)}
	}
	return cl
}

func rulesCell(r deviceRow) cell {
	v := map[string]int{"fail": r.Fail, "pass": r.Pass, "unknown": r.Unknown}
	switch {
	case r.Fail > 0:
		return cell{Text: num(r.Fail) + " fail", Tone: "t-bad", Icon: "circle-x", Href: deviceHref(r.ID, "compliance"), Value: v}
	case r.Pass > 0:
		return cell{Text: "pass", Tone: "t-ok", Icon: "circle-check", Value: v}
	}
	return cell{Text: "–", Soft: true, Value: v}
}

func savedCell(r deviceRow) cell {
	switch {
	case r.Unsaved > 0:
		return cell{Text: "not saved", Tone: "t-warn", Icon: "unsaved", Pill: true, Href: deviceHref(r.ID, "drift") + "?kind=startup", Value: false}
	case r.State.Startup != nil:
		return cell{Text: "saved", Soft: true, Value: true}
	}
	return cell{Text: "–", Soft: true}
}

// backupOne queues one device, backupMany those that were ticked.
func (s *Server) backupOne(c echo.Context) error {
	return s.backup(c, []netdev.DeviceID{netdev.DeviceID(c.Param("id"))})
}

const confirmAbove = 25 // devices: a bulk action of more needs a second click

func (s *Server) backupMany(c echo.Context) error {
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	var ids []netdev.DeviceID
	for _, id := range form["id"] {
		ids = append(ids, netdev.DeviceID(id))
	}
	if form.Get("all") != "" {
		f, err := s.fleet(c.Request().Context())
		if err != nil {
			return err
		}
		words, err := parseFilter(form.Get("q"), s.Now())
		if err != nil {
			return echo.NewHTTPError(http.StatusBadRequest, visible(err.Error()))
		}
		ids = ids[:0]
		for _, r := range f.Rows {
			if words.match(r) {
				ids = append(ids, r.ID)
			}
		}
	}
	if len(ids) == 0 {
		return echo.NewHTTPError(http.StatusBadRequest, "Tick at least one device.")
	}
	if len(ids) > confirmAbove && form.Get("sure") == "" {
		return s.render(c, http.StatusOK, "confirm", &confirmView{page: page{Title: "Back up", Area: "/devices"}, Heading: "Back up " + plural(len(ids), "device", "devices") + "?",
			Text: "One session a device is opened; nothing is changed on any.", Post: "/backup", Action: "Back up " + num(len(ids)), IDs: ids, Back: "/devices"})
	}
	return s.backup(c, ids)
}

type confirmView struct {
	page
	Heading, Text, Post, Action, Back string
	IDs                               []netdev.DeviceID
}

func (s *Server) backup(c echo.Context, ids []netdev.DeviceID) error {
	for _, id := range ids {
		if _, err := s.Inventory.Device(c.Request().Context(), id); err != nil {
			return err
		}
	}
	batch, err := s.Runner.BackupDevices(c.Request().Context(), viewerOf(c).User, ids)
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/jobs/"+segment(batch))
}

// segment makes an id one segment of a path.
func segment(id string) string { return url.PathEscape(id) }
