package health

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/plumbline-net/plumbline/netdev"
)

// When a line turns.
const (
	waitWarn, waitBad   = 15 * time.Minute, 2 * time.Hour
	silentPulse         = 2 * time.Minute
	storeWarn, storeBad = 8 * 24 * time.Hour, 15 * 24 * time.Hour
	auditWarn           = 48 * time.Hour
	anchorWarn          = 3 * time.Hour
	daysWarn, daysBad   = 30, 7
	failedBad           = 0.2 // share of the devices of a night

	// FreeWarn is the room, in bytes, below which the disk is a matter to tell of.
	FreeWarn = 1 << 30
	freeBad  = 100 << 20
)

// Judge says what the facts mean, the store first.
func Judge(f Status) []Line {
	return []Line{f.store(), f.night(), f.texts(), f.queue(), f.workers(), f.disk(), f.server(), f.storeCheck(), f.auditCheck(), f.anchor(), f.files()}
}

func (f Status) store() Line {
	l := Line{Key: "store", Level: OK, Title: "The store can be written", Text: "What devices say is kept as it comes."}
	if o := f.Outage; o != nil {
		l.Level, l.Title, l.Href = Bad, "The store cannot be written", "/help/health#the-store-cannot-be-written"
		l.Text = fmt.Sprintf("%s, since %s. Nothing that was stored is lost and pages can be read. Backups wait and go on by themselves.", o.Text, o.Since.UTC().Format("2 Jan 15:04 UTC"))
		l.Do = map[string]string{"full": "Make room on the disk of the data directory.", "read-only": "Mount the disk of the data directory for writing.",
			"busy": "Another program holds the database: end it.", "disk": "Look at the disk; the log of the system tells more."}[o.Kind]
	}
	return l
}

func (f Status) night() Line {
	n := f.Night
	total := n.Changed + n.Unchanged + n.Failed
	l := Line{Key: "night", Level: OK, Title: "Backups of the last 24 hours", Href: "/devices?q=backup%3Afailed",
		Text: fmt.Sprintf("%d devices: %d changed, %d unchanged, %d failed.", total, n.Changed, n.Unchanged, n.Failed)}
	switch {
	case total == 0 && f.Texts.Devices == 0:
		l.Level, l.Text, l.Href = Unknown, "There is no device yet.", "/discovery"
	case total == 0:
		l.Level, l.Text, l.Do, l.Href = Bad, "No device was read in the last 24 hours.", "Start a backup, and see why none was planned.", "/devices"
	case n.Failed > 0:
		l.Level = Warn
		if float64(n.Failed) >= failedBad*float64(total) {
			l.Level = Bad
		}
		l.Text += " " + reasons(n.Reasons) + "."
		l.Do = "Open the devices and put right what their reason says."
	}
	return l
}

// reasons lists why, the most frequent first.
func reasons(m map[netdev.Reason]int) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b netdev.Reason) int {
		if m[a] != m[b] {
			return m[b] - m[a]
		}
		return strings.Compare(string(a), string(b))
	})
	var out []string
	for _, k := range keys[:min(len(keys), 5)] {
		out = append(out, fmt.Sprintf("%d %s", m[k], k))
	}
	return strings.Join(out, ", ")
}

func (f Status) texts() Line {
	t := f.Texts
	l := Line{Key: "texts", Level: OK, Title: "Configurations that can be believed", Text: fmt.Sprintf("%d of %d devices have a configuration that was confirmed lately.", t.Fresh, t.Devices)}
	switch {
	case t.Devices == 0:
		l.Level, l.Text, l.Href = Unknown, "There is no device yet.", "/discovery"
	case t.Stale > 0:
		l.Level, l.Href, l.Do = Bad, "/devices?q=backup%3Astale", "Find out why these devices are not read any more."
		l.Text += fmt.Sprintf(" %d are stale, %d were never read.", t.Stale, t.Never)
	case t.Never > 0:
		l.Level, l.Href, l.Do = Warn, "/devices?q=backup%3Anever", "Give them a credential and a platform, or take them out of the inventory."
		l.Text += fmt.Sprintf(" %d were never read.", t.Never)
	}
	return l
}

func (f Status) queue() Line {
	q := f.Queue
	l := Line{Key: "queue", Level: OK, Title: "Jobs that wait", Text: fmt.Sprintf("%d wait, %d run.", q.Waiting, q.Running), Own: true}
	if q.Oldest.IsZero() {
		return l
	}
	wait := f.Now.Sub(q.Oldest)
	l.Text += fmt.Sprintf(" The longest has waited for %s.", span(wait))
	switch {
	case wait > waitBad:
		l.Level = Bad
	case wait > waitWarn:
		l.Level = Warn
	}
	if l.Level != OK {
		l.Do, l.Href = "See whether workers run and the store can be written; give more workers in the settings.", "/help/health#jobs-that-wait"
	}
	return l
}

func (f Status) workers() Line {
	l := Line{Key: "workers", Level: OK, Title: "Workers give signs of life", Text: fmt.Sprintf("%d jobs are in hand.", f.Queue.Running), Own: true}
	if f.Queue.Silent > 0 {
		l.Level, l.Href = Bad, "/help/health#workers"
		l.Text = fmt.Sprintf("%d of %d running jobs have given no sign of life for a while.", f.Queue.Silent, f.Queue.Running)
		l.Do = "They are given to another worker by themselves; if this stays, start the server anew and keep its log."
	}
	return l
}

func (f Status) disk() Line {
	d := f.Disk
	l := Line{Key: "disk", Level: OK, Title: "Room on the disk", Own: true,
		Text: fmt.Sprintf("The database has %s, %s of %s are free.", size(d.Database), size(d.Free), size(d.Total))}
	if d.DaysLeft >= 0 {
		l.Text += fmt.Sprintf(" At %s a day that lasts %s.", size(d.PerDay), days(d.DaysLeft))
	} else {
		l.Text += " How long that lasts can be said after a few days."
	}
	switch {
	case d.Free < freeBad, d.DaysLeft >= 0 && d.DaysLeft < daysBad:
		l.Level = Bad
	case d.Free < FreeWarn, d.DaysLeft >= 0 && d.DaysLeft < daysWarn:
		l.Level = Warn
	}
	if l.Level != OK {
		l.Do, l.Href = "Make room, or move the data directory to a larger disk.", "/help/health#room-on-the-disk"
	}
	return l
}

func (f Status) server() Line {
	l := Line{Key: "server", Level: OK, Title: "The server runs", Text: "It wrote a sign of life " + span(f.Now.Sub(f.Pulse)) + " ago.", Own: true}
	switch {
	case f.Pulse.IsZero():
		l.Level, l.Text = Unknown, "No server has run over this directory yet."
	case f.Now.Sub(f.Pulse) > silentPulse:
		l.Level, l.Do, l.Href = Bad, "Start plumbline serve, or see why it cannot write.", "/help/health#the-server"
	}
	return l
}

func (f Status) storeCheck() Line {
	c, ok := f.Checks[StoreCheck]
	l := Line{Key: "store-check", Level: OK, Title: "What is kept reads back", Own: true,
		Text: fmt.Sprintf("%d revisions were read %s ago, %d faults.", c.Seen, span(f.Now.Sub(c.At)), c.Faults)}
	switch {
	case f.Revisions == 0:
		l.Level, l.Text = Unknown, "Nothing is kept yet."
	case !ok:
		l.Level, l.Text = Unknown, "Not checked yet; the server does it every week."
	case c.Faults > 0:
		l.Level, l.Do, l.Href = Bad, "Run plumbline admin verify, which names what is lost, and restore it from a backup.", "/help/health#what-is-kept-reads-back"
		l.Text += " " + c.Detail
	case f.Now.Sub(c.At) > storeBad:
		l.Level = Bad
	case f.Now.Sub(c.At) > storeWarn:
		l.Level = Warn
	}
	if l.Do == "" && (l.Level == Bad || l.Level == Warn) {
		l.Do, l.Href = "Run plumbline admin verify.", "/help/health#what-is-kept-reads-back"
	}
	return l
}

func (f Status) auditCheck() Line {
	c, ok := f.Checks[AuditCheck]
	l := Line{Key: "audit-check", Level: OK, Title: "The audit chain is whole", Href: "/audit", Own: true,
		Text: fmt.Sprintf("%d records were checked %s ago.", c.Seen, span(f.Now.Sub(c.At)))}
	switch {
	case !ok:
		l.Level, l.Text = Unknown, "Not checked yet; the server does it every day."
	case c.Faults > 0:
		l.Level, l.Title, l.Text = Bad, "The audit chain is broken", c.Detail+". Somebody changed the database past the appliance."
		l.Do, l.Href = "Keep a copy of the data directory and find out who had access to it.", "/help/audit#a-broken-chain"
	case f.Now.Sub(c.At) > auditWarn:
		l.Level, l.Do = Warn, "Verify it on the page of the audit log."
	}
	return l
}

func (f Status) anchor() Line {
	c, ok := f.Checks[AnchorCheck]
	l := Line{Key: "anchor", Level: OK, Title: "The end of the audit chain is anchored", Own: true,
		Text: fmt.Sprintf("Record %d was written to the log %s ago.", c.Seen, span(f.Now.Sub(c.At)))}
	switch {
	case !ok:
		l.Level, l.Text = Unknown, "Not anchored yet; the server does it every hour."
	case c.Seen > f.Records:
		l.Level, l.Title = Bad, "The audit log is older than its anchor"
		l.Text = fmt.Sprintf("Record %d was anchored and the log ends at %d: the database was replaced by an older one, or cut.", c.Seen, f.Records)
		l.Do, l.Href = "Find out who put the older database there.", "/help/audit#a-broken-chain"
	case f.Now.Sub(c.At) > anchorWarn:
		l.Level, l.Do, l.Href = Warn, "See in the log of the server why it could not be written.", "/help/audit#anchors"
	}
	return l
}

func (f Status) files() Line {
	l := Line{Key: "files", Level: OK, Title: "Keys and data are the owner's alone", Text: "The master key lies in " + f.Key + ".", Own: true}
	if len(f.Files) > 0 {
		l.Level, l.Text = Bad, strings.Join(f.Files, "; ")+"."
		l.Do, l.Href = "Take the rights of others away: chmod 600 for files, 700 for the directory.", "/help/health#keys-and-data"
		return l
	}
	if f.KeyInside {
		l.Text += " It lies beside what it opens: keep a copy elsewhere, and better keep it elsewhere."
	}
	return l
}

// span says how long something is in its largest unit.
func span(d time.Duration) string {
	switch {
	case d < 0:
		return "0 s"
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return days(int(d.Hours()) / 24)
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	if n > 3650 {
		return "more than 10 years"
	}
	return fmt.Sprintf("%d days", n)
}

func size(n int64) string {
	x, unit := float64(n), "B"
	for _, u := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if x < 1024 {
			break
		}
		x, unit = x/1024, u
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", n)
	}
	return fmt.Sprintf("%.1f %s", x, unit)
}
