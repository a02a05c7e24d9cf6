package db_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/blob"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
	"github.com/plumbline-net/plumbline/netdev"
)

// filled makes a database with n revisions of one device, and a second way in.
func filled(t testing.TB, dir string, n int) (*configstore.Store, netdev.DeviceID, *sql.DB) {
	t.Helper()
	d := open(t, dir)
	s, err := configstore.New(d, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dev := addDevice(t, d, "core1")
	err = s.InTx(t.Context(), func(ctx context.Context) error {
		for i := range n {
			text := fmt.Sprintf("hostname core1\nsecret canary-%d\n", i)
			c := configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte(text), Text: []byte(strings.ReplaceAll(text, "canary", "mask"))}
			if _, err := s.Put(ctx, c, configstore.Fence{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", filepath.Join(dir, db.FileName))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = raw.Close() })
	return s, dev, raw
}

func TestDamageIsToldAndNeverShown(t *testing.T) {
	tests := map[string]struct{ statement, want string }{
		"row-edited":            {"UPDATE revision SET changed_by = 'eve' WHERE seq = 2", "revision 2 "},
		"newest-row-edited":     {"UPDATE revision SET book_version = 'x' WHERE seq = 4", "revision 4 "},
		"text-hash-edited":      {"UPDATE revision SET text_hash = 'x' WHERE seq = 3", "revision 3 "},
		"sealed-sum-exchanged":  {"UPDATE revision SET sum = (SELECT sum FROM revision WHERE seq = 1) WHERE seq = 2", "revision 2 "},
		"revision-gone":         {"DELETE FROM blob WHERE revision = (SELECT id FROM revision WHERE seq = 2); DELETE FROM revision WHERE seq = 2", "between 1 and 3"},
		"first-gone":            {"DELETE FROM blob WHERE revision = (SELECT id FROM revision WHERE seq = 1); DELETE FROM revision WHERE seq = 1", "before 2"},
		"newest-gone":           {"PRAGMA foreign_keys = 0; DELETE FROM blob WHERE revision = (SELECT id FROM revision WHERE seq = 4); DELETE FROM revision WHERE seq = 4", "the newest is 3"},
		"head-goes-back":        {"UPDATE head SET seq = 3, revision = (SELECT id FROM revision WHERE seq = 3)", "the newest is 4"},
		"head-gone":             {"DELETE FROM head", "has no head"},
		"text-gone":             {"DELETE FROM blob WHERE class = 'text' AND revision = (SELECT id FROM revision WHERE seq = 4)", "revision 4 "},
		"raw-gone":              {"DELETE FROM blob WHERE class = 'raw' AND revision = (SELECT id FROM revision WHERE seq = 1)", "raw text of revision 1 "},
		"bodies-exchanged":      {"UPDATE blob SET body = (SELECT body FROM blob WHERE class = 'text' AND revision = (SELECT id FROM revision WHERE seq = 1)) WHERE class = 'text' AND revision = (SELECT id FROM revision WHERE seq = 2)", "revision 2 "},
		"base-edited":           {"UPDATE blob SET base = (SELECT id FROM revision WHERE seq = 4) WHERE class = 'text' AND revision = (SELECT id FROM revision WHERE seq = 1)", "revision 1 "},
		"chain-without-an-end":  {"UPDATE blob SET kind = 'delta', base = (SELECT id FROM revision WHERE seq = 1) WHERE class = 'text'", "no end"},
		"kind-edited":           {"UPDATE blob SET kind = 'same' WHERE class = 'raw'", "raw text of revision 4 "},
		"size-made-huge":        {"UPDATE blob SET size = 1 << 40 WHERE class = 'text' AND kind = 'whole'", "revision 4 "},
		"size-made-negative":    {"UPDATE blob SET size = -1", "revision 4 "},
		"moved-to-another-date": {"UPDATE revision SET first_seen = first_seen - 1 WHERE seq = 2", "revision 2 "},
		"ends-before-begin":     {"UPDATE revision SET last_seen = first_seen - 1 WHERE seq = 2", "ends before it begins"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			s, dev, raw := filled(t, t.TempDir(), 4)
			before, err := s.History(t.Context(), dev, configstore.Running)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := raw.Exec(tc.statement); err != nil {
				t.Fatal(err)
			}
			faults, err := s.Verify(t.Context())
			if err != nil || !strings.Contains(strings.Join(faults, "\n"), tc.want) {
				t.Errorf("verify: %q, %v, want a fault that says %q", faults, err, tc.want)
			}
			for _, r := range before { // what is still given out must be what was put
				want := fmt.Sprintf("hostname core1\nsecret canary-%d\n", r.Seq-1)
				if got, err := s.Raw(t.Context(), r.ID); err == nil && string(got) != want {
					t.Errorf("raw of revision %d is %q, want %q or an error", r.Seq, got, want)
				}
				want = strings.ReplaceAll(want, "canary", "mask")
				if got, err := s.Text(t.Context(), r.ID); err == nil && string(got) != want {
					t.Errorf("text of revision %d is %q, want %q or an error", r.Seq, got, want)
				}
			}
		})
	}
}

// A flipped bit anywhere in a sealed body must be seen on reading.
func TestFlippedBitIsAlwaysSeen(t *testing.T) {
	const seed, flips = 11, 150
	rnd := rand.New(rand.NewPCG(seed, seed))
	s, dev, raw := filled(t, t.TempDir(), 3)
	revs, err := s.History(t.Context(), dev, configstore.Running)
	if err != nil {
		t.Fatal(err)
	}
	for range flips {
		r := revs[rnd.IntN(len(revs))]
		class := []blob.Class{blob.Text, blob.Raw}[rnd.IntN(2)]
		var body []byte
		if err := raw.QueryRow("SELECT body FROM blob WHERE revision = ? AND class = ?", string(r.ID), string(class)).Scan(&body); err != nil {
			t.Fatal(err)
		}
		bit := rnd.IntN(8 * len(body))
		set := func(b []byte) {
			if _, err := raw.Exec("UPDATE blob SET body = ? WHERE revision = ? AND class = ?", b, string(r.ID), string(class)); err != nil {
				t.Fatal(err)
			}
		}
		broken := append([]byte(nil), body...)
		broken[bit/8] ^= 1 << (bit % 8)
		set(broken)
		if got, err := s.Raw(t.Context(), r.ID); !errors.Is(err, configstore.ErrDamaged) || got != nil {
			t.Fatalf("bit %d of %s of revision %d flipped: %q, %v, want ErrDamaged", bit, class, r.Seq, got, err)
		}
		set(body)
	}
}

func TestDamagedHeadDoesNotStopTheNextRevision(t *testing.T) {
	s, dev, raw := filled(t, t.TempDir(), 2)
	if _, err := raw.Exec("UPDATE blob SET body = x'00' WHERE class = 'text' AND kind = 'whole'"); err != nil {
		t.Fatal(err)
	}
	st, err := s.Put(t.Context(), configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte("new"), Text: []byte("new")}, configstore.Fence{})
	if err != nil {
		t.Fatalf("put behind a damaged revision: %v", err)
	}
	if got, err := s.Text(t.Context(), st.Revision.ID); string(got) != "new" || err != nil {
		t.Errorf("text %q, %v, want new", got, err)
	}
	if _, err := s.Text(t.Context(), st.Previous.ID); !errors.Is(err, configstore.ErrDamaged) {
		t.Errorf("damaged text: %v, want ErrDamaged", err)
	}
}

func TestSecretsDoNotLieInTheFileInClear(t *testing.T) {
	dir := t.TempDir()
	s, dev, raw := filled(t, dir, 3)
	err := s.Fail(t.Context(), configstore.Attempt{Device: dev, Source: configstore.Running, Outcome: configstore.PartialText, Reason: netdev.Truncated},
		[]byte("secret canary-quarantined\n"), "end", configstore.Fence{})
	if err != nil {
		t.Fatal(err)
	}
	// As text, as a plain hash of what the device sent, in the log and in the file.
	found := grep(t, dir, "canary-", "mask-")
	if len(found) > 0 {
		t.Errorf("in clear: %v", found)
	}
	if _, err := raw.Exec("PRAGMA wal_checkpoint(TRUNCATE)"); err != nil {
		t.Fatal(err)
	}
	revs, err := s.History(t.Context(), dev, configstore.Running)
	if err != nil {
		t.Fatal(err)
	}
	if found := grep(t, dir, "canary-", revs[0].SHA256, string(unhex(t, revs[0].SHA256))); len(found) > 0 {
		t.Errorf("in clear after a checkpoint: %q", found)
	}
	if found := grep(t, dir, "core1"); len(found) == 0 {
		t.Error("the device's name is not found either: this test looks in the wrong place")
	}
}
