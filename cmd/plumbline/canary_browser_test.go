package main

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// browser is somebody's: it keeps cookies, sends forms with the token of their
// page, and follows no redirect, so that each address is seen.
type browser struct {
	t       *testing.T
	base    string
	cookies map[string]string
	client  http.Client
}

func newBrowser(t *testing.T, base string) *browser {
	return &browser{t: t, base: base, cookies: map[string]string{}, client: http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// answer is all that came back but for our own cookies, which are secrets in
// the place they belong to.
type answer struct {
	status   int
	location string
	body     []byte
	said     []byte // head and body
}

func (b *browser) do(method, path string, form url.Values, head ...string) answer {
	b.t.Helper()
	req, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", b.base)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	for name, value := range b.cookies {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.client.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	res.Header.Del("Set-Cookie")
	var said bytes.Buffer
	_ = res.Header.Write(&said)
	said.Write(body)
	return answer{res.StatusCode, res.Header.Get("Location"), body, said.Bytes()}
}

var formToken = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// post opens the page of a form and sends the form filled in.
func (b *browser) post(page, path string, form url.Values) answer {
	b.t.Helper()
	m := formToken.FindSubmatch(b.do(http.MethodGet, page, nil).said)
	if m == nil {
		b.t.Fatalf("%s has no form", page)
	}
	filled := maps.Clone(form)
	if filled == nil {
		filled = url.Values{}
	}
	filled.Set("form_token", html.UnescapeString(string(m[1])))
	return b.do(http.MethodPost, path, filled)
}

var (
	hrefs   = regexp.MustCompile(`(?:href|hx-get|src|data-url)="(/[^"#]*)`)
	oneOf   = regexp.MustCompile(`/(?:[0-9]+|[0-9A-Za-z_-]{16,})(/|$|\.)`)
	oneRule = regexp.MustCompile(`^(/compliance/rules|/schedules)/[^/]+`) // named by people
)

// kindOf is the address of a page without what tells it from others of its kind.
func kindOf(path string) string {
	plain, query, _ := strings.Cut(path, "?")
	plain = oneRule.ReplaceAllString(plain, "$1/*")
	for range 2 { // neighbours share a slash
		plain = oneOf.ReplaceAllString(plain, "/*$1")
	}
	if v, err := url.ParseQuery(query); err == nil && len(v) > 0 {
		keys := slices.Sorted(maps.Keys(v))
		if plain += "?" + keys[0]; len(keys) > 1 {
			plain += "&…"
		}
	}
	return plain
}

// walk follows links from start, always to a page of the kind of which it saw
// fewest, and gives each page to see. What is meant to show secrets, or never
// ends, is left out.
func (b *browser) walk(start []string, most int, see func(path string, a answer)) (kinds map[string]int) {
	kinds = map[string]int{}
	known, todo, order := map[string]bool{}, map[string][]string{}, []string{}
	add := func(path string) {
		plain, _, _ := strings.Cut(path, "?")
		if known[path] || !strings.HasPrefix(path, "/") || strings.HasSuffix(plain, "/raw") || plain == "/events" || strings.HasPrefix(plain, "/static/") {
			return
		}
		known[path] = true
		kind := kindOf(path)
		if _, there := todo[kind]; !there {
			order = append(order, kind)
		}
		todo[kind] = append(todo[kind], path)
	}
	for _, path := range start {
		add(path)
	}
	for range most {
		next := ""
		for _, kind := range order {
			if len(todo[kind]) > 0 && (next == "" || kinds[kind] < kinds[next]) {
				next = kind
			}
		}
		if next == "" {
			break
		}
		path := todo[next][0]
		todo[next] = todo[next][1:]
		a := b.do(http.MethodGet, path, nil)
		kinds[next]++
		see(path, a)
		if a.location != "" {
			add(a.location)
		}
		for _, m := range hrefs.FindAllSubmatch(a.said, -1) {
			add(html.UnescapeString(string(m[1])))
		}
	}
	return kinds
}

// ofAPI gives an address for each thing that the API lists: of those about one
// object, that of the first of its list.
func (b *browser) ofAPI() (out []string) {
	b.t.Helper()
	var api struct{ Paths map[string]map[string]any }
	if err := json.Unmarshal(b.do(http.MethodGet, "/api/v1/openapi.json", nil).body, &api); err != nil {
		b.t.Fatal(err)
	}
	id := regexp.MustCompile(`"(?:id|job)":\s*"?([0-9A-Za-z_-]+)`)
	for path, methods := range api.Paths {
		if methods["get"] == nil {
			continue
		}
		for strings.Contains(path, "{") {
			list, rest, _ := strings.Cut(path, "/{")
			_, rest, _ = strings.Cut(rest, "}")
			m := id.FindSubmatch(b.do(http.MethodGet, list, nil).body)
			if m == nil {
				break
			}
			path = list + "/" + string(m[1]) + rest
		}
		out = append(out, path)
	}
	return out
}
