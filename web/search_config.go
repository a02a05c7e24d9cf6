package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/search"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/netdev"
)

// Texts looks through the masked texts of devices.
type Texts interface {
	Search(ctx context.Context, req configstore.SearchRequest, found func(configstore.SearchHit) error) (configstore.SearchSum, error)
}

// Bounds of a search: of a page, and of an export.
const (
	searchLines  = 500
	searchDevice = 20
	searchBudget = 2 * time.Second

	exportLines  = 100_000
	exportBudget = time.Minute
)

func (s *Server) searchTable() []route {
	rows := lists("/search/config", auth.ConfigRead, s.configSearch)
	return append(rows, apiRow(get, "/search/config", auth.ConfigRead, "", s.apiConfigSearch))
}

// searchTab is one place to search in.
type searchTab struct {
	Href, Label, Count string
	On                 bool
}

// textHit is one device with lines that were found.
type textHit struct {
	Name, Href, What, Icon string
	Since                  when
	Text                   string // address of the text
	Lines                  []textBlock
	Total, More            int
}

// textBlock is one found line with what stands around it.
type textBlock struct {
	Path  string
	Lines []blockLine
}

type blockLine struct {
	N                    int
	Href                 string // of the found line
	Before, Match, After string
}

// configSearchView is the page of a search in texts.
type configSearchView struct {
	page
	Query    string
	Tabs     []searchTab
	Hits     []textHit
	Heading  string
	Sub      string
	Note     string
	Unknown  []string // devices of which nothing can be said, and why
	UnknownN int
	CSV      string
	JSON     string
	Error    *queryFault
	Empty    bool
}

// queryFault shows where a query cannot be read.
type queryFault struct {
	Text                string
	Before, Wrong, Rest string
}

func newQueryFault(q string, e *search.Error) *queryFault {
	at := min(max(e.At, 0), len(q))
	f := &queryFault{Text: e.Error(), Before: visible(q[:at])}
	for i, r := range q[at:] {
		if i == 0 {
			f.Wrong, f.Rest = visible(string(r)), visible(q[at:][min(len(string(r)), len(q[at:])):])
		}
	}
	if f.Wrong == "" {
		f.Wrong = "␣"
	}
	return f
}

// searchTabs leads from one place to search in to the other.
func (s *Server) searchTabs(v viewer, q, on string) []searchTab {
	tabs := []searchTab{{Href: "/search?q=" + url.QueryEscape(q), Label: "Devices and end systems", On: on == "all"}}
	if v.Can(auth.ConfigRead) && s.Texts != nil {
		tabs = append(tabs, searchTab{Href: "/search?in=config&q=" + url.QueryEscape(q), Label: "Configurations", On: on == "config"})
	}
	return tabs
}

// textRow is one line of the list of a search.
type textRow struct {
	hit  configstore.SearchHit
	line *configstore.SearchLine // nil: the text as a whole
}

// configSearch answers GET /search/config and /search?in=config.
func (s *Server) configSearch(c echo.Context) error {
	if s.Texts == nil {
		return echo.ErrNotFound
	}
	if v := viewerOf(c); !v.Can(auth.ConfigRead) {
		return &denied{permission: auth.ConfigRead}
	}
	raw := strings.TrimSpace(c.QueryParam("q"))
	q, err := search.Parse(raw)
	export := strings.HasSuffix(c.Path(), ".csv") || strings.HasSuffix(c.Path(), ".json")
	if export {
		if err != nil {
			return echo.NewHTTPError(http.StatusBadRequest, visible(err.Error()))
		}
		return s.exportTexts(c, q)
	}
	v := &configSearchView{page: page{Title: "Search", Area: "/search"}, Query: visible(raw), Empty: raw == "", Tabs: s.searchTabs(viewerOf(c), raw, "config")}
	if v.Empty {
		return s.render(c, http.StatusOK, "search-config", v)
	}
	status := http.StatusOK
	if e, ok := errors.AsType[*search.Error](err); ok {
		v.Error, status = newQueryFault(raw, e), http.StatusUnprocessableEntity
		return s.render(c, status, "search-config", v)
	}
	ctx, cancel := context.WithTimeout(c.Request().Context(), searchBudget)
	defer cancel()
	now := s.Now()
	sum, err := s.Texts.Search(ctx, configstore.SearchRequest{Query: q, MaxLines: searchLines, MaxDevice: searchDevice, Context: 2}, func(h configstore.SearchHit) error {
		v.Hits = append(v.Hits, newTextHit(h, now))
		return nil
	})
	over := errors.Is(err, context.DeadlineExceeded) && c.Request().Context().Err() == nil
	switch {
	case errors.Is(err, configstore.ErrNoLine), errors.Is(err, configstore.ErrNoSuchChoice):
		v.Error, status = &queryFault{Text: visible(err.Error())}, http.StatusUnprocessableEntity
		return s.render(c, status, "search-config", v)
	case err != nil && !over:
		return err
	}
	v.CSV, v.JSON = "/search/config.csv?q="+url.QueryEscape(raw), "/search/config.json?q="+url.QueryEscape(raw)
	v.words(sum, q, over)
	return s.render(c, status, "search-config", v)
}

// words says what was looked at and what was not.
func (v *configSearchView) words(sum configstore.SearchSum, q *search.Query, over bool) {
	v.Heading = plural(sum.Lines, "line", "lines") + " on " + plural(sum.Devices, "device", "devices")
	if sum.Lines == 0 {
		v.Heading = plural(sum.Devices, "device", "devices")
	}
	v.Sub = fmt.Sprintf("of %s, %.2f s", plural(sum.Texts, "configuration", "configurations"), sum.Took.Seconds())
	switch {
	case over:
		v.Note = fmt.Sprintf("Stopped after %s: %s of %s configurations were looked at. Name a site, a role or a platform to ask fewer, or take the CSV, which asks all.",
			searchBudget, num(sum.Texts), num(sum.Of))
	case sum.Kept < sum.Lines:
		v.Note = fmt.Sprintf("Shown are the first %s of %s lines, at most %d a device. The CSV has them all.", num(sum.Kept), num(sum.Lines), searchDevice)
	}
	for _, x := range sum.Skipped {
		if len(q.Missing) == 0 && x.Why != configstore.SkipDamaged {
			continue
		}
		if v.UnknownN++; v.UnknownN <= 50 {
			v.Unknown = append(v.Unknown, said(x.Device.Name)+": "+x.Why)
		}
	}
	for i := range v.Tabs {
		if v.Tabs[i].On && !over {
			v.Tabs[i].Count = num(sum.Devices)
		}
	}
}

func newTextHit(h configstore.SearchHit, now time.Time) textHit {
	text := revisionHref(h.Revision.ID) + "/text"
	out := textHit{Name: said(h.Device.Name), Href: deviceHref(h.Device.ID, "configs"), What: whatOf(h.Device), Icon: kindIcon(h.Device.Kind),
		Since: when{h.Revision.FirstSeen, now}, Text: text, Total: h.Total, More: h.Total - len(h.Lines)}
	for _, l := range h.Lines {
		b := textBlock{Path: said(strings.Join(l.Path, " › "))}
		for i, t := range l.Before {
			b.Lines = append(b.Lines, blockLine{N: l.Line - len(l.Before) + i, Before: said(t)})
		}
		b.Lines = append(b.Lines, blockLine{N: l.Line, Href: fmt.Sprintf("%s#L%d", text, l.Line), Before: said(l.Text[:l.From]), Match: said(l.Text[l.From:l.To]), After: said(l.Text[l.To:])})
		for i, t := range l.After {
			b.Lines = append(b.Lines, blockLine{N: l.Line + 1 + i, Before: said(t)})
		}
		out.Lines = append(out.Lines, b)
	}
	return out
}

func whatOf(d netdev.Device) string {
	var parts []string
	for _, p := range []string{d.Site, d.Model} {
		if p != "" {
			parts = append(parts, said(p))
		}
	}
	return strings.Join(parts, ", ")
}

// exportTexts writes every line; one that cannot be complete is none.
func (s *Server) exportTexts(c echo.Context, q *search.Query) error {
	ctx, cancel := context.WithTimeout(c.Request().Context(), exportBudget)
	defer cancel()
	var rows []textRow
	sum, err := s.Texts.Search(ctx, configstore.SearchRequest{Query: q, MaxLines: exportLines}, func(h configstore.SearchHit) error {
		if len(h.Lines) == 0 {
			rows = append(rows, textRow{hit: h})
		}
		for i := range h.Lines {
			rows = append(rows, textRow{h, &h.Lines[i]})
		}
		return nil
	})
	switch {
	case errors.Is(err, configstore.ErrNoLine), errors.Is(err, configstore.ErrNoSuchChoice):
		return echo.NewHTTPError(http.StatusBadRequest, visible(err.Error()))
	case errors.Is(err, context.DeadlineExceeded):
		return echo.NewHTTPError(http.StatusServiceUnavailable, "The search took too long. Name a site, a role or a platform to ask fewer configurations.")
	case err != nil:
		return err
	case sum.Kept < sum.Lines:
		return echo.NewHTTPError(http.StatusUnprocessableEntity, fmt.Sprintf("%s lines are more than one export holds (%s). Ask for less.", num(sum.Lines), num(exportLines)))
	}
	return answer(c, s.textList(rows), nil)
}

func (s *Server) textList(rows []textRow) list[textRow] {
	now := s.Now()
	return list[textRow]{
		Name: "search", Caption: "Lines found", Rows: rows,
		ID: func(r textRow) string { return string(r.hit.Revision.ID) },
		Columns: []column[textRow]{
			{Key: "device", Head: "Device", Cell: func(r textRow) cell { return cell{Text: said(r.hit.Device.Name)} }},
			{Key: "line", Head: "Line", Cell: func(r textRow) cell {
				if r.line == nil {
					return cell{Value: 0}
				}
				return cell{Text: fmt.Sprint(r.line.Line), Value: r.line.Line}
			}},
			{Key: "text", Head: "Text", Cell: func(r textRow) cell {
				if r.line == nil {
					return cell{}
				}
				return cell{Text: said(r.line.Text)}
			}},
			{Key: "section", Head: "Section", Cell: func(r textRow) cell {
				if r.line == nil {
					return cell{}
				}
				return cell{Text: said(strings.Join(r.line.Path, " › "))}
			}},
			{Key: "revision", Head: "Revision", Cell: func(r textRow) cell { return cell{Text: string(r.hit.Revision.ID)} }},
			{Key: "since", Head: "Since", Cell: func(r textRow) cell { return cell{When: &when{r.hit.Revision.FirstSeen, now}} }},
		},
	}
}

type configSearchIn struct {
	Q string `query:"q" required:"true" maxLength:"1024" doc:"the language of the manual's page Search"`
}

type apiTextLine struct {
	Device   netdev.DeviceID        `json:"device"`
	Name     string                 `json:"name"`
	Revision configstore.RevisionID `json:"revision"`
	Time     time.Time              `json:"time"`
	Line     int                    `json:"line,omitempty"`
	Text     string                 `json:"text,omitempty"`
	Path     []string               `json:"path,omitempty"`
}

type apiTexts struct {
	Items    []apiTextLine `json:"items"`
	Lines    int           `json:"lines" doc:"found; items holds the first 500"`
	Devices  int           `json:"devices"`
	Texts    int           `json:"texts" doc:"looked at"`
	Complete bool          `json:"complete" doc:"false: not every text was looked at in time"`
	Unknown  []string      `json:"unknown,omitempty" doc:"devices of which nothing can be said, and why"`
}

func (s *Server) apiConfigSearch(ctx context.Context, in *configSearchIn) (*out[apiTexts], error) {
	if s.Texts == nil {
		return nil, echo.ErrNotFound
	}
	q, err := search.Parse(in.Q)
	if err != nil {
		return nil, badRequest(err)
	}
	ctx, cancel := context.WithTimeout(ctx, searchBudget)
	defer cancel()
	o := &out[apiTexts]{Body: apiTexts{Items: []apiTextLine{}, Complete: true}}
	sum, err := s.Texts.Search(ctx, configstore.SearchRequest{Query: q, MaxLines: searchLines}, func(h configstore.SearchHit) error {
		l := apiTextLine{Device: h.Device.ID, Name: h.Device.Name, Revision: h.Revision.ID, Time: h.Revision.FirstSeen.UTC()}
		if len(h.Lines) == 0 {
			o.Body.Items = append(o.Body.Items, l)
		}
		for _, x := range h.Lines {
			l.Line, l.Text, l.Path = x.Line, said(x.Text), x.Path
			o.Body.Items = append(o.Body.Items, l)
		}
		return nil
	})
	switch {
	case errors.Is(err, configstore.ErrNoLine), errors.Is(err, configstore.ErrNoSuchChoice):
		return nil, badRequest(err)
	case errors.Is(err, context.DeadlineExceeded):
		o.Body.Complete = false
	case err != nil:
		return nil, err
	}
	o.Body.Lines, o.Body.Devices, o.Body.Texts = sum.Lines, sum.Devices, sum.Texts
	for _, x := range sum.Skipped {
		if len(q.Missing) > 0 || x.Why == configstore.SkipDamaged {
			o.Body.Unknown = append(o.Body.Unknown, x.Device.Name+": "+x.Why)
		}
	}
	return o, nil
}
