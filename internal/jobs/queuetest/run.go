// Package queuetest says what a work queue keeps to, whichever it is. The
// simulation runs on one in memory; that it behaves like the real one is shown
// here.
//
// It refuses to know how a queue is built, and nothing but tests imports it.
package queuetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/internal/jobs"
)

// Open makes an empty queue whose messages come back after ackWait, and a way
// to let time pass for it.
type Open func(t *testing.T, ackWait time.Duration) (q jobs.Queue, pass func(time.Duration))

// Run holds a queue to its promises.
func Run(t *testing.T, open Open) {
	t.Helper()
	for name, f := range map[string]func(*testing.T, Open){
		"AMessageIsHandedOutOnceAndGoneAfterItsAck":    handedOutOnce,
		"UrgentMessagesComeFirstUnlessAskedFromBelow":  urgentFirst,
		"AMessageWithoutASignOfLifeComesBack":          comesBack,
		"ASignOfLifeKeepsAMessage":                     keptAlive,
		"NoMoreThanTheLimitOfASiteAreOut":              limited,
		"TheSameAttemptIsKeptOnceUnlessItIsSentAnew":   keptOnce,
		"DroppedAndClearedMessagesAreGone":             dropped,
		"AMessageHandedOutThreeTimesIsExhausted":       exhausted,
		"SitesDoNotSeeEachOther":                       apart,
		"AClearedQueueTakesTheSameAttemptOnceMoreHere": clearedTakesAgain,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel() // most of it is waiting
			f(t, open)
		})
	}
}

const (
	ackWait = 500 * time.Millisecond
	never   = time.Minute // for what must not come back under load
)

func message(job string, p jobs.Priority) jobs.Message {
	return jobs.Message{Job: job, Attempt: 1, Kind: jobs.Pull, Site: "s", Priority: p}
}

func ready(t *testing.T, open Open, wait time.Duration, limit int, messages ...jobs.Message) (jobs.Queue, func(time.Duration)) {
	t.Helper()
	q, pass := open(t, wait)
	ok(t, q.Site(t.Context(), "s", limit))
	for _, m := range messages {
		ok(t, q.Publish(t.Context(), m))
	}
	return q, pass
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// next waits a little: what was published may take a moment to be there.
func next(t *testing.T, q jobs.Queue, site string, fromBottom bool) jobs.Delivery {
	t.Helper()
	for range 20 {
		d, err := q.Next(t.Context(), site, fromBottom)
		ok(t, err)
		if d != nil {
			return d
		}
		time.Sleep(5 * time.Millisecond)
	}
	t.Fatal("there is no message")
	return nil
}

func none(t *testing.T, q jobs.Queue, site string) {
	t.Helper()
	if d, err := q.Next(t.Context(), site, false); err != nil || d != nil {
		t.Fatalf("Next = %v, %v; want nothing", d, err)
	}
}

func present(t *testing.T, q jobs.Queue) string {
	t.Helper()
	p, err := q.Present(t.Context())
	ok(t, err)
	var ids []string
	for id := range p {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return strings.Join(ids, " ")
}

func handedOutOnce(t *testing.T, open Open) {
	q, _ := ready(t, open, never, 4, message("a", jobs.Normal))
	d := next(t, q, "s", false)
	if got, want := d.Message(), message("a", jobs.Normal); got != want {
		t.Errorf("message %+v, want %+v", got, want)
	}
	none(t, q, "s")
	if got := present(t, q); got != "a" {
		t.Errorf("present while in hands: %q", got)
	}
	ok(t, d.Ack(t.Context()))
	if got := present(t, q); got != "" {
		t.Errorf("present after its ack: %q", got)
	}
	none(t, q, "s")
}

func urgentFirst(t *testing.T, open Open) {
	for _, fromBottom := range []bool{false, true} {
		q, _ := ready(t, open, never, 4, message("l", jobs.Low), message("n", jobs.Normal), message("h", jobs.High))
		var got []string
		for range 3 {
			got = append(got, next(t, q, "s", fromBottom).Message().Job)
		}
		want := []string{"h", "n", "l"}
		if fromBottom {
			slices.Reverse(want)
		}
		if !slices.Equal(got, want) {
			t.Errorf("from below %v: %v, want %v", fromBottom, got, want)
		}
	}
}

func comesBack(t *testing.T, open Open) {
	q, pass := ready(t, open, ackWait, 4, message("a", jobs.High))
	next(t, q, "s", false)
	none(t, q, "s")
	pass(2 * ackWait)
	if got := next(t, q, "s", false).Message().Job; got != "a" {
		t.Errorf("came back: %q", got)
	}
}

func keptAlive(t *testing.T, open Open) {
	q, pass := ready(t, open, ackWait, 4, message("a", jobs.High))
	d := next(t, q, "s", false)
	for range 3 {
		pass(ackWait / 2)
		ok(t, d.Alive())
	}
	none(t, q, "s")
}

func limited(t *testing.T, open Open) {
	q, _ := ready(t, open, never, 2, message("a", jobs.High), message("b", jobs.High), message("c", jobs.High))
	first := next(t, q, "s", false)
	next(t, q, "s", false)
	none(t, q, "s")
	ok(t, first.Ack(t.Context()))
	if got := next(t, q, "s", false).Message().Job; got != "c" {
		t.Errorf("after an ack: %q", got)
	}
}

func keptOnce(t *testing.T, open Open) {
	anew, second := message("a", jobs.High), message("a", jobs.High)
	anew.Again, second.Attempt = "x", 2
	q, _ := ready(t, open, never, 9, message("a", jobs.High), message("a", jobs.High), anew, second)
	for range 3 {
		next(t, q, "s", false)
	}
	none(t, q, "s")
}

func dropped(t *testing.T, open Open) {
	q, _ := ready(t, open, never, 9, message("a", jobs.High), message("b", jobs.Low), message("c", jobs.Normal))
	d := next(t, q, "s", false)
	ok(t, q.Drop(t.Context(), "a"))
	ok(t, q.Drop(t.Context(), "unknown"))
	if got := present(t, q); got != "b c" {
		t.Errorf("after Drop: %q", got)
	}
	_ = d.Ack(t.Context()) // may be told that it is gone; must not hurt
	ok(t, q.Clear(t.Context()))
	none(t, q, "s")
	if got := present(t, q); got != "" {
		t.Errorf("after Clear: %q", got)
	}
}

func clearedTakesAgain(t *testing.T, open Open) {
	q, _ := ready(t, open, never, 9, message("a", jobs.High))
	ok(t, q.Clear(t.Context()))
	ok(t, q.Publish(t.Context(), message("a", jobs.High)))
	next(t, q, "s", false)
}

func exhausted(t *testing.T, open Open) {
	q, pass := ready(t, open, ackWait, 9, message("a", jobs.High))
	for range 3 {
		next(t, q, "s", false)
		pass(2 * ackWait)
	}
	for range 40 {
		none(t, q, "s")
		select {
		case id := <-q.Exhausted():
			if id != "a" {
				t.Errorf("exhausted: %q", id)
			}
			for range 100 {
				if present(t, q) == "" {
					return
				}
				time.Sleep(5 * time.Millisecond)
			}
			t.Fatal("the message is still there")
		case <-time.After(25 * time.Millisecond):
		}
	}
	t.Fatal("nobody was told")
}

func apart(t *testing.T, open Open) {
	q, _ := ready(t, open, never, 9)
	for i := range 3 {
		m := message(fmt.Sprint("o", i), jobs.High)
		m.Site = "other"
		ok(t, q.Publish(t.Context(), m))
	}
	none(t, q, "s")
	none(t, q, "unknown")
	ok(t, q.Site(context.WithoutCancel(t.Context()), "other", 9))
	if got := next(t, q, "other", false).Message().Job; got != "o0" {
		t.Errorf("first of the other site: %q", got)
	}
}
