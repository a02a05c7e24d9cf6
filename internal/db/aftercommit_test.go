package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestWhatFollowsACommitHappensAfterItOrNever(t *testing.T) {
	d := open(t, t.TempDir())
	var log []string
	say := func(s string) func() { return func() { log = append(log, s) } }
	undone := errors.New("undone")
	d.AfterCommit(t.Context(), say("alone"))
	err := d.InTx(t.Context(), func(ctx context.Context) error {
		d.AfterCommit(ctx, say("first"))
		err := d.InTx(ctx, func(ctx context.Context) error {
			d.AfterCommit(ctx, say("inner"))
			return nil
		})
		say("work")()
		if part := d.InTx(ctx, func(ctx context.Context) error {
			d.AfterCommit(ctx, say("of a part that was undone"))
			return undone
		}); !errors.Is(part, undone) {
			return part
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.InTx(t.Context(), func(ctx context.Context) error {
		d.AfterCommit(ctx, say("never"))
		return undone
	}); !errors.Is(err, undone) {
		t.Fatal(err)
	}
	if got, want := strings.Join(log, " "), "alone work first inner"; got != want {
		t.Errorf("order %q, want %q", got, want)
	}
}
