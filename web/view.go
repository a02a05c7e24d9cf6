package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"strings"
	"unicode"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
)

//go:embed view
var viewFS embed.FS

// views is one template set a page: the parts, the shell, and the page.
type views struct{ byName map[string]*template.Template }

func readViews(s *Server) (*views, error) {
	base, err := template.New("").Funcs(s.funcs()).ParseFS(viewFS, "view/part/*.html")
	if err != nil {
		return nil, err
	}
	pages, err := fs.Glob(viewFS, "view/*.html")
	if err != nil {
		return nil, err
	}
	v := &views{byName: map[string]*template.Template{}}
	for _, p := range pages {
		t, err := base.Clone()
		if err != nil {
			return nil, err
		}
		if t, err = t.ParseFS(viewFS, p); err != nil {
			return nil, err
		}
		v.byName[strings.TrimSuffix(strings.TrimPrefix(p, "view/"), ".html")] = t
	}
	return v, nil
}

// funcs is the little that templates may call: forms of numbers, and the
// addresses of assets. None gives markup.
func (s *Server) funcs() template.FuncMap {
	return template.FuncMap{
		"asset":  func(name string) string { return s.assets.path(name) },
		"icon":   func(name string) iconView { return iconView{name, ""} },
		"icon14": func(name string) iconView { return iconView{name, " icon-14"} },
		"icon12": func(name string) iconView { return iconView{name, " icon-12"} },
		"num":    num,
		"plural": plural,
		"said":   said,
	}
}

type iconView struct{ Name, Size string }

// page is what the shell shows on every page. A page's view struct embeds it.
type page struct {
	Title     string
	Area      string // path of the menu item that is chosen
	Nav       []navGroup
	User      string
	Initials  string
	Role      string
	Theme     string // "", light, dark
	NextTheme string
	FormToken string
	Running   *runChip
	Live      string // topics of the stream; "" for a page that stands still
	Outage    string // why the store cannot be written; "" when it can
	Demo      bool
	Version   string
	Path      string
	Self      string // path and query
	Settings  bool   // there are pages of settings
	Help      string // the manual on this page
}

type navGroup struct {
	Title string
	Items []navItem
}

type navItem struct {
	Path, Label, Icon, Count string
	On                       bool
}

// runChip is the running discovery in the top bar.
type runChip struct {
	Href        string
	Name        string
	Done, Total int
}

func (p *page) shell() *page { return p }

// shelled is a view struct that embeds page.
type shelled interface{ shell() *page }

// render writes a page, or for htmx the fragment of it that changes.
func (s *Server) render(c echo.Context, status int, name string, v shelled) error {
	if err := s.fill(c, v.shell()); err != nil {
		return err
	}
	t := s.views.byName[name]
	if t == nil {
		return fmt.Errorf("no view %q", name)
	}
	h := c.Response().Header()
	h.Add("Vary", "HX-Request")
	h.Add("Vary", "Cookie")
	part := "shell"
	if wantsFragment(c.Request()) && t.Lookup("fragment") != nil {
		part = "fragment"
	} else if t.Lookup("bare") != nil {
		part = "bare"
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, part, v); err != nil {
		return fmt.Errorf("view %s: %w", name, err)
	}
	return c.Blob(status, "text/html; charset=utf-8", b.Bytes())
}

// wantsFragment: htmx asks for a part, and not for a whole page to go back to.
func wantsFragment(r *http.Request) bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Request-Type") != "full" &&
		r.Header.Get("HX-History-Restore-Request") == ""
}

// fill sets what every page has.
func (s *Server) fill(c echo.Context, p *page) error {
	v := viewerOf(c)
	p.User, p.Role, p.Demo, p.Version = said(v.User), string(v.Role), s.Demo, s.Version
	p.Initials = initials(v.User)
	p.Path, p.Self = c.Request().URL.Path, c.Request().URL.RequestURI()
	p.Settings, p.Help = s.Settings != nil, s.manual.help(p.Path, p.Area)
	p.Theme = themeOf(c.Request())
	p.NextTheme = nextTheme(p.Theme)
	if s.Health != nil && v.User != "" {
		if o := s.Health.Outage(); o != nil {
			p.Outage = said(o.Text)
		}
	}
	p.FormToken = auth.CSRF(s.formSecret(c))
	if v.User == "" || wantsFragment(c.Request()) {
		return nil
	}
	ctx := c.Request().Context()
	devices, err := s.Inventory.Devices(ctx)
	if err != nil {
		return err
	}
	p.Nav = menu(v, p.Area, len(devices))
	if !v.Can(auth.JobRead) {
		return nil
	}
	runs, err := s.Inventory.Runs(ctx, 5)
	if err != nil {
		return err
	}
	for _, r := range runs {
		if r.State == discovery.RunRunning {
			if l, ok := s.Runner.LiveRun(r.ID); ok {
				r = l.Run
			}
			p.Running = &runChip{Href: "/discovery/" + string(r.ID), Name: targetsOf(r), Done: r.Asked, Total: r.Total}
			break
		}
	}
	return nil
}

// menu lists the pages that exist and that this viewer may open.
func menu(v viewer, area string, devices int) []navGroup {
	all := []struct {
		title string
		items []navItem
		need  []auth.Permission
	}{
		{"", []navItem{{Path: "/", Label: "Overview", Icon: "overview"}, {Path: "/devices", Label: "Inventory", Icon: "inventory", Count: capped(devices)},
			{Path: "/topology", Label: "Topology", Icon: "topology"}, {Path: "/discovery", Label: "Discovery", Icon: "discovery"}},
			[]auth.Permission{auth.InventoryRead, auth.InventoryRead, auth.TopologyRead, auth.JobRead}},
		{"Configuration", []navItem{{Path: "/changes", Label: "Changes", Icon: "changes"}, {Path: "/drift", Label: "Drift", Icon: "drift"},
			{Path: "/compliance", Label: "Compliance", Icon: "compliance"}, {Path: "/search", Label: "Search", Icon: "text-search"}},
			[]auth.Permission{auth.ConfigRead, auth.DriftRead, auth.ComplianceRead, auth.InventoryRead}},
		{"Operations", []navItem{{Path: "/jobs", Label: "Jobs", Icon: "jobs"}, {Path: "/schedules", Label: "Schedules", Icon: "schedules"},
			{Path: "/health", Label: "Health", Icon: "health"}, {Path: "/audit", Label: "Audit log", Icon: "audit"}},
			[]auth.Permission{auth.JobRead, auth.JobRead, auth.InventoryRead, auth.AuditRead}},
	}
	var out []navGroup
	for _, g := range all {
		group := navGroup{Title: g.title}
		for i, it := range g.items {
			if v.Can(g.need[i]) {
				it.On = it.Path == area
				group.Items = append(group.Items, it)
			}
		}
		if len(group.Items) > 0 {
			out = append(out, group)
		}
	}
	return out
}

func capped(n int) string {
	if n > 9999 {
		return "9,999+"
	}
	return num(n)
}

// initials are the first letters of the first two words of a name, or its
// first two letters.
func initials(name string) string {
	words := strings.FieldsFunc(strings.ToUpper(name), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	switch {
	case len(words) == 0:
		return "?"
	case len(words) == 1:
		r := []rune(words[0])
		return string(r[:min(2, len(r))])
	}
	return string([]rune(words[0])[:1]) + string([]rune(words[1])[:1])
}

func themeOf(r *http.Request) string {
	c, err := r.Cookie(themeCookie)
	if err != nil || (c.Value != "light" && c.Value != "dark") {
		return ""
	}
	return c.Value
}

func nextTheme(now string) string {
	switch now {
	case "":
		return "light"
	case "light":
		return "dark"
	}
	return "auto"
}
