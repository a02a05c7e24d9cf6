package jobs

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// What a caller may branch on.
var (
	ErrNoJob = errors.New("no such job")
	// ErrSuperseded is returned to a worker whose job was taken over, cancelled
	// or finished: nothing of its result may be stored.
	ErrSuperseded = errors.New("superseded: the job is not this worker's any more")
	// ErrDuplicate is returned by Rows for a second unfinished job of one
	// device and class.
	ErrDuplicate = errors.New("the device has an unfinished job of that class")
)

// BusyError says that a device has an unfinished job of the class already.
type BusyError struct{ Job Job }

// Error names the job.
func (e *BusyError) Error() string {
	return fmt.Sprintf("device %s is busy: job %s (%s) is %s", e.Job.Device, e.Job.ID, e.Job.Kind, e.Job.State)
}

// Kind is what is to be done.
type Kind string

// The kinds of work.
const (
	Sweep   Kind = "sweep"
	Walk    Kind = "walk"
	Pull    Kind = "pull"
	Capture Kind = "capture"
	Check   Kind = "check"
	Report  Kind = "report"
	Notify  Kind = "notify"
	Verify  Kind = "verify"
)

// Class is what of a device the work occupies: at most one unfinished job of a
// class a device.
type Class string

// The classes.
const (
	CLI   Class = "cli"
	SNMP  Class = "snmp"
	Local Class = "local"
)

// Priority orders work within a site.
type Priority string

// The priorities: a person waits, the schedule, what may wait.
const (
	High   Priority = "high"
	Normal Priority = "normal"
	Low    Priority = "low"
)

func priorities() []Priority { return []Priority{High, Normal, Low} }

// State is where a job is.
type State string

// The states. Planned has a row and no message yet; cancelling runs and was
// asked to stop; dead took its worker down three times.
const (
	Planned    State = "planned"
	Queued     State = "queued"
	Running    State = "running"
	Cancelling State = "cancelling"
	Done       State = "done"
	Failed     State = "failed"
	Cancelled  State = "cancelled"
	Dead       State = "dead"
	Skipped    State = "skipped" // the device was not touched: its window closed, or another rule forbade it
)

// Finished says whether a state is an end.
func (s State) Finished() bool { return slices.Contains(FinishedStates(), s) }

// FinishedStates lists the ends.
func FinishedStates() []State { return []State{Done, Failed, Cancelled, Dead, Skipped} }

// Job is one piece of work.
type Job struct {
	ID       string // ULID
	Batch    string // the group it belongs to; "" for none
	Kind     Kind
	Class    Class
	Device   netdev.DeviceID // "" for work on no device
	Site     string          // [a-z0-9-]{1,32}; default "default"
	Priority Priority        // default normal
	By       string          // user, "schedule", "demo" …
	Params   []byte          // JSON for the handler; never a secret

	State     State
	NotBefore time.Time
	NotAfter  time.Time // no attempt starts from then on; zero for no end
	Attempt   int       // 1…; a retry is a new attempt
	Delivered int       // how often this attempt was started
	Fence     int64     // of the last start
	Worker    string
	Heartbeat time.Time
	Reason    netdev.Reason // why the last attempt failed
	Detail    string
	Created   time.Time
	Started   time.Time // of the last attempt
	Ended     time.Time
}

// Try is what became of one attempt. Started is zero where it never began.
type Try struct {
	Job     string
	Attempt int
	Fence   int64
	Worker  string
	Started time.Time
	Ended   time.Time
	State   State // running while it runs
	Reason  netdev.Reason
	Detail  string
}

// Lease is one attempt in the hands of one worker.
type Lease struct {
	Job     string
	Attempt int
	Fence   int64 // of the device for class cli, of the job for others
	Worker  string
	Kind    Kind
	Class   Class
	Device  netdev.DeviceID
	Site    string
	Batch   string
	By      string
	Params  []byte
}

// Outcome is how an attempt ended: Done, Failed or Skipped with its reason, or
// Cancelled.
type Outcome struct {
	State  State
	Reason netdev.Reason
	Detail string
	Again  bool // a fault of ours that passes: a failure is tried again whatever its reason
}

// OutcomeOf is Done for nil, else Failed with the error's reason.
func OutcomeOf(err error) Outcome {
	if err == nil {
		return Outcome{State: Done}
	}
	o := Outcome{State: Failed, Reason: netdev.ReasonOf(err), Detail: err.Error()}
	if o.Reason == netdev.Cancelled {
		o.State = Cancelled
	}
	return o
}

const maxDetail = 1000

const defaultSite = "default"

// complete fills what a caller left out and refuses what cannot be queued.
func (j *Job) complete() error {
	if j.Site == "" {
		j.Site = defaultSite
	}
	if j.Priority == "" {
		j.Priority = Normal
	}
	if j.Class == "" {
		j.Class = Local
	}
	if !regexp.MustCompile(`^[a-z0-9-]{1,32}$`).MatchString(j.Site) {
		return fmt.Errorf("site %.40q: 1 to 32 of a-z, 0-9 and -", j.Site)
	}
	if !regexp.MustCompile(`^[a-z]{1,16}$`).MatchString(string(j.Kind)) {
		return fmt.Errorf("job kind %.40q is not a word", j.Kind)
	}
	if j.Priority != High && j.Priority != Normal && j.Priority != Low {
		return fmt.Errorf("priority %.40q is not high, normal or low", j.Priority)
	}
	if j.Class != CLI && j.Class != SNMP && j.Class != Local {
		return fmt.Errorf("class %.40q is not cli, snmp or local", j.Class)
	}
	if j.Class != Local && j.Device == "" {
		return fmt.Errorf("a job of class %s is for a device", j.Class)
	}
	return nil
}
