package web

import (
	"sync"

	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// books compiles rulebooks as they are asked for; they tell which section a
// line stands in.
type books struct {
	set  *platform.Set
	mu   sync.Mutex
	made map[netdev.PlatformID]*tree.Book
}

func newBooks(set *platform.Set) *books {
	return &books{set: set, made: map[netdev.PlatformID]*tree.Book{}}
}

// sections gives the open headers above a line of text; nil without a
// platform file.
func (b *books) sections(id netdev.PlatformID, text []byte) func(line int) []string {
	if b.set == nil {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	book := b.made[id]
	if book == nil {
		p, ok := b.set.Get(id)
		if !ok {
			return nil
		}
		book = tree.NewBook(p.Config)
		b.made[id] = book
	}
	return book.Parse(text).SectionAt
}
