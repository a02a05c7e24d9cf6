package db_test

import (
	"context"
	"testing"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/internal/testkit/storetest"
	"github.com/plumbline-net/plumbline/netdev"
)

// meanwhile lets something happen before revisions are read for the first time.
type meanwhile struct {
	*db.DB
	do func()
}

func (m *meanwhile) Revisions(ctx context.Context, dev netdev.DeviceID, src configstore.Source) ([]configstore.RevisionRow, error) {
	if do := m.do; do != nil {
		m.do = nil
		do()
	}
	return m.DB.Revisions(ctx, dev, src)
}

func TestABackupWhileAllIsVerifiedIsNoDamage(t *testing.T) {
	m := &meanwhile{DB: open(t, t.TempDir())}
	s, err := configstore.New(m, storetest.Keys{}, configstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	dev := addDevice(t, m.DB, "core1")
	put := func(text string) {
		t.Helper()
		if _, err := s.Put(t.Context(), configstore.Capture{Device: dev, Source: configstore.Running, Raw: []byte(text), Text: []byte(text)}, configstore.Fence{}); err != nil {
			t.Fatal(err)
		}
	}
	put("hostname one\n")
	m.do = func() { put("hostname two\n") }
	if faults, err := s.Verify(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("a backup in the middle: %q, %v", faults, err)
	}
	if h, err := s.History(t.Context(), dev, configstore.Running); err != nil || len(h) != 2 || m.do != nil {
		t.Errorf("%d revisions, %v: nothing happened in the middle", len(h), err)
	}
}
