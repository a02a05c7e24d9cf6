package web

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
)

// writeCSV writes the rows as the page shows them: the header is the visible
// heads, byte for byte.
func writeCSV[R any](c echo.Context, l list[R], rows []R) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	var line []string
	for _, col := range l.shown() {
		line = append(line, col.Head)
	}
	if err := w.Write(line); err != nil {
		return err
	}
	for _, r := range rows {
		line = line[:0]
		for _, col := range l.shown() {
			line = append(line, neutral(col.Cell(r).plain()))
		}
		if err := w.Write(line); err != nil {
			return err
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	c.Response().Header().Set("Content-Disposition", `attachment; filename="plumbline-`+l.Name+`.csv"`)
	return c.Blob(http.StatusOK, "text/csv; charset=utf-8", b.Bytes())
}

// neutral keeps a spreadsheet from taking a cell for a formula (SECURITY E03).
func neutral(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}

// plain is the cell as text, with the exact time where there is one.
func (cl cell) plain() string {
	if cl.When != nil {
		if cl.When.Zero() {
			return cl.Text
		}
		return strings.TrimSpace(cl.Text + " " + cl.When.ISO())
	}
	parts := []string{cl.Text}
	for _, p := range []string{cl.Muted, cl.Plus, cl.Minus} {
		if p != "" {
			parts = append(parts, p)
		}
	}
	return strings.TrimSpace(strings.Join(parts, " "))
}

// writeJSON writes one object a row, keyed as the columns are.
func writeJSON[R any](c echo.Context, l list[R], rows []R) error {
	var b bytes.Buffer
	b.WriteString("[")
	for i, r := range rows {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString("\n{")
		for j, col := range l.shown() {
			if j > 0 {
				b.WriteString(", ")
			}
			cl := col.Cell(r)
			v := cl.Value
			switch {
			case v != nil:
			case cl.When != nil && cl.When.Zero():
			case cl.When != nil:
				v = cl.When.ISO()
			default:
				v = cl.plain()
			}
			kv, err := json.Marshal(v)
			if err != nil {
				return err
			}
			name, err := json.Marshal(col.Key)
			if err != nil {
				return err
			}
			b.Write(name)
			b.WriteString(": ")
			b.Write(kv)
		}
		b.WriteString("}")
	}
	b.WriteString("\n]\n")
	return c.Blob(http.StatusOK, "application/json", b.Bytes())
}
