package search

import (
	"fmt"
	"regexp"
	"time"
)

// The limits of a query.
const (
	MaxQuery  = 1024 // bytes
	MaxRegexp = 512  // bytes of one pattern
	maxTerms  = 32
	// A counted repetition is unrolled by RE2: what a pattern compiles to is
	// bounded by its length and the 1,000 that regexp itself allows.
)

// Query is one question that was read.
type Query struct {
	Lines []Term // all hold on one line
	In    *Phrase
	Has   []*Phrase // the section (without In: the text) has such a line
	Lacks []*Phrase // it has none
	// Missing asks for devices whose text has no such line. It stands without
	// Lines, In, Has and Lacks.
	Missing []*Phrase

	Devices []Filter  // which devices are meant
	By      []string  // who changed the text last, as the text says
	Within  Age       // when the text was first seen
	At      time.Time // the texts of that moment; zero: the newest
	SameAs  *Place    // lines with the same secret as that line
}

// Term finds a part of a line: exactly one of its fields is set.
type Term struct {
	Literal string // as it stands
	Regexp  *regexp.Regexp
	Words   *Phrase // anywhere in the line
}

// Filter is a word about devices, such as site:berlin. Value may be a glob.
type Filter struct {
	Not        bool
	Key, Value string
}

// Age is a span back from now; the zero Age is none.
type Age struct {
	Span  time.Duration
	Older bool
}

// Place is a line of a device's text.
type Place struct {
	Device string
	Line   int
}

// Error says what is wrong with a query, and where.
type Error struct {
	At   int // byte of the query, from 0
	Text string
}

// Error gives the text and the place, counted from 1.
func (e *Error) Error() string { return fmt.Sprintf("at character %d: %s", e.At+1, e.Text) }

// ofText says that something of the text itself is asked for.
func (q *Query) ofText() bool {
	return len(q.Lines)+len(q.Has)+len(q.Lacks)+len(q.Missing) > 0 || q.In != nil || q.SameAs != nil
}

// Sections says that the outline of a text is needed to answer.
func (q *Query) Sections() bool { return q.In != nil || len(q.Has)+len(q.Lacks)+len(q.Missing) > 0 }
