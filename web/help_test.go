package web

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/plumbline-net/plumbline/internal/auth"
)

// helpAnchors are the places of the manual that can be linked to.
func helpAnchors(m manual) map[string]bool {
	out := map[string]bool{"/help": true}
	for name, p := range m.pages {
		out["/help/"+name] = true
		for _, b := range p.Blocks {
			if b.ID != "" {
				out["/help/"+name+"#"+b.ID] = true
			}
		}
	}
	return out
}

func TestEveryPageOfTheMenusHasItsPlaceInTheManual(t *testing.T) {
	s := newTestServer(t, newWorld(1))
	v := viewer{}
	v.User, v.Role = "m.admin", auth.Admin
	anchors := helpAnchors(s.manual)
	for _, g := range append(menu(v, "", 0), settingsMenu(v, "")...) {
		for _, it := range g.Items {
			to := s.manual.help(it.Path, it.Path)
			if it.Path != "/" && to == "/help" || !anchors[to] {
				t.Errorf("%s leads to %q in the manual", it.Path, to)
			}
		}
	}
	for from, to := range helpPlaces() {
		if !anchors[to] {
			t.Errorf("%s leads to %s, which is not there", from, to)
		}
	}
	c := client{t: t, s: s, role: "admin"}
	for path, want := range map[string]string{"/discovery/candidates": "/help/discovery#neighbours-not-in-the-inventory", "/settings/credentials/CRED1": "/help/settings#credentials", "/devices/01DEVICE000/facts": "/help/filters"} {
		if body := c.get(path).Body.String(); !strings.Contains(body, `href="`+want+`" aria-label="Help for this page"`) {
			t.Errorf("%s does not lead to %s", path, want)
		}
	}
}

func TestEveryLinkOfTheManualResolves(t *testing.T) {
	w := newWorld(2)
	s := newTestServer(t, w)
	anchors := helpAnchors(s.manual)
	c := client{t: t, s: s, role: "admin"}
	checked := 0
	for name := range s.manual.pages {
		doc, err := html.Parse(strings.NewReader(c.get("/help/" + name).Body.String()))
		if err != nil {
			t.Fatal(err)
		}
		for n := range doc.Descendants() {
			href := attr(n, "href")
			if n.Data != "a" || !strings.HasPrefix(href, "/") && !strings.HasPrefix(href, "#") {
				continue
			}
			checked++
			if strings.HasPrefix(href, "#") && href != "#main" {
				href = "/help/" + name + href
			}
			switch {
			case href == "#main", strings.HasPrefix(href, "/static/"):
			case strings.HasPrefix(href, "/help"):
				if !anchors[href] {
					t.Errorf("%s: %s is not in the manual", name, href)
				}
			default:
				if got := c.get(href); got.Code != http.StatusOK && got.Code != http.StatusSeeOther {
					t.Errorf("%s: %s answers %d", name, href, got.Code)
				}
			}
		}
	}
	if checked < 50 {
		t.Errorf("only %d links were found", checked)
	}
}

func TestTheManualIsSearchedBySection(t *testing.T) {
	c := client{t: t, s: newTestServer(t, newWorld(0)), role: "viewer"}
	body := c.get("/help?q=SCOPE+grows").Body.String()
	if !strings.Contains(body, `href="/help/settings#credentials"`) || strings.Contains(body, `href="/help/keys#`) {
		t.Errorf("the section on scopes is not found")
	}
	checkMarkup(t, "/help?q", body)
	if body := c.get("/help?q=%3Cb%3Ezzz").Body.String(); !strings.Contains(body, "0 sections with “&lt;b&gt;zzz”") {
		t.Error("nothing found is not said")
	}
}
