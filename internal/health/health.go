// Package health judges how the appliance itself fares: facts in, lines for
// people out. It refuses to measure anything.
package health

import (
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// Kinds of self-check.
const (
	StoreCheck  = "store"  // every text was read back
	AuditCheck  = "audit"  // the chain was computed anew
	AnchorCheck = "anchor" // the end of the chain was written to the log
)

// SelfCheck is the newest check of a kind.
type SelfCheck struct {
	Kind   string    `json:"-"`
	At     time.Time `json:"at"`
	Seen   int64     `json:"seen"` // revisions, or audit records
	Faults int64     `json:"faults"`
	Detail string    `json:"detail,omitempty"` // the first fault
}

// Status is what was measured.
type Status struct {
	Now       time.Time            `json:"time"`
	Version   string               `json:"version,omitempty"`
	Pulse     time.Time            `json:"pulse,omitzero"` // when a server last wrote that it lives
	Outage    *Outage              `json:"outage,omitempty"`
	Night     Night                `json:"night"`
	Texts     Texts                `json:"configurations"`
	Queue     Queue                `json:"queue"`
	Disk      Disk                 `json:"disk"`
	Checks    map[string]SelfCheck `json:"self_checks"`
	Records   int64                `json:"audit_records"`
	Revisions int                  `json:"revisions"`
	Files     []string             `json:"file_faults"` // who else may read what, one line each
	Key       string               `json:"master_key"`  // where it lies; never what it is
	KeyInside bool                 `json:"master_key_in_data_directory"`
}

// Outage says why the store cannot be written.
type Outage struct {
	Kind  string    `json:"kind"` // full read-only disk busy
	Text  string    `json:"text"`
	Since time.Time `json:"since"`
}

// Night counts how the newest attempts of the last 24 hours ended, one a
// device.
type Night struct {
	Changed   int                   `json:"changed"`
	Unchanged int                   `json:"unchanged"`
	Failed    int                   `json:"failed"`
	Reasons   map[netdev.Reason]int `json:"reasons,omitempty"`
}

// Texts counts devices by how far their running configuration can be believed.
type Texts struct {
	Devices int `json:"devices"`
	Fresh   int `json:"fresh"`
	Stale   int `json:"stale"`
	Never   int `json:"never"`
}

// Queue is what waits and what runs.
type Queue struct {
	Waiting int       `json:"waiting"`
	Running int       `json:"running"`
	Silent  int       `json:"silent"`          // running without a sign of life
	Oldest  time.Time `json:"oldest,omitzero"` // since when the longest waiting one could have begun
}

// Disk is the room there is. DaysLeft is -1 where it cannot be said yet.
type Disk struct {
	Database int64 `json:"database_bytes"`
	Free     int64 `json:"free_bytes"`
	Total    int64 `json:"total_bytes"`
	PerDay   int64 `json:"growth_bytes_a_day"`
	DaysLeft int   `json:"days_left"`
}

// Level is how bad a line is.
type Level string

// The levels.
const (
	OK      Level = "ok"
	Warn    Level = "warn"
	Bad     Level = "bad"
	Unknown Level = "unknown" // nothing can be said yet
)

// Line is one thing that was judged.
type Line struct {
	Key   string `json:"key"`
	Level Level  `json:"level"`
	Title string `json:"title"`
	Text  string `json:"text"`         // what it means
	Do    string `json:"do,omitempty"` // what to do
	Href  string `json:"-"`            // where
	Own   bool   `json:"-"`            // the appliance's own numbers
}

// Worst is the worst level of lines.
func Worst(lines []Line) Level {
	worst := OK
	for _, l := range lines {
		switch {
		case l.Level == Bad:
			return Bad
		case l.Level == Warn:
			worst = Warn
		}
	}
	return worst
}
