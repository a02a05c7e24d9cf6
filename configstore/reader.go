package configstore

import (
	"strings"
	"sync"

	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// Reader cleans and parses texts. It keeps what it compiled for each platform
// and is safe for concurrent use.
type Reader struct {
	find func(netdev.PlatformID) (*platform.Platform, bool)
	mask scrub.Masker

	mu    sync.Mutex
	books map[netdev.PlatformID]*book
}

type book struct {
	scrubber *scrub.Scrubber
	tree     *tree.Book
	version  string
}

// NewReader makes a Reader; find knows the platforms (platform.Set.Get), mask
// turns secrets into fingerprints.
func NewReader(find func(netdev.PlatformID) (*platform.Platform, bool), mask scrub.Masker) *Reader {
	return &Reader{find: find, mask: mask, books: map[netdev.PlatformID]*book{}}
}

// Reading is one text of a device: as it came, cleaned, and as a tree.
type Reading struct {
	Platform netdev.PlatformID
	Clean    scrub.Result
	Tree     *tree.Tree // of Clean.Text
	Version  string     // of the rulebook
}

// Read cleans and parses raw. A platform nobody knows is read without a
// rulebook.
func (r *Reader) Read(id netdev.PlatformID, raw []byte) Reading {
	b := r.book(id)
	clean := b.scrubber.Clean(raw, r.mask)
	return Reading{Platform: id, Clean: clean, Tree: b.tree.Parse(clean.Text), Version: b.version}
}

// Mask replaces the secrets of raw and leaves everything else as it is.
func (r *Reader) Mask(id netdev.PlatformID, raw []byte) []byte {
	return r.book(id).scrubber.Mask(raw, r.mask)
}

// Parse reads a text that is clean already, such as a stored one.
func (r *Reader) Parse(id netdev.PlatformID, text []byte) *tree.Tree {
	return r.book(id).tree.Parse(text)
}

func (r *Reader) book(id netdev.PlatformID) *book {
	r.mu.Lock()
	defer r.mu.Unlock()
	if b, ok := r.books[id]; ok {
		return b
	}
	var rules platform.Rulebook
	version := ""
	if p, ok := r.find(id); ok {
		rules, version = p.Config, p.Hash
	}
	b := &book{scrubber: scrub.New(rules), tree: tree.NewBook(rules), version: version}
	r.books[id] = b
	return b
}

// rawLine gives the line of the raw text that a line of the clean one came
// from, 0 for none.
func (r Reading) rawLine(line int) int {
	if i := line - 1; i >= 0 && i < len(r.Clean.Lines) {
		return r.Clean.Lines[i]
	}
	return 0
}

// lines gives the lines of the clean text.
func (r Reading) lines() []string {
	text := strings.TrimSuffix(string(r.Clean.Text), "\n")
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
