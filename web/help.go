package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// helpView is a page of the manual, or what a search in it found.
type helpView struct {
	page
	Pages []tabView
	Page  manualPage
	Parts []manualBlock // headings of the page
	Query string
	Hits  []helpHit
}

// helpHit is one section of the manual that holds the words searched for.
type helpHit struct{ Href, Title, Part, Text string }

// help answers GET /help and /help/{page}.
func (s *Server) help(c echo.Context) error {
	name := c.Param("page")
	if name == "" {
		name = "index"
	}
	p, ok := s.manual.pages[name]
	if !ok {
		return echo.ErrNotFound
	}
	v := &helpView{page: page{Title: p.Title, Area: "/help"}, Page: p, Query: visible(strings.TrimSpace(c.QueryParam("q")))}
	if v.Query != "" {
		v.Title, v.Hits = "Search in the manual", s.manual.search(v.Query)
	}
	for _, b := range p.Blocks {
		if b.Kind == "h2" && v.Query == "" {
			v.Parts = append(v.Parts, b)
		}
	}
	for _, n := range s.manual.order {
		if q, ok := s.manual.pages[n]; ok {
			href := "/help/" + n
			if n == "index" {
				href = "/help"
			}
			v.Pages = append(v.Pages, tabView{Href: href, Label: q.Title, On: n == name && v.Query == ""})
		}
	}
	return s.render(c, http.StatusOK, "help", v)
}

// help gives the place in the manual that speaks of a page: that of the first
// prefix of its path that has one, else that of the menu item.
func (m manual) help(path, area string) string {
	for _, p := range []string{path, area} {
		for ; len(p) > 1; p = p[:strings.LastIndexByte(p, '/')] {
			if to, ok := helpPlaces()[p]; ok {
				return to
			}
			if name := strings.ReplaceAll(p[1:], "/", "-"); m.pages[name].Name != "" {
				return "/help/" + name // a page named like the path needs no row
			}
		}
	}
	return "/help"
}

// helpPlaces says where the manual speaks of a page that has no manual page
// of its own name.
func helpPlaces() map[string]string {
	return map[string]string{
		"/devices":              "/help/filters",
		"/topology":             "/help/discovery#links",
		"/discovery/candidates": "/help/discovery#neighbours-not-in-the-inventory",
		"/changes":              "/help/backup",
		"/search/places":        "/help/discovery#end-systems",
		"/jobs":                 "/help/schedules",
		"/me":                   "/help/security#accounts-and-roles",
		"/settings/credentials": "/help/settings#credentials",
		"/settings/users":       "/help/settings#users-and-roles",
		"/settings/tokens":      "/help/settings#tokens",
		"/settings/sites":       "/help/settings#sites",
		"/settings/notify":      "/help/notifications",
		"/settings/appliance":   "/help/settings#the-settings-file",
	}
}

const hitsMost = 50

// search finds the sections that hold every word, in the order of the manual.
func (m manual) search(query string) []helpHit {
	wanted := strings.Fields(strings.ToLower(query))
	var out []helpHit
	for _, name := range m.order {
		p, ok := m.pages[name]
		if !ok {
			continue
		}
		hit := helpHit{Href: "/help/" + name, Title: p.Title}
		text := p.Title
		flush := func() {
			low := strings.ToLower(text)
			for _, w := range wanted {
				if !strings.Contains(low, w) {
					return
				}
			}
			hit.Text = around(text, wanted[0])
			out = append(out, hit)
		}
		for _, b := range p.Blocks {
			if b.Kind == "h2" || b.Kind == "h3" {
				flush()
				text = plainSpans(b.Spans)
				hit.Href, hit.Part = "/help/"+name+"#"+b.ID, text
				continue
			}
			text += " " + plainSpans(b.Spans) + b.Text
			for _, item := range b.Items {
				text += " " + plainSpans(item)
			}
		}
		flush()
	}
	return out[:min(len(out), hitsMost)]
}

func plainSpans(list []manualSpan) string {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(s.Text)
	}
	return b.String()
}

// around is some words of text on both sides of the first find of word.
func around(text, word string) string {
	const side = 90
	runes := []rune(text)
	at := len([]rune(text[:min(len(text), max(0, strings.Index(strings.ToLower(text), word)))]))
	from, to := max(0, at-side), min(len(runes), at+side)
	out := strings.TrimSpace(string(runes[from:to]))
	if from > 0 {
		out = "… " + out
	}
	if to < len(runes) {
		out += " …"
	}
	return out
}
