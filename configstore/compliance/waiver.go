package compliance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Waiver lets a rule fail on one device, or on all, for a while: the verdict is
// then waived, and never pass. It always ends.
type Waiver struct {
	ID        string    `yaml:"id" json:"id"`
	Rule      string    `yaml:"rule" json:"rule"`
	Device    string    `yaml:"device" json:"device,omitempty"` // id or name of the device, or a file's; "": all
	Reason    string    `yaml:"reason" json:"reason"`
	Requester string    `yaml:"requester" json:"requester,omitempty"`
	Approver  string    `yaml:"approver" json:"approver"`
	Ticket    string    `yaml:"ticket" json:"ticket,omitempty"`
	Created   time.Time `yaml:"created" json:"created"`
	Expires   time.Time `yaml:"expires" json:"expires"`
	Revoked   time.Time `yaml:"-" json:"revoked,omitzero"`
	RevokedBy string    `yaml:"-" json:"revoked_by,omitempty"`
}

const (
	minReason  = 10 // characters
	longestFor = 366 * 24 * time.Hour
)

// Check says what is wrong with a waiver, naming the field; from is when it
// starts.
func (w Waiver) Check(from time.Time) error {
	switch {
	case w.Rule == "":
		return fmt.Errorf("rule: missing")
	case len([]rune(strings.TrimSpace(w.Reason))) < minReason:
		return fmt.Errorf("reason: at least %d characters", minReason)
	case strings.TrimSpace(w.Approver) == "":
		return fmt.Errorf("approver: missing")
	case w.Expires.IsZero():
		return fmt.Errorf("expires: missing: no waiver is for ever")
	case !w.Expires.After(from):
		return fmt.Errorf("expires: %s is not after the day it starts", w.Expires.Format(time.DateOnly))
	case w.Expires.Sub(from) > longestFor:
		return fmt.Errorf("expires: at most a year from now")
	}
	return nil
}

// Active says whether the waiver holds at a time.
func (w Waiver) Active(at time.Time) bool {
	return w.Revoked.IsZero() && at.Before(w.Expires) && !at.Before(w.Created)
}

// WaiverRef is what a waived result says of its waiver.
type WaiverRef struct {
	ID      string    `json:"id"`
	Reason  string    `json:"reason"`
	Expires time.Time `json:"expires"`
}

// Waive turns failures into waived, and what was waived back into failures,
// by the waivers that hold at a time. subject is all names of what was judged.
func Waive(results []Result, waivers []Waiver, at time.Time, subject ...string) {
	for i := range results {
		r := &results[i]
		if r.Verdict != Fail && r.Verdict != Waived {
			continue
		}
		r.Verdict, r.Waiver = Fail, nil
		for _, w := range waivers {
			if w.Rule == r.Rule && w.Active(at) && (w.Device == "" || slices.Contains(subject, w.Device)) {
				r.Verdict, r.Waiver = Waived, &WaiverRef{ID: w.ID, Reason: w.Reason, Expires: w.Expires}
				break
			}
		}
	}
}

// LoadWaivers reads a file of waivers, a list under "waivers". One that does
// not hold up is an error that names it.
func LoadWaivers(name string, b []byte) ([]Waiver, error) {
	var f struct {
		Waivers []Waiver `yaml:"waivers"`
	}
	if err := yaml.UnmarshalWithOptions(b, &f, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	for i := range f.Waivers {
		w := &f.Waivers[i]
		if w.ID == "" {
			w.ID = fmt.Sprintf("%s:%d", name, i+1)
		}
		if w.Created.IsZero() {
			return nil, fmt.Errorf("%s: waiver %d: created: missing", name, i+1)
		}
		if err := w.Check(w.Created); err != nil {
			return nil, fmt.Errorf("%s: waiver %d: %w", name, i+1, err)
		}
	}
	return f.Waivers, nil
}
