package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/netdev"
)

// Place is one open database.
type Place struct {
	Rows configstore.Rows
	// Device adds a device and gives its id.
	Device func(ctx context.Context, name string) netdev.DeviceID
	// Reopen closes the database and opens it again.
	Reopen func() Place
}

// Keys derives keys from a fixed secret, for tests.
type Keys struct{}

// Derive implements blob.Keys.
func (Keys) Derive(device, label string) ([]byte, error) {
	sum := sha256.Sum256([]byte("test|" + device + "|" + label))
	return sum[:], nil
}

// clock is a time that moves by a minute with every look.
type clock struct{ t time.Time }

func (c *clock) now() time.Time { c.t = c.t.Add(time.Minute); return c.t }

func store(t *testing.T, p Place, c *clock) *configstore.Store {
	t.Helper()
	s, err := configstore.New(p.Rows, Keys{}, configstore.Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func start() *clock { return &clock{time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)} }

// Text makes a capture of running whose masked text is the raw one.
func text(dev netdev.DeviceID, s string) configstore.Capture {
	return configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte(s), Text: []byte(s)}
}

func put(t *testing.T, s *configstore.Store, c configstore.Capture) configstore.Stored {
	t.Helper()
	st, err := s.Put(t.Context(), c, configstore.Fence{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func clean(t *testing.T, s *configstore.Store) {
	t.Helper()
	faults, err := s.Verify(t.Context())
	if err != nil || len(faults) > 0 {
		t.Errorf("verify: %q, %v, want no fault", faults, err)
	}
}

// Run runs the suite. open gives an empty database.
func Run(t *testing.T, open func(t *testing.T) Place) {
	tests := map[string]func(*testing.T, Place){
		"unchanged text confirms and costs no content": unchanged,
		"text that comes back makes a third revision":  thereAndBack,
		"every text reads back as it was put":          readBack,
		"only the newest text of a command is kept":    extras,
		"secrets that moved take the old ones' place":  moved,
		"a fence that was lost writes no revision":     fenced,
		"an attempt is stored once":                    twice,
		"a clock that went back keeps ranges in order": clockBack,
		"failures leave the head as it is":             failures,
		"states tell fresh from stale from never":      states,
		"a joined transaction is undone as one":        joined,
		"findings open close and return":               findings,
		"an approval moves the reference at once":      approvals,
		"what runs is approved as it was shown":        approvedHeads,
		"a group is acknowledged as it was shown":      groups,
		"verdicts keep since when they hold":           verdicts,
		"a waiver covers failures until it ends":       waivers,
		"counters are the lengths of the lists":        tallies,
		"old work judges no new text":                  lateJudgement,
		"what one wrote the next one reads":            reopened,
		"old checks without a change become one row":   folded,
		"writers beside each other lose nothing":       beside,
		"a text is found by its time":                  at,
		"refused captures leave nothing behind":        refused,
	}
	for name, f := range tests {
		t.Run(strings.ReplaceAll(name, " ", "-"), func(t *testing.T) { f(t, open(t)) })
	}
}

func unchanged(t *testing.T, p Place) {
	c := start()
	s, dev := store(t, p, c), p.Device(t.Context(), "core1")
	a := put(t, s, text(dev, "hostname core1\n"))
	before, err := s.Stats(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	noisy := text(dev, "hostname core1\n")
	noisy.Raw = []byte("! Last change at 12:00\nhostname core1\n")
	b := put(t, s, noisy)
	if b.Outcome != configstore.UnchangedText || b.Revision.ID != a.Revision.ID {
		t.Errorf("second put: %s of %s, want unchanged of %s", b.Outcome, b.Revision.ID, a.Revision.ID)
	}
	if !b.Revision.LastSeen.After(a.Revision.LastSeen) || !b.Revision.FirstSeen.Equal(a.Revision.FirstSeen) {
		t.Errorf("range %s to %s, want a later end and the same begin as %s", b.Revision.FirstSeen, b.Revision.LastSeen, a.Revision.FirstSeen)
	}
	after, err := s.Stats(t.Context())
	if err != nil || after != before {
		t.Errorf("stats %+v, %v, want them unchanged: %+v", after, err, before)
	}
	raw, err := s.Raw(t.Context(), a.Revision.ID)
	if got, want := string(raw), "hostname core1\n"; got != want || err != nil {
		t.Errorf("raw %q, %v, want that of the first read %q", got, err, want)
	}
	attempts, err := s.Attempts(t.Context(), dev, 10)
	if err != nil || len(attempts) != 2 || attempts[0].Outcome != configstore.UnchangedText || attempts[1].Outcome != configstore.Changed {
		t.Errorf("attempts %+v, %v, want unchanged, then changed", attempts, err)
	}
	clean(t, s)
}

func thereAndBack(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	a := put(t, s, text(dev, "a\nx\n")).Revision
	b := put(t, s, text(dev, "b\ny\nx\n")).Revision
	third := put(t, s, text(dev, "a\nx\n"))
	if third.Outcome != configstore.Changed || third.Revision.Seq != 3 || third.Revision.TextHash != a.TextHash {
		t.Errorf("third put %+v, want a third revision with the hash of the first", third)
	}
	if third.Previous == nil || third.Previous.ID != b.ID {
		t.Errorf("previous %+v, want %s", third.Previous, b.ID)
	}
	if b.Added != 2 || b.Removed != 1 {
		t.Errorf("second revision +%d -%d, want +2 -1", b.Added, b.Removed)
	}
	got, err := s.History(t.Context(), dev, configstore.Running)
	if err != nil {
		t.Fatal(err)
	}
	var ids []configstore.RevisionID
	for _, r := range got {
		ids = append(ids, r.ID)
	}
	if want := []configstore.RevisionID{third.Revision.ID, b.ID, a.ID}; !cmp.Equal(ids, want) {
		t.Errorf("history %v, want newest first %v", ids, want)
	}
	if d := cmp.Diff(got[0], third.Revision); d != "" {
		t.Errorf("history tells otherwise than put (-history +put):\n%s", d)
	}
	clean(t, s)
}

// readBack edits a text 200 times at random and reads every revision again,
// across several chains of deltas.
func readBack(t *testing.T, p Place) {
	const seed, edits = 20260301, 200
	rnd := rand.New(rand.NewPCG(seed, 1))
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	type kept struct{ text, raw []byte }
	want := map[configstore.RevisionID]kept{}
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("interface Ethernet%d\n description %x", i, rnd.Uint64()))
	}
	for i := range edits {
		switch rnd.IntN(8) {
		case 0:
			lines = lines[:rnd.IntN(len(lines)+1)]
		case 1:
			lines = append(lines, string([]byte{0, 0xff, 0x1b, byte(rnd.Uint32()), '\r'}))
		default:
			lines = append(lines, fmt.Sprintf("access-list %d permit %x", i, rnd.Uint64()))
		}
		k := kept{text: []byte(strings.Join(lines, "\n"))}
		switch rnd.IntN(3) {
		case 0:
			k.raw = k.text
		case 1:
			k.raw = append([]byte(fmt.Sprintf("! time %d\n", i)), k.text...)
		case 2: // nothing in common
			k.raw = make([]byte, rnd.IntN(5000))
			for j := range k.raw {
				k.raw[j] = byte(rnd.Uint32())
			}
		}
		c := configstore.Capture{Device: dev, Source: configstore.Running, Raw: k.raw, Text: k.text}
		if st := put(t, s, c); st.Outcome == configstore.Changed {
			want[st.Revision.ID] = k
			if st.Revision.Bytes != len(k.raw) || st.Revision.SHA256 != fmt.Sprintf("%x", sha256.Sum256(k.raw)) {
				t.Errorf("edit %d of seed %d: row tells %d bytes and %s", i, seed, st.Revision.Bytes, st.Revision.SHA256)
			}
		}
	}
	if len(want) < edits/2 {
		t.Fatalf("only %d revisions of %d edits", len(want), edits)
	}
	for id, k := range want {
		text, err := s.Text(t.Context(), id)
		if err != nil || !bytes.Equal(text, k.text) {
			t.Errorf("seed %d: text of %s is not what was put: %v", seed, id, err)
		}
		raw, err := s.Raw(t.Context(), id)
		if err != nil || !bytes.Equal(raw, k.raw) {
			t.Errorf("seed %d: raw of %s is not what was put: %v", seed, id, err)
		}
	}
	clean(t, s)
}

func extras(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	for _, v := range []string{"version 1", "version 2", "version 2", "version 3"} {
		c := text(dev, v)
		c.Source = "command:version"
		put(t, s, c)
	}
	got, err := s.History(t.Context(), dev, "command:version")
	if err != nil || len(got) != 1 {
		t.Fatalf("history %+v, %v, want one", got, err)
	}
	if text, err := s.Text(t.Context(), got[0].ID); string(text) != "version 3" || err != nil {
		t.Errorf("text %q, %v, want the newest", text, err)
	}
	clean(t, s)
}

func moved(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "fw1")
	a := put(t, s, configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte("set psk ENC aaaa"), Text: []byte("set psk <secret>")})
	again := configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte("set psk ENC bbbbbb"), Text: []byte("set psk <secret>"), SecretsMoved: true}
	b := put(t, s, again)
	if b.Outcome != configstore.UnchangedText || b.Revision.ID != a.Revision.ID {
		t.Errorf("second put: %s of %s, want unchanged of %s", b.Outcome, b.Revision.ID, a.Revision.ID)
	}
	if raw, err := s.Raw(t.Context(), a.Revision.ID); string(raw) != string(again.Raw) || err != nil {
		t.Errorf("raw %q, %v, want the newest %q", raw, err, again.Raw)
	}
	h, err := s.Head(t.Context(), dev, configstore.Running)
	if want := fmt.Sprintf("%x", sha256.Sum256(again.Raw)); err != nil || h.SHA256 != want || h.Bytes != len(again.Raw) {
		t.Errorf("head tells %s, %d bytes, %v, want %s of the newest", h.SHA256, h.Bytes, err, want)
	}
	clean(t, s)
}

func twice(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	c := text(dev, "a")
	c.Attempt.ID = "attempt-1"
	a := put(t, s, c)
	b := put(t, s, c)
	if a.Revision.ID != b.Revision.ID || b.Outcome != configstore.Changed {
		t.Errorf("put again: %s of %s, want what was stored: changed of %s", b.Outcome, b.Revision.ID, a.Revision.ID)
	}
	if got, err := s.Attempts(t.Context(), dev, 10); err != nil || len(got) != 1 {
		t.Errorf("attempts %+v, %v, want one", got, err)
	}
}

func clockBack(t *testing.T, p Place) {
	c := start()
	s, dev := store(t, p, c), p.Device(t.Context(), "core1")
	put(t, s, text(dev, "a"))
	c.t = c.t.AddDate(0, 0, -1)
	b := put(t, s, text(dev, "b")).Revision
	put(t, s, text(dev, "b"))
	got, err := s.History(t.Context(), dev, configstore.Running)
	if err != nil || len(got) != 2 || got[0].ID != b.ID {
		t.Fatalf("history %+v, %v, want b before a", got, err)
	}
	if got[0].FirstSeen.Before(got[1].LastSeen) {
		t.Errorf("b begins %s, before a ends %s", got[0].FirstSeen, got[1].LastSeen)
	}
	clean(t, s)
}

func at(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	a := put(t, s, text(dev, "a")).Revision
	b := put(t, s, text(dev, "b")).Revision
	for name, tc := range map[string]struct {
		t    time.Time
		want configstore.RevisionID
	}{
		"at-its-begin":   {a.FirstSeen, a.ID},
		"in-the-gap":     {b.FirstSeen.Add(-1), a.ID},
		"long-afterward": {b.LastSeen.AddDate(1, 0, 0), b.ID},
	} {
		got, err := s.At(t.Context(), dev, configstore.Running, tc.t)
		if err != nil || got.ID != tc.want {
			t.Errorf("%s: %s, %v, want %s", name, got.ID, err, tc.want)
		}
	}
	if _, err := s.At(t.Context(), dev, configstore.Running, a.FirstSeen.Add(-1)); !errors.Is(err, configstore.ErrNoRevision) {
		t.Errorf("before the first: %v, want ErrNoRevision", err)
	}
	if got, err := s.Recent(t.Context(), b.FirstSeen, 10); err != nil || len(got) != 1 || got[0].ID != b.ID {
		t.Errorf("recent %+v, %v, want b alone", got, err)
	}
}

func reopened(t *testing.T, p Place) {
	s, dev := store(t, p, start()), p.Device(t.Context(), "core1")
	a := put(t, s, text(dev, "a")).Revision
	s = store(t, p.Reopen(), start())
	got, err := s.Head(t.Context(), dev, configstore.Running)
	if d := cmp.Diff(got, a); d != "" || err != nil {
		t.Errorf("head after reopening: %v (-got +want)\n%s", err, d)
	}
	clean(t, s)
}
