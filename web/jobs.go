package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/labstack/echo/v4"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

// Jobs is what pages see and do of jobs and schedules.
type Jobs interface {
	// Batches lists groups of jobs with their counts, the newest first.
	Batches(ctx context.Context, f jobs.BatchFilter) ([]jobs.Batch, error)
	Batch(ctx context.Context, id string) (jobs.Batch, error) // jobs.ErrNoJob
	// CountDetail counts the done jobs of a batch that ended with a word.
	CountDetail(ctx context.Context, batch, detail string) (int, error)
	Jobs(ctx context.Context, f jobs.Filter) ([]jobs.Job, error)
	Job(ctx context.Context, id string) (jobs.Job, error) // jobs.ErrNoJob
	Tries(ctx context.Context, job string) ([]jobs.Try, error)
	CancelBatch(ctx context.Context, id, by string) (n int, err error)
	// RetryBatch takes up the failed jobs of a batch; with a reason what failed
	// or was skipped for it. Nothing planned: there was none.
	RetryBatch(ctx context.Context, id, by string, reason netdev.Reason) (made jobs.Batch, planned, busy int, err error)

	Schedules(ctx context.Context) ([]schedule.Schedule, error)
	Schedule(ctx context.Context, id string) (schedule.Schedule, error) // schedule.ErrNone
	// SaveSchedule keeps one; without an id it is new. *schedule.FieldError
	// names the entry that cannot be taken.
	SaveSchedule(ctx context.Context, s schedule.Schedule, by string) (schedule.Schedule, error)
	DeleteSchedule(ctx context.Context, id string) error
	// RunNow starts what a schedule is there for; no batch: nothing is meant.
	RunNow(ctx context.Context, id, by string) (batch string, err error)
	Firings(ctx context.Context, id string, limit int) ([]jobs.Firing, error)
}

// Logins tells at which devices the guard against locked accounts lets nobody
// log in, and until when.
type Logins interface {
	PausedDevices(ctx context.Context) (map[netdev.DeviceID]time.Time, error)
}

// jobsView is the list of what was asked for.
type jobsView struct {
	page
	Sub     string
	Filters []facetItem
	Rows    []batchItem
	Next    string
	First   string // the newest ones, where this page is not theirs
	Empty   *empty
}

// batchItem is one line of the list.
type batchItem struct {
	Href, Title, By, State string
	Tone, Icon, Class      string
	When                   when
	Took                   string
	Over, Total            int
	Going                  bool
	Bar                    barView
}

const batchesShown = 50

// jobsPage answers GET /jobs.
func (s *Server) jobsPage(c echo.Context) error {
	ctx, now := c.Request().Context(), s.Now()
	f := jobs.BatchFilter{What: c.QueryParam("what"), Before: c.QueryParam("before"), Limit: batchesShown + 1}
	if !slices.Contains(schedule.Whats(), schedule.What(f.What)) {
		f.What = ""
	}
	list, err := s.Jobs.Batches(ctx, f)
	if err != nil {
		return err
	}
	v := &jobsView{page: page{Title: "Jobs", Area: "/jobs", Live: "job"}}
	q := c.QueryParams()
	if len(list) > batchesShown {
		list = list[:batchesShown]
		v.Next = with("/jobs", q, "before", list[batchesShown-1].ID)
	}
	if f.Before != "" {
		v.First = with("/jobs", q, "before", "")
	}
	for _, w := range schedule.Whats() {
		on := f.What == string(w)
		v.Filters = append(v.Filters, facetItem{Label: string(w), On: on, Href: with("/jobs", nil, "what", map[bool]string{false: string(w)}[on])})
	}
	running, waiting := 0, 0
	for _, b := range list {
		switch {
		case b.Running > 0:
			running++
		case !b.Finished():
			waiting++
		}
		v.Rows = append(v.Rows, newBatchItem(b, now))
	}
	v.Sub = num(running) + " running, " + num(waiting) + " waiting"
	if len(list) == 0 {
		v.Empty = &empty{Icon: "jobs", Title: "Nothing was asked for yet", Text: "A backup begins on the page of a device, in the inventory, or by a schedule.", Href: "/schedules", Action: "Schedules"}
	}
	return s.render(c, http.StatusOK, "jobs", v)
}

func newBatchItem(b jobs.Batch, now time.Time) batchItem {
	v := batchItem{Href: batchHref(b.ID), Title: batchTitle(b), By: said(b.By), When: when{b.Created, now}, Over: b.Over(), Total: b.Total, Going: !b.Finished()}
	v.Tone, v.Icon, v.Class, v.State = batchLook(b)
	v.Took = tookWords(b, now)
	v.Bar = batchBar(b, 0)
	return v
}

func batchHref(id string) string { return "/jobs/" + segment(id) }

// batchTitle is what a batch is called: "Backup: Nightly backup".
func batchTitle(b jobs.Batch) string {
	what := capital(said(b.What))
	if b.Title != "" {
		return what + ": " + said(b.Title)
	}
	return what + " of " + plural(b.Total, "device", "devices")
}

// batchLook says how a batch stands by tone, glyph, class of the words, and
// words.
func batchLook(b jobs.Batch) (tone, icon, class, words string) {
	of := " of " + num(b.Total)
	switch {
	case b.Running > 0:
		return "t-info", "running", "", num(b.Over()) + of
	case b.Waiting > 0:
		return "t-idle", "clock", "soft", "waiting"
	case b.Retrying > 0:
		return "t-idle", "clock", "soft", num(b.Retrying) + of + " to be tried again"
	case b.Failed > 0:
		return "t-warn", "warn", "warn-text", num(b.Failed) + of + " failed"
	case b.Skipped > 0:
		return "t-warn", "warn", "warn-text", num(b.Skipped) + of + " skipped"
	case b.Cancelled > 0:
		return "t-idle", "ban", "soft", num(b.Cancelled) + of + " cancelled"
	case b.Total == 0:
		return "t-idle", "dash", "soft", "nothing to do"
	}
	return "t-ok", "circle-check", "soft", "all done"
}

// tookWords is how long a batch took, or takes already.
func tookWords(b jobs.Batch, now time.Time) string {
	switch {
	case b.Began.IsZero():
		return ""
	case b.Finished():
		return span(max(b.Ended.Sub(b.Began), 0))
	}
	return span(max(now.Sub(b.Began), 0)) + " so far"
}

// batchBar draws the counts of a batch side by side; unchanged is how many of
// the done ones brought nothing new.
func batchBar(b jobs.Batch, unchanged int) barView {
	name := num(b.Done) + " done"
	if unchanged > 0 {
		name = num(b.Done-unchanged) + " changed, " + num(unchanged) + " unchanged"
	}
	name += ", " + num(b.Failed) + " failed, " + num(b.Skipped) + " skipped, " + num(b.Cancelled) + " cancelled, " + num(b.Total-b.Over()) + " to come"
	done := part{b.Done - unchanged, "f-accent", false}
	if unchanged == 0 {
		done.class = "f-ok"
	}
	return bar(name, done, part{unchanged, "f-ok", false}, part{b.Failed, "", true}, part{b.Skipped, "f-waived", false}, part{b.Cancelled, "f-idle", false}, part{b.Total - b.Over(), "f-sunken", false})
}

// pausedLogins gives the devices at which nobody may log in now.
func (s *Server) pausedLogins(ctx context.Context) (map[netdev.DeviceID]time.Time, error) {
	if s.Logins == nil {
		return nil, nil
	}
	return s.Logins.PausedDevices(ctx)
}

// pausedWords tells of a pause of a device's login; "" where there is none.
func pausedWords(r deviceRow, now time.Time) string {
	if !r.Paused.After(now) {
		return ""
	}
	return "login paused until " + when{r.Paused, now}.Short() + " UTC"
}
