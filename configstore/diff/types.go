package diff

import "encoding/json"

// Options steer a text diff.
type Options struct {
	Context int // unchanged lines around a change; 0 means 3, negative none
	// The open headers above a line (from 1) of either text; may be nil.
	OldSection, NewSection func(line int) []string
}

// TextDiff is what differs between two texts, line by line.
type TextDiff struct {
	Equal   bool   `json:"equal"`
	Added   int    `json:"added"` // lines
	Removed int    `json:"removed"`
	Hunks   []Hunk `json:"hunks"`
}

// Hunk is a run of changed lines with the lines around them. From counts
// lines from 1 as `diff -u` does.
type Hunk struct {
	OldFrom  int      `json:"old_from"`
	OldCount int      `json:"old_count"`
	NewFrom  int      `json:"new_from"`
	NewCount int      `json:"new_count"`
	Section  []string `json:"section,omitempty"` // headers above the first changed line
	Lines    []Line   `json:"lines"`
}

// Line is one line of a hunk. A line number is 0 on the side that lacks it.
type Line struct {
	Op      byte     `json:"-"` // ' ' '+' '-'
	OldLine int      `json:"old_line,omitempty"`
	NewLine int      `json:"new_line,omitempty"`
	Text    string   `json:"text"`             // without its line end
	NoEOL   bool     `json:"no_eol,omitempty"` // the text ends here without a line end
	Marks   [][2]int `json:"marks,omitempty"`  // byte ranges of changed whole tokens
}

// MarshalJSON writes the op as a character.
func (l Line) MarshalJSON() ([]byte, error) {
	type plain Line
	return json.Marshal(struct {
		Op string `json:"op"`
		plain
	}{string(rune(l.Op)), plain(l)})
}

// MeaningDiff is what differs between two configurations in meaning.
type MeaningDiff struct {
	Equal   bool     `json:"equal"`
	Changes []Change `json:"changes"`
}

// The ops of a change. Renumber, and Comment outside what the device stores,
// leave two configurations equal.
const (
	Add      = "add"
	Remove   = "remove"
	Changed  = "change"
	Move     = "move"
	Renumber = "renumber"
	Secret   = "secret"
	Comment  = "comment"
)

// Change is one difference in meaning. Lines are of the parsed texts, from 1.
type Change struct {
	Op       string   `json:"op"`
	Path     []string `json:"path"`
	Old      string   `json:"old,omitempty"`
	New      string   `json:"new,omitempty"`
	OldLine  int      `json:"old_line,omitempty"`
	NewLine  int      `json:"new_line,omitempty"`
	Class    string   `json:"class,omitempty"`
	Severity string   `json:"severity,omitempty"`
	Note     string   `json:"note,omitempty"`
}
