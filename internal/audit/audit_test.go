package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/db"
)

func chain(t testing.TB, n int) (*audit.Log, *db.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), db.FileName)
	d, err := db.Open(t.Context(), db.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	l := audit.New(d, []byte("key of the chain"), audit.Options{})
	for i := range n {
		record(t, l, fmt.Sprint("device ", i))
	}
	return l, d, path
}

func record(t testing.TB, l *audit.Log, object string) {
	t.Helper()
	if err := l.Append(t.Context(), audit.Record{ActorKind: audit.User, Actor: "ann", Verb: audit.DeviceChange, Object: object}); err != nil {
		t.Fatal(err)
	}
}

func TestAWholeChainVerifies(t *testing.T) {
	for _, n := range []int{0, 1, 5} {
		l, _, _ := chain(t, n)
		rep, err := l.Verify(t.Context())
		if err != nil || !rep.OK() || rep.Records != int64(n) {
			t.Errorf("%d records: %+v, %v", n, rep, err)
		}
	}
}

// Control E41. Who does this has the file, so he also removes what keeps him
// from changing it.
func TestE41EveryChangeOfTheChainIsFound(t *testing.T) {
	tests := map[string]struct {
		sql  []string
		want string
	}{
		"edit":             {[]string{`UPDATE audit SET actor = 'bob' WHERE seq = 3`}, "record 3 was changed"},
		"edit-of-the-time": {[]string{`UPDATE audit SET at = at + 1 WHERE seq = 3`}, "record 3 was changed"},
		"text-moved-between-fields": {[]string{`UPDATE audit SET address = object, object = '' WHERE seq = 4`},
			"record 4 was changed"},
		"delete-in-the-middle": {[]string{`DELETE FROM audit WHERE seq = 3`}, "record 3 is missing"},
		"delete-and-renumber": {[]string{`DELETE FROM audit WHERE seq = 3`, `UPDATE audit SET seq = 3 WHERE seq = 4`,
			`UPDATE audit SET seq = 4 WHERE seq = 5`, `UPDATE audit_head SET seq = 4`}, "record 3 does not follow"},
		"swap": {[]string{`UPDATE audit SET seq = 99 WHERE seq = 2`, `UPDATE audit SET seq = 2 WHERE seq = 3`, `UPDATE audit SET seq = 3 WHERE seq = 99`},
			"record 2 does not follow"},
		"cut":                     {[]string{`DELETE FROM audit WHERE seq > 3`}, "records 4 to 5 are gone"},
		"cut-with-head-number":    {[]string{`DELETE FROM audit WHERE seq > 3`, `UPDATE audit_head SET seq = 3`}, "the head does not fit"},
		"insert-behind-the-head":  {[]string{`INSERT INTO audit SELECT 6, at, actor_kind, actor, address, request, verb, object, site, before, after, outcome, prev, mac FROM audit WHERE seq = 5`}, "record 6 lies behind"},
		"first-removed":           {[]string{`DELETE FROM audit WHERE seq = 1`}, "record 1 is missing"},
		"all-removed-but-no-head": {[]string{`DELETE FROM audit`}, "records 1 to 5 are gone"},
		"cut-with-a-true-old-head": {[]string{`UPDATE audit_head SET seq = 3, mac = (SELECT mac FROM audit WHERE seq = 3)`, `DELETE FROM audit WHERE seq > 3`},
			"the chain was cut at 3"},
		"everything-removed": {[]string{`DELETE FROM audit`, `DELETE FROM audit_head`}, "the chain was cut at 0"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			l, _, path := chain(t, 5)
			anchor, err := l.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tamper(t, path, append([]string{`DROP TRIGGER audit_no_update`, `DROP TRIGGER audit_no_delete`}, tc.sql...))
			rep, err := l.Verify(t.Context(), anchor)
			if err != nil || !strings.Contains(rep.Fault, tc.want) {
				t.Errorf("Verify = %q, %v; want %q", rep.Fault, err, tc.want)
			}
		})
	}
}

func tamper(t *testing.T, path string, statements []string) {
	t.Helper()
	raw, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range statements {
		if _, err := raw.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestRecordsCannotBeChangedByMistake(t *testing.T) {
	_, _, path := chain(t, 2)
	raw, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	for _, s := range []string{`UPDATE audit SET actor = 'bob'`, `DELETE FROM audit`} {
		if _, err := raw.Exec(s); err == nil {
			t.Errorf("%s went through", s)
		}
	}
}

func TestAnotherKeyDoesNotVerify(t *testing.T) {
	_, d, _ := chain(t, 2)
	rep, err := audit.New(d, []byte("another"), audit.Options{}).Verify(t.Context())
	if err != nil || rep.OK() {
		t.Errorf("Verify = %+v, %v", rep, err)
	}
}

// Control E43.
func TestE43TheRecordAndTheActionShareOneFate(t *testing.T) {
	l, d, _ := chain(t, 1)
	broken := errors.New("the action failed")
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		if err := l.Append(ctx, audit.Record{ActorKind: audit.User, Actor: "ann", Verb: audit.DeviceDelete}); err != nil {
			return err
		}
		return broken
	})
	if !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if rep, err := l.Verify(t.Context()); err != nil || rep.Records != 1 || !rep.OK() {
		t.Errorf("Verify = %+v, %v: the record of an action that was undone is there", rep, err)
	}
	for name, r := range map[string]audit.Record{
		"unknown-verb": {ActorKind: audit.User, Actor: "ann", Verb: "device.explode"},
		"nobody":       {ActorKind: audit.User, Verb: audit.DeviceAdd},
	} {
		if err := l.Append(t.Context(), r); err == nil {
			t.Errorf("%s was recorded", name)
		}
	}
}

func TestAppendsAtOnceMakeOneChain(t *testing.T) {
	l, _, _ := chain(t, 0)
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() { record(t, l, fmt.Sprint(i)) })
	}
	wg.Wait()
	if rep, err := l.Verify(t.Context()); err != nil || !rep.OK() || rep.Records != 20 {
		t.Errorf("Verify = %+v, %v", rep, err)
	}
	list, err := l.Find(t.Context(), audit.Filter{}, 0, 3)
	if err != nil || len(list) != 3 || list[0].Seq != 20 {
		t.Errorf("Find = %+v, %v", list, err)
	}
}

func TestHostileTextInARecordStillVerifies(t *testing.T) {
	l, _, _ := chain(t, 0)
	record(t, l, "\x00\xff\xfe\x1b[2J\u202e"+strings.Repeat("é", 5000))
	if rep, err := l.Verify(t.Context()); err != nil || !rep.OK() {
		t.Errorf("Verify = %+v, %v", rep, err)
	}
}

func TestRecordsAreFoundByWhoWhatAndWhen(t *testing.T) {
	_, d, _ := chain(t, 0)
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	l := audit.New(d, []byte("key of the chain"), audit.Options{Now: func() time.Time { return at }})
	for i, r := range []audit.Record{
		{ActorKind: audit.User, Actor: "ann", Address: "10.0.0.7", Verb: audit.DeviceAdd, Object: "core_1 100%"},
		{ActorKind: audit.Token, Actor: "Bob", Verb: audit.DeviceDelete, Object: "core21 100x"},
		{ActorKind: audit.User, Actor: "ann", Verb: audit.LoginOK, After: "Core"},
	} {
		at = at.Add(time.Duration(i) * time.Hour)
		if err := l.Append(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		f    audit.Filter
		want []int64
	}{
		"all":              {audit.Filter{}, []int64{3, 2, 1}},
		"actor-any-case":   {audit.Filter{Who: "BOB"}, []int64{2}},
		"address":          {audit.Filter{Who: "0.0.7"}, []int64{1}},
		"verb-begins-so":   {audit.Filter{Verb: "device."}, []int64{2, 1}},
		"object":           {audit.Filter{Object: "core"}, []int64{3, 2, 1}},
		"signs-are-no-own": {audit.Filter{Object: "core_1 100%"}, []int64{1}},
		"since":            {audit.Filter{Since: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, []int64{3, 2}},
		"until":            {audit.Filter{Until: time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)}, []int64{2, 1}},
		"together":         {audit.Filter{Who: "ann", Verb: "device"}, []int64{1}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			list, err := l.Find(t.Context(), tc.f, 0, 10)
			var got []int64
			for _, r := range list {
				got = append(got, r.Seq)
			}
			n, cerr := l.Count(t.Context(), tc.f, 2)
			above := len(slices.DeleteFunc(slices.Clone(tc.want), func(s int64) bool { return s < 2 }))
			if err != nil || cerr != nil || !slices.Equal(got, tc.want) || n != above {
				t.Errorf("found %v, %d from 2 on, %v, %v; want %v and %d", got, n, err, cerr, tc.want, above)
			}
		})
	}
}

func TestVerifyTellsHowFarItIs(t *testing.T) {
	l, _, _ := chain(t, 3)
	var said []int64
	if rep, err := l.VerifyWith(t.Context(), func(done, of int64) { said = append(said, done, of) }); err != nil || !rep.OK() || !slices.Equal(said, []int64{3, 3}) {
		t.Errorf("told %v, %+v, %v", said, rep, err)
	}
}
