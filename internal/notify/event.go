package notify

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Kind is what a message is about.
type Kind string

// The kinds of message.
const (
	BackupFailed      Kind = "backup.failed"
	DriftOpened       Kind = "drift.opened"
	ComplianceFailing Kind = "compliance.failing"
	DeviceStale       Kind = "device.stale"
	HealthAlarm       Kind = "health.alarm"
	testKind          Kind = "test"
)

// Kinds lists what can be chosen.
func Kinds() []Kind {
	return []Kind{BackupFailed, DriftOpened, ComplianceFailing, DeviceStale, HealthAlarm}
}

// Words say what the kind is about, for one and for several.
func (k Kind) words() (one, many string) {
	switch k {
	case BackupFailed:
		return "backup failed", "backups failed"
	case DriftOpened:
		return "device drifted", "devices drifted"
	case ComplianceFailing:
		return "device fails rules that it did not fail before", "devices fail rules that they did not fail before"
	case DeviceStale:
		return "device has no fresh configuration", "devices have no fresh configuration"
	}
	return "alarm of the appliance", "alarms of the appliance"
}

// path is the page that shows more.
func (k Kind) path(batch string) string {
	switch {
	case k == BackupFailed && batch != "":
		return "/jobs/" + batch
	case k == DriftOpened:
		return "/drift"
	case k == ComplianceFailing:
		return "/compliance/results"
	case k == DeviceStale:
		return "/devices"
	}
	return "/"
}

// Event is one thing that happened, usually to one device. It holds names and
// reasons, never a secret and never text of a configuration.
type Event struct {
	Kind   Kind
	Batch  string // events of a batch become one message when it is over; "" within minutes
	Key    string // the same key is told once; "" for what always is news
	Device string // its name
	Site   string
	Reason string // a word of a closed list
	Detail string
}

// Message is the body of a request.
type Message struct {
	ID    string    `json:"id"` // the same at every try
	Event Kind      `json:"event"`
	Time  time.Time `json:"time"`
	Text  string    `json:"text"` // one sentence
	Count int       `json:"count"`
	Items []Item    `json:"items"`
	More  int       `json:"more,omitempty"` // items that were left out
	Path  string    `json:"path"`           // page of the appliance that shows them
}

// Item is one event of a message.
type Item struct {
	Device string `json:"device,omitempty"`
	Site   string `json:"site,omitempty"`
	Reason string `json:"reason,omitempty"`
	Detail string `json:"detail,omitempty"`
}

const (
	maxItems = 100 // of a message
	maxText  = 200 // characters of one field
)

// compose makes the message of some events of one kind.
func compose(id string, kind Kind, batch string, at time.Time, events []Event) Message {
	m := Message{ID: id, Event: kind, Time: at.UTC(), Count: len(events), Path: kind.path(batch), Items: []Item{}}
	reasons := map[string]int{}
	for i, e := range events {
		if e.Reason != "" {
			reasons[clean(e.Reason)]++
		}
		if i < maxItems {
			m.Items = append(m.Items, Item{clean(e.Device), clean(e.Site), clean(e.Reason), clean(e.Detail)})
		}
	}
	m.More = len(events) - len(m.Items)
	one, many := kind.words()
	m.Text = fmt.Sprintf("%d %s", len(events), many)
	if len(events) == 1 {
		m.Text = "1 " + one
		if d := m.Items[0].Device; d != "" {
			m.Text += ": " + d
		}
	}
	if t := byCount(reasons); t != "" {
		m.Text += " (" + t + ")"
	}
	return m
}

// byCount is "auth-failed 2, timeout 1": at most six, the most frequent first.
func byCount(n map[string]int) string {
	var words []string
	for w := range n {
		words = append(words, w)
	}
	slices.SortFunc(words, func(a, b string) int {
		if n[a] != n[b] {
			return n[b] - n[a]
		}
		return strings.Compare(a, b)
	})
	for i, w := range words[:min(len(words), 6)] {
		words[i] = fmt.Sprintf("%s %d", w, n[w])
	}
	if len(words) > 6 {
		words = append(words[:6], "and others")
	}
	return strings.Join(words, ", ")
}

// clean makes a device's word fit for somebody else's screen: no control or
// bidirectional characters, and an end.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s[:min(len(s), 8*maxText)], "\ufffd"))
	if r := []rune(s); len(r) > maxText {
		return string(r[:maxText-1]) + "…"
	}
	return s
}
