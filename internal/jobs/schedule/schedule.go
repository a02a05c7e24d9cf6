package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
)

// What a schedule starts.
type What string

// The things that can be scheduled.
const (
	Backup    What = "backup"
	Discovery What = "discovery"
	Verify    What = "verify" // reads every stored revision back
)

// Whats lists them.
func Whats() []What { return []What{Backup, Discovery, Verify} }

// Schedule is one row of what is to be done when.
type Schedule struct {
	ID   string
	Name string
	What What
	// Choice is which devices: filter words of a backup ("site:berlin
	// role:core"), ranges of a discovery. Empty: every device of the inventory.
	Choice    string
	Exclude   []netdev.DeviceID // never these, whatever Choice says
	Cron      string            // five fields
	Zone      string            // IANA name, in which Cron, the window and the blackouts are meant
	Opens     string            // HH:MM; nothing is planned before it; "" for no such limit
	Closes    string            // HH:MM; nothing new starts from then on; "" for no such limit
	Blackouts []string          // see ReadBlackout
	Ramp      time.Duration     // the starts of the devices are spread over it
	Enabled   bool
	By        string // who changed it last
	Changed   time.Time
	Cursor    time.Time // times up to then are dealt with
}

// What a caller may branch on.
var (
	ErrNone      = errors.New("no such schedule")
	ErrDuplicate = errors.New("there is a schedule of that name already")
	// ErrFired says that a planned time was dealt with before.
	ErrFired = errors.New("that time was dealt with already")
)

// FieldError says which entry of a schedule cannot be taken, and why. Field is
// the name in forms, on the command line and in the API.
type FieldError struct{ Field, Text string }

func (e *FieldError) Error() string { return e.Field + ": " + e.Text }

func wrong(field, format string, args ...any) *FieldError {
	return &FieldError{field, fmt.Sprintf(format, args...)}
}

const (
	maxName   = 80
	maxChoice = 4000
	maxRamp   = 12 * time.Hour
	maxLines  = 50 // blackouts
)

// check looks at what needs no clock.
func (s Schedule) check() error {
	name := strings.TrimSpace(s.Name)
	switch {
	case name == "" || name != s.Name || !utf8.ValidString(name) || strings.ContainsFunc(name, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) }):
		return wrong("name", "give it a name, such as nightly")
	case len(name) > maxName:
		return wrong("name", "a name has at most %d bytes", maxName)
	case s.What != Backup && s.What != Discovery && s.What != Verify:
		return wrong("what", "one of backup, discovery, verify")
	case s.What == Verify && (s.Choice != "" || len(s.Exclude) > 0):
		return wrong("choice", "a verify reads the whole store: leave the choice of devices empty")
	case s.What == Discovery && len(s.Exclude) > 0:
		return wrong("exclude", "a discovery asks ranges: write what is never asked into the choice, such as -192.0.2.7")
	case len(s.Choice) > maxChoice:
		return wrong("choice", "at most %d bytes", maxChoice)
	case s.Ramp < 0 || s.Ramp > maxRamp:
		return wrong("ramp", "between 0 and %s, such as 30m", maxRamp)
	case s.Ramp > 0 && s.What != Backup:
		return wrong("ramp", "only the devices of a backup are spread")
	case len(s.Blackouts) > maxLines:
		return wrong("blackouts", "at most %d lines", maxLines)
	}
	return nil
}
