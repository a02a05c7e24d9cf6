package configstore

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/plumbline-net/plumbline/configstore/search"
	"github.com/plumbline-net/plumbline/configstore/tree"
	"github.com/plumbline-net/plumbline/netdev"
)

// SearchRequest is one search over the masked texts of devices.
type SearchRequest struct {
	Query   *search.Query
	Source  Source          // default running
	Devices []netdev.Device // that are looked at, and the order of the answers
	Reader  *Reader         // for sections
	// MaxLines is how many lines are kept in all, MaxDevice of one device; 0 for
	// no bound. All are counted.
	MaxLines, MaxDevice int
	Context             int // lines around each that are kept

	room int // lines of one device that may still be kept
}

// SearchHit is what was found on one device.
type SearchHit struct {
	Device   netdev.Device
	Revision Revision
	Lines    []SearchLine // none where the text as a whole is the answer
	Total    int          // lines, kept or not
}

// SearchLine is one line with what stands around it and the headers above it,
// outermost first.
type SearchLine struct {
	search.Hit
	Before, After []string
	Path          []string
}

// Why a search can say nothing of a device, beside "stale" with its age.
const (
	SkipNoText  = "no text is kept"
	SkipDamaged = "damaged"
)

// SearchSkip is a device of which the search can say nothing.
type SearchSkip struct {
	Device netdev.Device
	Why    string
}

// SearchSum says what a search has looked at.
type SearchSum struct {
	Devices int // with something found
	Lines   int // found
	Kept    int // of Lines, handed over
	Texts   int // looked at
	Of      int // texts that should have been
	Skipped []SearchSkip
	Took    time.Duration
}

// ErrNoLine is returned where the line whose secret is looked for has none.
var ErrNoLine = errors.New("no secret stands there")

// ErrNoSuchChoice is returned where the words about devices cannot be read.
var ErrNoSuchChoice = errors.New("these words choose no devices")

// foundText is what a worker says of one device.
type foundText struct {
	hit  *SearchHit
	skip *SearchSkip
	read bool
	err  error
}

// Search asks the newest text of each device, or the one of the query's moment,
// and hands over what it finds as it comes, in the order of the devices. Only
// masked texts are looked at. When ctx ends it returns what it has with ctx's
// error; an error of found ends it too. Memory does not grow with the number of
// devices.
func (s *Store) Search(ctx context.Context, req SearchRequest, found func(SearchHit) error) (SearchSum, error) {
	if req.Source == "" {
		req.Source = Running
	}
	sum := SearchSum{Of: len(req.Devices)}
	begun := s.now()
	defer func() { sum.Took = s.now().Sub(begun) }()
	q, err := s.resolve(ctx, req)
	if err != nil {
		return sum, err
	}
	req.Query = q
	heads, err := s.searched(ctx, req)
	if err != nil {
		return sum, err
	}
	left, perDevice := req.MaxLines, req.MaxDevice
	window := 16 * runtime.GOMAXPROCS(0)
	for from := 0; from < len(req.Devices); from += window {
		part := req.Devices[from:min(from+window, len(req.Devices))]
		req.room = perDevice
		if perDevice <= 0 {
			req.room = 1 << 30
		}
		if req.MaxLines > 0 { // what there is no room for is only counted
			req.room = min(req.room, left)
		}
		for _, f := range s.searchPart(ctx, req, heads, part) {
			switch {
			case f.err != nil:
				return sum, f.err
			case f.skip != nil:
				sum.Skipped = append(sum.Skipped, *f.skip)
			}
			if f.read {
				sum.Texts++
			}
			if f.hit == nil {
				continue
			}
			sum.Devices++
			sum.Lines += f.hit.Total
			if req.MaxLines > 0 {
				f.hit.Lines = f.hit.Lines[:min(left, len(f.hit.Lines))]
				left -= len(f.hit.Lines)
				if len(f.hit.Lines) == 0 && f.hit.Total > 0 {
					continue // counted; there is no room for it
				}
			}
			sum.Kept += len(f.hit.Lines)
			if err := found(*f.hit); err != nil {
				return sum, err
			}
		}
	}
	return sum, nil
}

// searchPart asks some devices at once and gives their answers in order.
func (s *Store) searchPart(ctx context.Context, req SearchRequest, heads map[netdev.DeviceID]searchedHead, part []netdev.Device) []foundText {
	out := make([]foundText, len(part))
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), len(part))
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(part); i += workers {
				if err := ctx.Err(); err != nil {
					out[i].err = err
					return
				}
				out[i] = s.searchOne(ctx, req, part[i], heads)
			}
		})
	}
	wg.Wait()
	return out
}

// searchedHead is the revision of a device that is asked, and when it was
// confirmed.
type searchedHead struct {
	row       RevisionRow
	confirmed time.Time
}

// searched gives the revision that is asked of each device.
func (s *Store) searched(ctx context.Context, req SearchRequest) (map[netdev.DeviceID]searchedHead, error) {
	out := map[netdev.DeviceID]searchedHead{}
	if at := req.Query.At; !at.IsZero() {
		for _, d := range req.Devices {
			row, err := s.rows.RevisionAt(ctx, d.ID, req.Source, at)
			if errors.Is(err, ErrNoRevision) {
				continue
			}
			if err != nil {
				return nil, fmt.Errorf("search: %w", err)
			}
			out[d.ID] = searchedHead{row, row.LastSeen}
		}
		return out, nil
	}
	heads, err := s.rows.Heads(ctx, "")
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	newest, err := s.rows.HeadRevisions(ctx)
	if err != nil {
		return nil, fmt.Errorf("search: %w", err)
	}
	for _, h := range heads {
		if r, ok := newest[h.Revision]; ok && h.Source == req.Source {
			out[h.Device] = searchedHead{r, h.ConfirmedAt}
		}
	}
	return out, nil
}

// searchOne asks the text of one device.
func (s *Store) searchOne(ctx context.Context, req SearchRequest, dev netdev.Device, heads map[netdev.DeviceID]searchedHead) (f foundText) {
	skip := func(why string) foundText { return foundText{skip: &SearchSkip{dev, why}} }
	q := req.Query
	head, ok := heads[dev.ID]
	if !ok {
		return skip(SkipNoText)
	}
	if !s.ofRevision(q, head.row.Revision) {
		return foundText{read: true}
	}
	// That something is not there can only be said of a text that is believed to
	// be the one the device runs.
	if old := s.now().Sub(head.confirmed); len(q.Missing) > 0 && q.At.IsZero() && old > s.staleAfter {
		return skip(fmt.Sprintf("stale, confirmed %d h ago", int(old.Hours())))
	}
	text, err := s.text(ctx, head.row)
	if errors.Is(err, ErrDamaged) {
		return skip(SkipDamaged)
	}
	if err != nil {
		return foundText{err: fmt.Errorf("search %s: %w", dev.Name, err)}
	}
	var t *tree.Tree
	outline := func() *tree.Tree {
		if t == nil {
			t = req.Reader.Parse(dev.Platform, text)
		}
		return t
	}
	got := q.Find(string(text), func() search.Outline { return outline() }, req.room)
	f.read = true
	if !got.Holds {
		return f
	}
	f.hit = &SearchHit{Device: dev, Revision: head.row.Revision, Total: got.Total}
	for _, h := range got.Hits {
		f.hit.Lines = append(f.hit.Lines, around(outline(), h, req.Context))
	}
	return f
}

// around gives a line with its surroundings.
func around(t *tree.Tree, h search.Hit, n int) SearchLine {
	l := SearchLine{Hit: h, Path: t.SectionAt(h.Line)}
	for i := max(1, h.Line-n); i < h.Line; i++ {
		l.Before = append(l.Before, t.Line(i))
	}
	for i := h.Line + 1; i <= min(h.Line+n, t.Lines); i++ {
		l.After = append(l.After, t.Line(i))
	}
	return l
}

// ofRevision says whether a revision is one of those that are meant.
func (s *Store) ofRevision(q *search.Query, r Revision) bool {
	if w := q.Within; w.Span > 0 && (s.now().Sub(r.FirstSeen) > w.Span) != w.Older {
		return false
	}
	for _, by := range q.By {
		if strings.EqualFold(by, r.ChangedBy) {
			return true
		}
	}
	return len(q.By) == 0
}

// resolve puts the fingerprint of a line's secret in the place of the words
// about it.
func (s *Store) resolve(ctx context.Context, req SearchRequest) (*search.Query, error) {
	q := *req.Query
	if q.SameAs == nil {
		return &q, nil
	}
	for _, d := range req.Devices {
		if !strings.EqualFold(d.Name, q.SameAs.Device) && string(d.ID) != q.SameAs.Device && d.Address.String() != q.SameAs.Device {
			continue
		}
		head, err := s.rows.Head(ctx, d.ID, req.Source)
		if errors.Is(err, ErrNoRevision) {
			break
		}
		if err != nil {
			return nil, err
		}
		text, err := s.Text(ctx, head.Revision)
		if err != nil {
			return nil, err
		}
		lines := strings.Split(string(text), "\n")
		if n := q.SameAs.Line; n <= len(lines) {
			if secret := regexp.MustCompile(`<secret:[0-9a-f]+>`).FindString(lines[n-1]); secret != "" {
				q.Lines = append([]search.Term{{Literal: secret}}, q.Lines...)
				q.SameAs = nil
				return &q, nil
			}
		}
		break
	}
	return nil, fmt.Errorf("%w: line %d of %.80q", ErrNoLine, q.SameAs.Line, q.SameAs.Device)
}
