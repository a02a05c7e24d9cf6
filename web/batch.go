package web

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"
)

// batchView is a set of backups that were asked for together.
type batchView struct {
	page
	By      string
	Started when
	Done    int
	Total   int
	Figures []figureView
	Table   tableView
	Going   bool // not over yet
}

// batchPage answers GET /jobs/{id}.
func (s *Server) batchPage(c echo.Context) error {
	b, err := s.Runner.Batch(c.Request().Context(), c.Param("id"))
	if err != nil {
		return err
	}
	now := s.Now()
	v := &batchView{page: page{Title: "Backup of " + plural(b.Total, "device", "devices"), Area: "/devices", Live: "job"}, By: said(b.By), Started: when{b.Started, now}, Done: b.Done(), Total: b.Total}
	v.Going = v.Done < v.Total
	counts := map[string]int{}
	for _, r := range b.Rows {
		counts[r.State]++
	}
	for _, k := range []string{"waiting", "running", "stored", "unchanged", "failed", "cancelled"} {
		if counts[k] > 0 {
			v.Figures = append(v.Figures, figureView{Label: k, Value: num(counts[k])})
		}
	}
	l := batchList(b.Rows, now)
	rows, key := l.sorted("")
	v.Table = l.view(c, rows, key)
	return s.render(c, http.StatusOK, "batch", v)
}

func batchLook(state string) (tone, icon string) {
	switch state {
	case "stored", "unchanged":
		return "t-ok", "circle-check"
	case "running":
		return "t-info", "running"
	case "failed":
		return "t-bad", "circle-x"
	}
	return "t-idle", "clock"
}

func batchList(rows []BatchRow, now time.Time) list[BatchRow] {
	return list[BatchRow]{
		Name: "backup", Caption: "Devices of this backup", Rows: rows, ID: func(r BatchRow) string { return string(r.Device) },
		Empty: empty{Icon: "archive", Title: "No device", Text: "This backup was asked for no device."},
		Columns: []column[BatchRow]{
			{Key: "device", Head: "Device", Cell: func(r BatchRow) cell { return cell{Text: said(r.Name), Href: deviceHref(r.Device, "configs")} }},
			{Key: "state", Head: "State", Cell: func(r BatchRow) cell {
				tone, icon := batchLook(r.State)
				return cell{Text: said(r.State), Tone: tone, Icon: icon, Pill: true}
			}},
			{Key: "reason", Head: "Reason", Cell: func(r BatchRow) cell { return cell{Text: orDash(said(string(r.Reason))), Mono: true} }},
			{Key: "detail", Head: "What happened", Cell: func(r BatchRow) cell { return cell{Text: orDash(said(r.Detail)), Soft: true, Cut: true} }},
			{Key: "ended", Head: "Ended", End: true, Cell: func(r BatchRow) cell { return cell{When: &when{r.Ended, now}, Soft: true} }},
		},
	}
}
