package web

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/configstore/diff"
)

// revisionView is one change: rail, difference, and what it did.
type revisionView struct {
	page
	Head     deviceHead
	Sources  []tabView
	Rail     []railItem
	RailNote string
	Views    []tabView
	Diff     diffView
	First    bool
	Lines    []textLine // of the whole text
	Facts    []factView
	Seen     when
	Until    when
	Effects  []effectView
	EffectOf string
	Older    string
	Newer    string
	Raw      string
	Text     string
	Hash     string
	Caption  string
	Approval *approvalView
}

// railItem is a revision as a range of validity.
type railItem struct {
	Href       string
	Time       when
	By         string
	Plus       string
	Minus      string
	Mark       string // A, B
	Note       string
	Approved   string // approved, approved baseline
	PickA      string
	Current    bool
	RangeWords string
}

type effectView struct{ Tone, Icon, Rule, Text, Href string }

type textLine struct {
	N    int
	Text string
}

// pair is the two revisions of a page.
type pair struct {
	dev     loaded
	a, b    configstore.Revision
	haveA   bool
	history []configstore.Revision
}

// revisionPage answers GET /configs/{rev}: the change from the one before.
func (s *Server) revisionPage(c echo.Context) error {
	p, err := s.pair(c, configstore.RevisionID(c.Param("rev")), "")
	if err != nil {
		return err
	}
	return s.showPair(c, p)
}

// diffPage answers GET /configs/{rev}/diff/{rev}: from the first to the second.
func (s *Server) diffPage(c echo.Context) error {
	p, err := s.pair(c, configstore.RevisionID(c.Param("other")), configstore.RevisionID(c.Param("rev")))
	if err != nil {
		return err
	}
	return s.showPair(c, p)
}

func (s *Server) pair(c echo.Context, b, a configstore.RevisionID) (pair, error) {
	ctx := c.Request().Context()
	var p pair
	var err error
	if p.b, err = s.Store.Revision(ctx, b); err != nil {
		return p, err
	}
	if p.history, err = s.Store.History(ctx, p.b.Device, p.b.Source); err != nil {
		return p, err
	}
	if a != "" {
		p.a, err = s.Store.Revision(ctx, a)
		p.haveA = err == nil
	} else if i := slices.IndexFunc(p.history, func(r configstore.Revision) bool { return r.ID == b }); i >= 0 && i+1 < len(p.history) {
		p.a, p.haveA = p.history[i+1], true
	}
	if err != nil {
		return p, err
	}
	p.dev, err = s.load(c, p.b.Device, "configs")
	return p, err
}

// look says how a difference is shown: split or unified, from the address,
// else as it was chosen last.
func (s *Server) look(c echo.Context) string {
	v := c.QueryParam("view")
	if v == "split" || v == "unified" {
		c.SetCookie(&http.Cookie{Name: "plumbline_diff", Value: v, Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteStrictMode})
		return v
	}
	if ck, err := c.Cookie("plumbline_diff"); err == nil && ck.Value == "unified" {
		return "unified"
	}
	return "split"
}

func (s *Server) showPair(c echo.Context, p pair) error {
	now := s.Now()
	path := c.Request().URL.Path
	v := &revisionView{page: page{Title: p.dev.head.Name + ", change of " + when{p.b.FirstSeen, now}.Short(), Area: "/changes"}, Head: p.dev.head,
		First: !p.haveA, Seen: when{p.b.FirstSeen, now}, Until: when{p.b.LastSeen, now}, Raw: revisionHref(p.b.ID) + "/raw", Text: revisionHref(p.b.ID) + "/text", Hash: p.b.TextHash}
	v.rail(p, s)
	v.facts(p)
	if err := v.approvals(s, c, p); err != nil {
		return err
	}
	text, err := s.Store.Text(c.Request().Context(), p.b.ID)
	if err != nil {
		return err
	}
	if !p.haveA {
		v.Lines = textLines(text)
		return s.render(c, http.StatusOK, "revision", v)
	}
	old, err := s.Store.Text(c.Request().Context(), p.a.ID)
	if err != nil {
		return err
	}
	look := s.look(c)
	for _, w := range []struct{ key, label string }{{"split", "Split"}, {"unified", "Unified"}} {
		v.Views = append(v.Views, tabView{Href: path + "?view=" + w.key, Label: w.label, On: look == w.key})
	}
	platform := p.dev.row.Platform
	d := diff.Text(old, text, diff.Options{OldSection: s.books.sections(platform, old), NewSection: s.books.sections(platform, text)})
	notes := v.effects(p)
	oldName, newName := sideName(p.a), sideName(p.b)
	v.Caption = "A, " + oldName + ", to B, " + newName
	v.Diff = newDiffView(d, look == "split", oldName, newName, bytes.Count(old, []byte("\n")), v.Text, notes)
	return s.render(c, http.StatusOK, "revision", v)
}

// effects lists the rules whose verdict dates from this revision, and hangs
// what fails under the line that proves it.
func (v *revisionView) effects(p pair) map[int][]ruleNote {
	e := effectOf(p.b, p.dev.results)
	notes := map[int][]ruleNote{}
	for _, r := range e.broke {
		v.Effects = append(v.Effects, effectView{"t-bad", "circle-x", said(r.Rule), "now fails", "/compliance/results?verdict=fail&rule=" + segment(r.Rule)})
		if len(r.Evidence) > 0 && r.Revision == p.b.ID {
			at := r.Evidence[0].Line
			notes[at] = append(notes[at], ruleNote{said(r.Rule), said(r.Title)})
		}
	}
	for _, r := range e.mended {
		v.Effects = append(v.Effects, effectView{"t-ok", "circle-check", said(r.Rule), "now passes", "/compliance/results?verdict=pass&rule=" + segment(r.Rule)})
	}
	pass, fails := 0, 0
	for _, r := range p.dev.results {
		pass += b2i(r.Verdict == compliance.Pass)
		fails += b2i(r.Verdict == compliance.Fail)
	}
	if pass+fails > 0 && len(p.history) > 0 && p.history[0].ID == p.b.ID {
		v.EffectOf = num(pass) + " of " + plural(pass+fails, "rule passes", "rules pass") + " now"
	}
	return notes
}

func sideName(r configstore.Revision) string {
	return string(r.Source) + " of " + r.FirstSeen.UTC().Format("2 Jan 15:04:05")
}

// rail lists the revisions of the source, newest first, with A and B marked.
func (v *revisionView) rail(p pair, s *Server) {
	now := s.Now()
	for i, r := range p.history {
		it := railItem{Href: revisionHref(r.ID), Time: when{r.FirstSeen, now}, By: said(r.ChangedBy), Plus: "+" + num(r.Added), Minus: "−" + num(r.Removed)}
		if i == len(p.history)-1 {
			it.Plus, it.Minus, it.Note = "", "", "first backup, "+plural(r.Lines, "line", "lines")
		}
		it.RangeWords = "to " + when{r.LastSeen, now}.Short()
		if i == 0 {
			it.RangeWords = "still the newest, seen " + when{r.LastSeen, now}.Age()
		}
		switch r.ID {
		case p.b.ID:
			it.Mark, it.Current = "B", true
			if i+1 < len(p.history) {
				v.Older = revisionHref(p.history[i+1].ID)
			}
			if i > 0 {
				v.Newer = revisionHref(p.history[i-1].ID)
			}
		case p.a.ID:
			it.Mark = "A"
		}
		if r.ID != p.b.ID {
			it.PickA = revisionHref(r.ID) + "/diff/" + segment(string(p.b.ID))
		}
		v.Rail = append(v.Rail, it)
	}
	v.RailNote = plural(len(p.history), "revision", "revisions")
	for _, src := range []struct {
		source  configstore.Source
		label   string
		history []configstore.Revision
	}{{configstore.Running, "Running", p.dev.running}, {configstore.Startup, "Startup", p.dev.startup}} {
		if len(src.history) > 0 {
			v.Sources = append(v.Sources, tabView{Href: revisionHref(src.history[0].ID), Label: src.label, On: p.b.Source == src.source})
		}
	}
}

func (v *revisionView) facts(p pair) {
	add := func(label, value string, mono bool) {
		if value != "" {
			v.Facts = append(v.Facts, factView{Label: label, Value: value, Mono: mono})
		}
	}
	add("Source", said(string(p.b.Source)), false)
	add("Made by", said(p.b.ChangedBy), false)
	add("Text says", said(p.b.ChangedAt), false)
	add("Lines", num(p.b.Lines), false)
	add("Not understood", plural(p.b.UnknownLines, "line", "lines"), false)
	for _, f := range p.b.Flags {
		add("Flag", said(f), true)
	}
}

func textLines(text []byte) []textLine {
	var out []textLine
	for i, l := range strings.Split(strings.TrimSuffix(string(text), "\n"), "\n") {
		out = append(out, textLine{i + 1, visible(l)})
	}
	return out
}

// textPage answers GET /configs/{rev}/text: the whole masked text, each line
// with an anchor that evidence links to.
func (s *Server) textPage(c echo.Context) error {
	p, err := s.pair(c, configstore.RevisionID(c.Param("rev")), "")
	if err != nil {
		return err
	}
	text, err := s.Store.Text(c.Request().Context(), p.b.ID)
	if err != nil {
		return err
	}
	p.haveA = false
	now := s.Now()
	v := &revisionView{page: page{Title: p.dev.head.Name + ", " + string(p.b.Source) + " of " + when{p.b.FirstSeen, now}.Short(), Area: "/changes"}, Head: p.dev.head,
		First: true, Seen: when{p.b.FirstSeen, now}, Until: when{p.b.LastSeen, now}, Raw: revisionHref(p.b.ID) + "/raw", Text: revisionHref(p.b.ID) + "/text", Hash: p.b.TextHash, Lines: textLines(text)}
	v.rail(p, s)
	v.facts(p)
	if err := v.approvals(s, c, p); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "revision", v)
}

// rawText answers GET /configs/{rev}/raw: the masked text as a file.
func (s *Server) rawText(c echo.Context) error {
	if !viewerOf(c).Can("config.read") {
		return &denied{permission: "config.read"}
	}
	id := configstore.RevisionID(c.Param("rev"))
	r, err := s.Store.Revision(c.Request().Context(), id)
	if err != nil {
		return err
	}
	text, err := s.Store.Text(c.Request().Context(), id)
	if err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="`+fileName(r)+`"`)
	return c.Blob(http.StatusOK, "text/plain; charset=utf-8", text)
}

// fileName holds nothing that a device told.
func fileName(r configstore.Revision) string {
	return "plumbline-" + r.FirstSeen.UTC().Format("20060102T150405Z") + ".masked.txt"
}

func lineHref(rev configstore.RevisionID, line int) string {
	return fmt.Sprintf("%s/text#L%d", revisionHref(rev), line)
}
