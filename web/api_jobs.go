package web

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/plumbline-net/plumbline/internal/jobs"
	"github.com/plumbline-net/plumbline/internal/jobs/schedule"
	"github.com/plumbline-net/plumbline/netdev"
)

const (
	put = http.MethodPut
	del = http.MethodDelete
)

// apiBatch is a group of jobs that were asked for together. total = waiting +
// retrying + running + done + failed + cancelled + skipped.
type apiBatch struct {
	ID        string                `json:"id"`
	What      string                `json:"what" doc:"backup, discovery or verify"`
	Title     string                `json:"title,omitempty"`
	By        string                `json:"by"`
	Schedule  string                `json:"schedule,omitempty"`
	RetryOf   string                `json:"retry_of,omitempty"`
	Created   time.Time             `json:"created"`
	Until     time.Time             `json:"until,omitzero" doc:"nothing of it starts from then on"`
	Began     time.Time             `json:"began,omitzero"`
	Ended     time.Time             `json:"ended,omitzero" doc:"there when it is over"`
	Total     int                   `json:"total"`
	Waiting   int                   `json:"waiting"`
	Retrying  int                   `json:"retrying" doc:"failed, and planned again"`
	Running   int                   `json:"running"`
	Done      int                   `json:"done"`
	Failed    int                   `json:"failed"`
	Cancelled int                   `json:"cancelled"`
	Skipped   int                   `json:"skipped"`
	Reasons   map[netdev.Reason]int `json:"reasons,omitempty" doc:"of the failed and skipped ones"`
	LeftMS    int64                 `json:"left_ms,omitempty" doc:"estimate at the rate so far"`
}

func newAPIBatch(b jobs.Batch, now time.Time) apiBatch {
	a := apiBatch{ID: b.ID, What: b.What, Title: b.Title, By: b.By, Schedule: b.Schedule, RetryOf: b.RetryOf, Created: b.Created.UTC(), Until: b.Until, Began: b.Began, Total: b.Total,
		Waiting: b.Waiting, Retrying: b.Retrying, Running: b.Running, Done: b.Done, Failed: b.Failed, Cancelled: b.Cancelled, Skipped: b.Skipped, Reasons: b.Reasons}
	if b.Finished() {
		a.Ended = b.Ended
	}
	if d, ok := b.Left(now); ok {
		a.LeftMS = d.Milliseconds()
	}
	return a
}

type jobsIn struct {
	Limit int    `query:"limit" minimum:"1" maximum:"250" default:"50"`
	After string `query:"after" maxLength:"64" doc:"the next of the page before"`
	What  string `query:"what" maxLength:"20" doc:"backup, discovery or verify"`
}

// pageOf is one page by keyset, without a total.
type pageOf[T any] struct {
	Items []T    `json:"items"`
	Next  string `json:"next,omitempty"`
}

// cutOff makes a page of rows of which one more than limit was asked for.
func cutOff[R, T any](rows []R, limit int, id func(R) string, of func(R) T) *out[pageOf[T]] {
	o := &out[pageOf[T]]{Body: pageOf[T]{Items: []T{}}}
	if len(rows) > limit {
		rows = rows[:limit]
		o.Body.Next = id(rows[limit-1])
	}
	for _, r := range rows {
		o.Body.Items = append(o.Body.Items, of(r))
	}
	return o
}

func (s *Server) apiJobs(ctx context.Context, in *jobsIn) (*out[pageOf[apiBatch]], error) {
	list, err := s.Jobs.Batches(ctx, jobs.BatchFilter{What: in.What, Before: in.After, Limit: in.Limit + 1})
	if err != nil {
		return nil, err
	}
	return cutOff(list, in.Limit, func(b jobs.Batch) string { return b.ID }, func(b jobs.Batch) apiBatch { return newAPIBatch(b, s.Now()) }), nil
}

func (s *Server) apiJob(ctx context.Context, in *byID) (*out[apiBatch], error) {
	b, err := s.Jobs.Batch(ctx, in.ID)
	return &out[apiBatch]{newAPIBatch(b, s.Now())}, err
}

// apiJobRow is one device of a batch.
type apiJobRow struct {
	ID      string          `json:"id"`
	Device  netdev.DeviceID `json:"device,omitempty"`
	Name    string          `json:"name,omitempty"`
	State   string          `json:"state" doc:"changed and unchanged for a backup that is done"`
	Reason  netdev.Reason   `json:"reason,omitempty"`
	Detail  string          `json:"detail,omitempty"`
	Tries   int             `json:"tries"`
	Due     time.Time       `json:"due,omitzero" doc:"of the next try"`
	Started time.Time       `json:"started,omitzero"`
	Ended   time.Time       `json:"ended,omitzero"`
}

type jobDevicesIn struct {
	ID     string `path:"id" maxLength:"64"`
	Limit  int    `query:"limit" minimum:"1" maximum:"250" default:"100"`
	After  string `query:"after" maxLength:"64" doc:"the next of the page before"`
	State  string `query:"state" maxLength:"20" doc:"waiting, running, done, failed, skipped or cancelled"`
	Reason string `query:"reason" maxLength:"40"`
}

func (s *Server) apiJobDevices(ctx context.Context, in *jobDevicesIn) (*out[pageOf[apiJobRow]], error) {
	if _, err := s.Jobs.Batch(ctx, in.ID); err != nil {
		return nil, err
	}
	f := jobs.Filter{Batch: in.ID, Before: in.After, Limit: in.Limit + 1}
	for _, st := range jobStates() {
		if st.word == in.State {
			f.States = st.states
		}
	}
	if in.Reason != "" {
		f.Reasons = []netdev.Reason{netdev.Reason(in.Reason)}
	}
	list, err := s.Jobs.Jobs(ctx, f)
	if err != nil {
		return nil, err
	}
	return cutOff(list, in.Limit, func(j jobs.Job) string { return j.ID }, func(j jobs.Job) apiJobRow {
		row := apiJobRow{ID: j.ID, Device: j.Device, Name: s.named(ctx, j).Name, State: wordOf(j), Reason: j.Reason, Detail: j.Detail, Tries: j.Attempt, Started: j.Started, Ended: j.Ended}
		if j.State == jobs.Planned {
			row.Due = j.NotBefore
		}
		return row
	}), nil
}

type tryIn struct {
	ID  string `path:"id" maxLength:"64"`
	Job string `path:"job" maxLength:"64"`
}

// apiTry is one attempt with its one outcome.
type apiTry struct {
	Try     int           `json:"try"`
	State   string        `json:"state"`
	Reason  netdev.Reason `json:"reason,omitempty"`
	Detail  string        `json:"detail,omitempty"`
	Started time.Time     `json:"started,omitzero"`
	Ended   time.Time     `json:"ended,omitzero"`
}

func (s *Server) apiTries(ctx context.Context, in *tryIn) (*out[[]apiTry], error) {
	j, err := s.Jobs.Job(ctx, in.Job)
	if err != nil || j.Batch != in.ID {
		return nil, errors.Join(err, jobs.ErrNoJob)
	}
	tries, err := s.Jobs.Tries(ctx, in.Job)
	rows := []apiTry{}
	for _, t := range tries {
		rows = append(rows, apiTry{t.Attempt, wordOf(jobs.Job{State: t.State, Detail: t.Detail}), t.Reason, t.Detail, t.Started, t.Ended})
	}
	return &out[[]apiTry]{rows}, err
}

func (s *Server) apiCancelJob(ctx context.Context, in *byID) (*out[map[string]int], error) {
	n, err := s.Jobs.CancelBatch(ctx, in.ID, userOf(ctx))
	return &out[map[string]int]{map[string]int{"cancelled": n}}, err
}

type retryIn struct {
	ID     string `path:"id" maxLength:"64"`
	Reason string `query:"reason" maxLength:"40" doc:"only what failed or was skipped for it"`
}

func (s *Server) apiRetryJob(ctx context.Context, in *retryIn) (*out[apiBatch], error) {
	made, err := s.retry(ctx, in.ID, userOf(ctx), netdev.Reason(in.Reason))
	if err != nil {
		return nil, err
	}
	return s.apiJob(ctx, &byID{made.ID})
}

// ScheduleBody is a schedule in the words of its form.
type ScheduleBody struct {
	Name      string   `json:"name" maxLength:"200"`
	What      string   `json:"what" enum:"backup,discovery,verify"`
	Choice    string   `json:"choice,omitempty" maxLength:"4000" doc:"filter words of a backup, ranges of a discovery; empty: every device"`
	Exclude   []string `json:"exclude,omitempty" maxItems:"1000" doc:"devices by id, name or address; ids in answers"`
	Cron      string   `json:"cron" maxLength:"200" doc:"five fields"`
	Zone      string   `json:"zone" maxLength:"100" doc:"IANA name"`
	Opens     string   `json:"opens,omitempty" doc:"HH:MM"`
	Closes    string   `json:"closes,omitempty" doc:"HH:MM; nothing new starts from then on"`
	Blackouts []string `json:"blackouts,omitempty" maxItems:"50"`
	Ramp      string   `json:"ramp,omitempty" doc:"a time such as 30m"`
	Enabled   bool     `json:"enabled"`
}

type apiScheduleOut struct {
	ID string `json:"id"`
	ScheduleBody
	Words string      `json:"words,omitempty"`
	Next  []time.Time `json:"next"`
	Fault string      `json:"fault,omitempty" doc:"why it cannot run"`
	Past  []apiFiring `json:"past"`
}

// apiFiring is what became of a planned time.
type apiFiring struct {
	Planned time.Time `json:"planned"`
	Outcome string    `json:"outcome" doc:"fired, late, missed, blackout or empty"`
	Job     string    `json:"job,omitempty"`
	Detail  string    `json:"detail,omitempty"`
}

func (s *Server) apiScheduleOf(ctx context.Context, sc schedule.Schedule) (apiScheduleOut, error) {
	f := formOf(sc, nil)
	o := apiScheduleOut{ID: sc.ID, Next: []time.Time{}, Past: []apiFiring{}, ScheduleBody: ScheduleBody{Name: sc.Name, What: string(sc.What), Choice: sc.Choice, Cron: sc.Cron, Zone: sc.Zone,
		Opens: sc.Opens, Closes: sc.Closes, Blackouts: sc.Blackouts, Ramp: f.Ramp, Enabled: sc.Enabled}}
	for _, id := range sc.Exclude {
		o.Exclude = append(o.Exclude, string(id))
	}
	p, err := schedule.Compile(sc)
	if err != nil {
		o.Fault = err.Error()
	} else {
		o.Words = p.Words()
		for _, n := range p.Upcoming(s.Now(), nextShown) {
			o.Next = append(o.Next, n.Planned)
		}
	}
	past, err := s.Jobs.Firings(ctx, sc.ID, pastShown)
	for _, f := range past {
		o.Past = append(o.Past, apiFiring{f.Planned, string(f.Outcome), f.Batch, f.Detail})
	}
	return o, err
}

func (s *Server) apiSchedules(ctx context.Context, _ *nothing) (*out[[]apiScheduleOut], error) {
	list, err := s.Jobs.Schedules(ctx)
	if err != nil {
		return nil, err
	}
	rows := []apiScheduleOut{}
	for _, sc := range list {
		row, err := s.apiScheduleOf(ctx, sc)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return &out[[]apiScheduleOut]{rows}, nil
}

func (s *Server) apiSchedule(ctx context.Context, in *byID) (*out[apiScheduleOut], error) {
	sc, err := s.Jobs.Schedule(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	o, err := s.apiScheduleOf(ctx, sc)
	return &out[apiScheduleOut]{o}, err
}

type addScheduleIn struct{ Body ScheduleBody }

type saveScheduleIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body ScheduleBody
}

func (s *Server) apiAddSchedule(ctx context.Context, in *addScheduleIn) (*out[apiScheduleOut], error) {
	return s.apiKeepSchedule(ctx, in.Body, schedule.Schedule{})
}

func (s *Server) apiSaveSchedule(ctx context.Context, in *saveScheduleIn) (*out[apiScheduleOut], error) {
	was, err := s.Jobs.Schedule(ctx, in.ID)
	if err != nil {
		return nil, err
	}
	return s.apiKeepSchedule(ctx, in.Body, was)
}

func (s *Server) apiKeepSchedule(ctx context.Context, b ScheduleBody, was schedule.Schedule) (*out[apiScheduleOut], error) {
	join := func(list []string) (text string) {
		for _, l := range list {
			text += l + "\n"
		}
		return text
	}
	sc, err := s.readSchedule(ctx, scheduleForm{Name: b.Name, What: b.What, Choice: b.Choice, Exclude: join(b.Exclude), Cron: b.Cron, Zone: b.Zone, Opens: b.Opens, Closes: b.Closes,
		Blackouts: join(b.Blackouts), Ramp: b.Ramp, Enabled: b.Enabled}, was)
	if err == nil {
		sc, err = s.Jobs.SaveSchedule(ctx, sc, userOf(ctx))
	}
	if fault, ok := errors.AsType[*schedule.FieldError](err); ok {
		return nil, huma.Error422UnprocessableEntity(visible(fault.Error()), &huma.ErrorDetail{Location: "body." + fault.Field, Message: visible(fault.Text)})
	}
	if err != nil {
		return nil, err
	}
	return s.apiSchedule(ctx, &byID{sc.ID})
}

func (s *Server) apiDeleteSchedule(ctx context.Context, in *byID) (*out[nothing], error) {
	return &out[nothing]{}, s.Jobs.DeleteSchedule(ctx, in.ID)
}

func (s *Server) apiRunSchedule(ctx context.Context, in *byID) (*out[map[string]string], error) {
	batch, err := s.runNow(ctx, in.ID, userOf(ctx))
	return &out[map[string]string]{map[string]string{"job": batch}}, err
}
