package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// cell is one cell of a table: what it says, and how it looks. Text is what
// the CSV has.
type cell struct {
	Text  string // as it stands in CSV; already fit to be shown
	Href  string
	Icon  string
	Tone  string // t-ok t-warn t-bad t-info t-idle
	Pill  bool
	Mono  bool
	Soft  bool
	End   bool
	Muted string // a second, quieter text
	Plus  string // +n of a change
	Minus string
	When  *when
	Value any // for JSON; nil: Text
	Cut   bool
}

// column is one column of a list. Key is the name in JSON and in sort=, Head
// what stands above it on the page and in CSV.
type column[R any] struct {
	Key, Head string
	Cell      func(R) cell
	Less      func(a, b R) int // nil: not sortable
	End       bool
	Hidden    bool // an order without a column
}

// list is one query's answer: the same columns and rows whatever the form.
type list[R any] struct {
	Name    string // of the file: plumbline-devices.csv
	Caption string
	Columns []column[R]
	Rows    []R
	ID      func(R) string // stable key of a row, for paging
	Default string         // sort when none is asked for, such as "-time"
	Empty   empty
	Select  bool // rows can be ticked
}

// shown are the columns that are not orders alone.
func (l list[R]) shown() []column[R] {
	return slices.DeleteFunc(slices.Clone(l.Columns), func(c column[R]) bool { return c.Hidden })
}

// empty says what an empty list means and what to do next.
type empty struct {
	Icon, Title, Text, Href, Action string
}

// tableView is a page of a list as templates see it.
type tableView struct {
	Caption    string
	Heads      []headView
	Rows       []rowView
	Total      int
	From, To   int
	Prev, Next string
	CSV, JSON  string
	Empty      *empty
	Select     bool
	Region     string
}

type headView struct {
	Label, Href, Aria, Icon string
	End                     bool
}

type rowView struct {
	ID    string
	Name  string
	Cells []cell
}

const (
	pageRows    = 100
	pageRowsMax = 250
)

// answer writes a list in the form that the path asks for; page is called for
// HTML only.
func answer[R any](c echo.Context, l list[R], page func(tableView) error) error {
	sorted, key := l.sorted(c.QueryParam("sort"))
	switch {
	case strings.HasSuffix(c.Path(), ".csv"):
		return writeCSV(c, l, sorted)
	case strings.HasSuffix(c.Path(), ".json"):
		return writeJSON(c, l, sorted)
	}
	return page(l.view(c, sorted, key))
}

// sorted puts the rows in the order asked for, by an allow-list of keys.
func (l list[R]) sorted(want string) ([]R, string) {
	if !l.sortable(want) {
		want = l.Default
	}
	rows := slices.Clone(l.Rows)
	key, down := strings.CutPrefix(want, "-")
	for _, col := range l.Columns {
		if col.Key != key || col.Less == nil {
			continue
		}
		slices.SortStableFunc(rows, func(a, b R) int {
			if n := col.Less(a, b); n != 0 {
				if down {
					return -n
				}
				return n
			}
			return strings.Compare(l.ID(a), l.ID(b))
		})
	}
	return rows, want
}

func (l list[R]) sortable(want string) bool {
	key := strings.TrimPrefix(want, "-")
	return slices.ContainsFunc(l.Columns, func(c column[R]) bool { return c.Key == key && c.Less != nil })
}

// view cuts one page out of the rows and makes the links of its head and foot.
func (l list[R]) view(c echo.Context, rows []R, key string) tableView {
	q := c.QueryParams()
	t := tableView{Caption: l.Caption, Total: len(rows), Select: l.Select, Region: l.Name}
	path := c.Request().URL.Path
	t.CSV, t.JSON = with(path+".csv", q, "after", ""), with(path+".json", q, "after", "")
	for _, col := range l.shown() {
		t.Heads = append(t.Heads, l.head(col.Head, col.Key, col.Less != nil, col.End, key, path, q))
	}
	if len(rows) == 0 {
		t.Empty = &l.Empty
		return t
	}
	size := pageRows
	if n, err := strconv.Atoi(q.Get("rows")); err == nil && n > 0 {
		size = min(n, pageRowsMax)
	}
	start := 0
	if after := q.Get("after"); after != "" {
		if i := slices.IndexFunc(rows, func(r R) bool { return l.ID(r) == after }); i >= 0 && i+1 < len(rows) {
			start = i + 1
		}
	}
	end := min(start+size, len(rows))
	t.From, t.To = start+1, end
	if end < len(rows) {
		t.Next = with(path, q, "after", l.ID(rows[end-1]))
	}
	switch {
	case start > size:
		t.Prev = with(path, q, "after", l.ID(rows[start-size-1]))
	case start > 0:
		t.Prev = with(path, q, "after", "")
	}
	for _, r := range rows[start:end] {
		row := rowView{ID: l.ID(r)}
		for i, col := range l.shown() {
			cl := col.Cell(r)
			cl.End = cl.End || col.End
			if i == 0 {
				row.Name = cl.Text
			}
			row.Cells = append(row.Cells, cl)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (l list[R]) head(label, key string, sortable, end bool, now, path string, q url.Values) headView {
	h := headView{Label: label, End: end}
	if !sortable {
		return h
	}
	next := key
	switch now {
	case key:
		h.Aria, h.Icon, next = "ascending", "chevron-up", "-"+key
	case "-" + key:
		h.Aria, h.Icon = "descending", "chevron-down"
	}
	q2 := url.Values{}
	for k, v := range q {
		if k != "after" {
			q2[k] = v
		}
	}
	h.Href = with(path, q2, "sort", next)
	return h
}

// with gives path with the query q in which key is value; "" takes it out.
func with(path string, q url.Values, key, value string) string {
	n := url.Values{}
	for k, v := range q {
		n[k] = v
	}
	n.Del(key)
	if value != "" {
		n.Set(key, value)
	}
	if len(n) == 0 {
		return path
	}
	return path + "?" + n.Encode()
}
