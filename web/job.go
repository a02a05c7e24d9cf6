package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/auth"
	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

// jobView is one batch: counts, causes, devices.
type jobView struct {
	page
	ID                string
	By                string
	Created, Until    when
	Took, Left        string
	Going             bool
	Over, Total       int
	Figures           []figureView
	Bar               barView
	Causes            []jobCause
	Filters           []facetItem
	Table             tableView
	Retry             string // label of its button; "" where nothing can be taken up
	CanRun, CanCancel bool
	Run               string // the page of its discovery
	Schedule          string // the page of its schedule
	RetryOf           string
	Retries           []batchItem
	ShowDevices       bool
}

// jobCause is why jobs failed or were skipped, with the devices.
type jobCause struct {
	Tone, Icon, Title, Text string
	Reason                  netdev.Reason
	Devices                 []linkView
	More                    string // link to the rest
	MoreN, N                int
}

type linkView struct{ Text, Href string }

// jobRow is one job of a batch on a page.
type jobRow struct {
	jobs.Job
	Name string
}

// wordOf is the state of a job in the words of its page.
func wordOf(j jobs.Job) string {
	switch j.State {
	case jobs.Planned, jobs.Queued:
		if j.Reason != "" {
			return "waiting for try " + num(j.Attempt)
		}
		return "waiting"
	case jobs.Cancelling:
		return "asked to stop"
	case jobs.Dead:
		return "failed"
	case jobs.Done:
		if w := j.Detail; w == string(configstore.Changed) || w == string(configstore.UnchangedText) {
			return w
		}
	}
	return string(j.State)
}

func jobLook(s jobs.State) (tone, icon string) {
	switch s {
	case jobs.Done:
		return "t-ok", "circle-check"
	case jobs.Running, jobs.Cancelling:
		return "t-info", "running"
	case jobs.Failed, jobs.Dead:
		return "t-bad", "circle-x"
	case jobs.Skipped:
		return "t-warn", "dash"
	case jobs.Cancelled:
		return "t-idle", "ban"
	}
	return "t-idle", "clock"
}

// jobStates are the words by which the devices of a batch are narrowed down.
func jobStates() []struct {
	word   string
	states []jobs.State
} {
	return []struct {
		word   string
		states []jobs.State
	}{
		{"waiting", []jobs.State{jobs.Planned, jobs.Queued}}, {"running", []jobs.State{jobs.Running, jobs.Cancelling}}, {"done", []jobs.State{jobs.Done}},
		{"failed", []jobs.State{jobs.Failed, jobs.Dead}}, {"skipped", []jobs.State{jobs.Skipped}}, {"cancelled", []jobs.State{jobs.Cancelled}},
	}
}

// jobPage answers GET /jobs/{id}.
func (s *Server) jobPage(c echo.Context) error {
	ctx, now := c.Request().Context(), s.Now()
	b, err := s.Jobs.Batch(ctx, c.Param("id"))
	if err != nil {
		return err
	}
	unchanged, err := s.Jobs.CountDetail(ctx, b.ID, string(configstore.UnchangedText))
	if err != nil {
		return err
	}
	viewer := viewerOf(c)
	v := &jobView{page: page{Title: batchTitle(b), Area: "/jobs", Live: "job"}, ID: b.ID, By: said(b.By), Created: when{b.Created, now}, Until: when{b.Until, now},
		Took: tookWords(b, now), Going: !b.Finished(), Over: b.Over(), Total: b.Total, Bar: batchBar(b, unchanged),
		CanRun: viewer.Can(auth.JobRun), CanCancel: viewer.Can(auth.JobCancel), ShowDevices: b.What == string(schedule.Backup) || b.What == string(jobs.Check)}
	v.Figures = batchFigures(b, unchanged)
	v.Left = leftWords(b, now)
	if b.Failed > 0 {
		v.Retry = "Retry the " + num(b.Failed)
	}
	if err := s.jobLinks(ctx, v, b, now); err != nil {
		return err
	}
	if v.Causes, err = s.jobCauses(ctx, b); err != nil {
		return err
	}
	if err := s.jobTable(c, v, b); err != nil {
		return err
	}
	return s.render(c, http.StatusOK, "job", v)
}

func batchFigures(b jobs.Batch, unchanged int) []figureView {
	out := []figureView{{Label: map[bool]string{true: "devices", false: "jobs"}[b.What == string(schedule.Backup)], Value: num(b.Total)}}
	for _, f := range []struct {
		label string
		n     int
	}{{"waiting", b.Waiting}, {"to be tried again", b.Retrying}, {"running", b.Running}, {"changed", b.Done - unchanged}, {"unchanged", unchanged},
		{"failed", b.Failed}, {"skipped", b.Skipped}, {"cancelled", b.Cancelled}} {
		if f.n > 0 {
			if f.label == "changed" && b.What != string(schedule.Backup) {
				f.label = "done"
			}
			out = append(out, figureView{Label: f.label, Value: num(f.n)})
		}
	}
	return out
}

// leftWords is when a batch will be over, as far as that is known.
func leftWords(b jobs.Batch, now time.Time) string {
	if d, ok := b.Left(now); ok {
		return "about " + span(max(d, time.Second)) + " left at the rate so far"
	}
	if b.Waiting+b.Running == 0 && b.Retrying > 0 {
		return num(b.Retrying) + " wait for their next try"
	}
	return ""
}

// jobLinks finds what a batch belongs to.
func (s *Server) jobLinks(ctx context.Context, v *jobView, b jobs.Batch, now time.Time) error {
	if b.What == string(schedule.Discovery) {
		if _, err := s.Inventory.Run(ctx, discovery.RunID(b.ID)); err == nil {
			v.Run = "/discovery/" + segment(b.ID)
		}
	}
	if b.Schedule != "" {
		if _, err := s.Jobs.Schedule(ctx, b.Schedule); err == nil {
			v.Schedule = scheduleHref(b.Schedule)
		} else if !errors.Is(err, schedule.ErrNone) {
			return err
		}
	}
	if b.RetryOf != "" {
		v.RetryOf = batchHref(b.RetryOf)
	}
	again, err := s.Jobs.Batches(ctx, jobs.BatchFilter{RetryOf: b.ID, Limit: 5})
	for _, r := range again {
		v.Retries = append(v.Retries, newBatchItem(r, now))
	}
	return err
}

const chipsShown = 24

// jobCauses groups what failed and what was skipped by its reason, the most
// frequent first.
func (s *Server) jobCauses(ctx context.Context, b jobs.Batch) ([]jobCause, error) {
	counts := map[string]int{}
	for r, n := range b.Reasons {
		counts[string(r)] += n
	}
	var out []jobCause
	for _, k := range byCount(counts) {
		reason := netdev.Reason(k)
		list, err := s.Jobs.Jobs(ctx, jobs.Filter{Batch: b.ID, States: []jobs.State{jobs.Failed, jobs.Dead, jobs.Skipped}, Reasons: []netdev.Reason{reason}, Limit: chipsShown})
		if err != nil {
			return nil, err
		}
		cause := jobCause{Reason: reason, N: counts[k], Text: adviceOn(reason)}
		var words string
		cause.Tone, cause.Icon, words = reasonLook(reason)
		cause.Title = capital(words) + ", " + num(cause.N)
		if len(list) > 0 && list[0].Detail != "" && cause.Text == "" {
			cause.Text = capital(said(list[0].Detail)) + "."
		}
		for _, j := range list {
			if row := s.named(ctx, j); j.Device != "" {
				cause.Devices = append(cause.Devices, linkView{orDash(said(row.Name)), tryHref(j)})
			}
		}
		if cause.MoreN = cause.N - len(list); cause.MoreN > 0 {
			cause.More = with(batchHref(b.ID), nil, "reason", k) + "#devices"
		}
		out = append(out, cause)
	}
	return out, nil
}

func capital(s string) string {
	_, n := utf8.DecodeRuneInString(s)
	return strings.ToUpper(s[:n]) + s[n:]
}

// adviceOn says what a reason means for who reads it; "" where the detail of
// the device says more.
func adviceOn(r netdev.Reason) string {
	switch r {
	case netdev.AuthFailed, netdev.PasswordExpired:
		return "The devices refused the credential. It is not tried again by itself: put the credential right, then retry."
	case netdev.LockoutGuard:
		return "Two logins failed within an hour, or the credential is paused: nothing was sent, so that no account is locked. It ends by itself, or when the credential is changed."
	case netdev.NoCredential:
		return "No credential is meant for these devices."
	case netdev.OutOfScope:
		return "No credential may be sent to these addresses: their scopes do not hold them."
	case netdev.HostKeyChanged:
		return "The devices show another key than the one that is pinned. Nothing was sent."
	case netdev.WindowClosed:
		return "There was no time left in the window of the schedule. Make the window longer or the number of workers larger."
	case netdev.Unreachable, netdev.Timeout:
		return "No answer, in up to four tries over half an hour."
	case netdev.Truncated, netdev.NoEndMarker, netdev.TooSmall:
		return "What came is not the whole configuration and was not stored. The last good one is still the newest."
	}
	return ""
}

// named finds the name of a job's device; one that is gone has its id.
func (s *Server) named(ctx context.Context, j jobs.Job) jobRow {
	row := jobRow{Job: j, Name: string(j.Device)}
	if j.Device == "" {
		row.Name = string(j.Kind)
	} else if d, err := s.Inventory.Device(ctx, j.Device); err == nil {
		row.Name = d.Name
		if d.Name == "" {
			row.Name = d.Address.String()
		}
	}
	return row
}

func tryHref(j jobs.Job) string { return batchHref(j.Batch) + "/" + segment(j.ID) }

// jobTable is one page of the devices of a batch.
func (s *Server) jobTable(c echo.Context, v *jobView, b jobs.Batch) error {
	ctx := c.Request().Context()
	f := jobs.Filter{Batch: b.ID, Before: c.QueryParam("before"), Limit: pageRows + 1}
	total, state, reason := b.Total, c.QueryParam("state"), netdev.Reason(c.QueryParam("reason"))
	n := map[string]int{"waiting": b.Waiting + b.Retrying, "running": b.Running, "done": b.Done, "failed": b.Failed, "skipped": b.Skipped, "cancelled": b.Cancelled}
	for _, st := range jobStates() {
		on := st.word == state
		if on {
			f.States, total = st.states, n[st.word]
		}
		if on || n[st.word] > 0 {
			v.Filters = append(v.Filters, facetItem{Label: st.word, Count: n[st.word], On: on, Href: with(batchHref(b.ID), nil, "state", map[bool]string{false: st.word}[on])})
		}
	}
	if reason != "" && b.Reasons[reason] > 0 {
		f.States, f.Reasons, total = []jobs.State{jobs.Failed, jobs.Dead, jobs.Skipped}, []netdev.Reason{reason}, b.Reasons[reason]
		v.Filters = append(v.Filters, facetItem{Label: string(reason), Count: total, On: true, Href: batchHref(b.ID)})
	}
	list, err := s.Jobs.Jobs(ctx, f)
	if err != nil {
		return err
	}
	next := ""
	if len(list) > pageRows {
		list = list[:pageRows]
		next = with(batchHref(b.ID), c.QueryParams(), "before", list[pageRows-1].ID)
	}
	rows := make([]jobRow, len(list))
	for i, j := range list {
		rows[i] = s.named(ctx, j)
	}
	l := jobList(rows, s.Now())
	v.Table = l.view(c, rows, "")
	v.Table.Next, v.Table.Prev, v.Table.Total = next, "", total
	if f.Before != "" {
		// Pages go forward only: the way back is to the first.
		v.Table.Prev = with(batchHref(b.ID), c.QueryParams(), "before", "")
		v.Table.From, v.Table.To = 0, 0
	}
	return nil
}

func jobList(rows []jobRow, now time.Time) list[jobRow] {
	return list[jobRow]{
		Name: "job", Caption: "Devices of this job", Rows: rows, ID: func(r jobRow) string { return r.ID },
		Empty: empty{Icon: "jobs", Title: "Nothing here", Text: "No part of this job stands so."},
		Columns: []column[jobRow]{
			{Key: "device", Head: "Device", Cell: func(r jobRow) cell { return cell{Text: said(r.Name), Href: tryHref(r.Job)} }},
			{Key: "state", Head: "State", Cell: func(r jobRow) cell {
				tone, icon := jobLook(r.State)
				return cell{Text: said(wordOf(r.Job)), Tone: tone, Icon: icon, Pill: true}
			}},
			{Key: "reason", Head: "Reason", Cell: func(r jobRow) cell { return cell{Text: orDash(said(string(r.Reason))), Mono: true} }},
			{Key: "detail", Head: "What happened", Cell: func(r jobRow) cell {
				if wordOf(r.Job) == r.Detail {
					return cell{Text: "–", Soft: true}
				}
				return cell{Text: orDash(said(r.Detail)), Soft: true, Cut: true}
			}},
			{Key: "tries", Head: "Tries", End: true, Cell: func(r jobRow) cell { return cell{Text: num(r.Attempt), Soft: true, Value: r.Attempt} }},
			{Key: "ended", Head: "Ended", End: true, Cell: func(r jobRow) cell {
				if r.State == jobs.Planned && r.NotBefore.After(now) {
					return cell{Text: "due", When: &when{r.NotBefore, now}, Soft: true}
				}
				return cell{When: &when{r.Ended, now}, Soft: true}
			}},
		},
	}
}

// triesView is one job of a batch: each attempt with its one outcome.
type triesView struct {
	page
	Batch                         linkView
	Device                        linkView
	Tone, Icon, State, By, Detail string
	Reason                        netdev.Reason
	Table                         tableView
}

// triesPage answers GET /jobs/{id}/{job}.
func (s *Server) triesPage(c echo.Context) error {
	ctx, now := c.Request().Context(), s.Now()
	j, err := s.Jobs.Job(ctx, c.Param("job"))
	if err != nil || j.Batch != c.Param("id") {
		return errors.Join(err, jobs.ErrNoJob)
	}
	b, err := s.Jobs.Batch(ctx, j.Batch)
	if err != nil {
		return err
	}
	tries, err := s.Jobs.Tries(ctx, j.ID)
	if err != nil {
		return err
	}
	row := s.named(ctx, j)
	v := &triesView{page: page{Title: said(row.Name) + " in " + batchTitle(b), Area: "/jobs", Live: "job"}, Batch: linkView{batchTitle(b), batchHref(b.ID)},
		Device: linkView{Text: said(row.Name)}, State: wordOf(j), By: said(j.By), Reason: j.Reason, Detail: said(j.Detail)}
	v.Tone, v.Icon = jobLook(j.State)
	if v.Detail == v.State {
		v.Detail = ""
	}
	if j.Device != "" {
		v.Device.Href = deviceHref(j.Device, "configs")
	}
	l := list[jobs.Try]{
		Name: "tries", Caption: "Tries, each with its outcome", Rows: tries, ID: func(t jobs.Try) string { return num(t.Attempt) },
		Empty: empty{Icon: "clock", Title: "Not tried yet", Text: "It waits for its turn."},
		Columns: []column[jobs.Try]{
			{Key: "try", Head: "Try", Cell: func(t jobs.Try) cell { return cell{Text: num(t.Attempt)} }},
			{Key: "outcome", Head: "Outcome", Cell: func(t jobs.Try) cell {
				tone, icon := jobLook(t.State)
				return cell{Text: wordOf(jobs.Job{State: t.State, Detail: t.Detail}), Tone: tone, Icon: icon, Pill: true}
			}},
			{Key: "reason", Head: "Reason", Cell: func(t jobs.Try) cell { return cell{Text: orDash(said(string(t.Reason))), Mono: true} }},
			{Key: "detail", Head: "What happened", Cell: func(t jobs.Try) cell { return cell{Text: orDash(said(t.Detail)), Soft: true} }},
			{Key: "started", Head: "Began", End: true, Cell: func(t jobs.Try) cell { return cell{When: &when{t.Started, now}, Soft: true} }},
			{Key: "ended", Head: "Ended", End: true, Cell: func(t jobs.Try) cell { return cell{When: &when{t.Ended, now}, Soft: true} }},
		},
	}
	v.Table = l.view(c, tries, "")
	return s.render(c, http.StatusOK, "tries", v)
}

// cancelJob answers POST /jobs/{id}/cancel.
func (s *Server) cancelJob(c echo.Context) error {
	if _, err := s.Jobs.CancelBatch(c.Request().Context(), c.Param("id"), viewerOf(c).User); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchHref(c.Param("id")))
}

// retryJob answers POST /jobs/{id}/retry: exactly what failed, in a new batch.
func (s *Server) retryJob(c echo.Context) error {
	made, err := s.retry(c.Request().Context(), c.Param("id"), viewerOf(c).User, netdev.Reason(c.FormValue("reason")))
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, batchHref(made.ID))
}

func (s *Server) retry(ctx context.Context, id, by string, reason netdev.Reason) (jobs.Batch, error) {
	made, planned, _, err := s.Jobs.RetryBatch(ctx, id, by, reason)
	if err == nil && planned == 0 {
		err = echo.NewHTTPError(http.StatusConflict, "Nothing of this job failed.")
	}
	return made, err
}
