package event_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/plumbline-net/plumbline/internal/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// drain reads what is there.
func drain(ch <-chan event.Event) string {
	var out []string
	for {
		select {
		case e, ok := <-ch:
			if !ok {
				return strings.Join(append(out, "closed"), " ")
			}
			s := fmt.Sprintf("%d:%s/%s", e.Seq, e.Topic, e.ID)
			if e.Gap {
				s += "!"
			}
			out = append(out, s)
		default:
			return strings.Join(out, " ")
		}
	}
}

func TestReadersGetTheirTopicsInOrder(t *testing.T) {
	h := event.NewHub(event.Options{})
	jobs, all := h.Subscribe(t.Context(), "job", "run"), h.Subscribe(t.Context())
	h.Publish("job", "a")
	h.Publish("device", "b")
	h.Publish("run", "c")
	if got := drain(jobs); got != "1:job/a 3:run/c" {
		t.Errorf("two topics: %s", got)
	}
	if got := drain(all); got != "1:job/a 2:device/b 3:run/c" {
		t.Errorf("all topics: %s", got)
	}
}

func TestASlowReaderLosesTheOldestAndIsTold(t *testing.T) {
	h := event.NewHub(event.Options{Buffer: 3})
	ch := h.Subscribe(t.Context())
	for i := range 5 {
		h.Publish("job", fmt.Sprint(i))
	}
	if got := drain(ch); got != "3:job/2 4:job/3! 5:job/4!" {
		t.Errorf("got %s", got)
	}
	h.Publish("job", "later")
	if got := drain(ch); got != "6:job/later" {
		t.Errorf("got %s, want no gap after it was told", got)
	}
}

func TestAReaderWhoComesBackGetsWhatHeMissed(t *testing.T) {
	tests := map[string]struct {
		last uint64
		want string
	}{
		"nothing-missed":      {6, ""},
		"two-missed":          {4, "5:t/4 6:t/5"},
		"all-that-is-kept":    {3, "4:t/3 5:t/4 6:t/5"},
		"more-than-kept":      {1, "6:/! 4:t/3 5:t/4 6:t/5"},
		"of-an-earlier-run":   {99, "6:/!"},
		"never-saw-one":       {0, "6:/! 4:t/3 5:t/4 6:t/5"},
		"number-at-its-limit": {1<<64 - 1, "6:/!"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			h := event.NewHub(event.Options{Kept: 3})
			for i := range 6 {
				h.Publish("t", fmt.Sprint(i))
			}
			if got := drain(h.SubscribeAfter(t.Context(), tc.last)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestChannelIsClosedWhenTheReaderLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := event.NewHub(event.Options{})
		ctx, cancel := context.WithCancel(t.Context())
		ch := h.Subscribe(ctx)
		h.Publish("job", "a")
		cancel()
		synctest.Wait()
		h.Publish("job", "b")
		if got := drain(ch); got != "1:job/a closed" {
			t.Errorf("got %s", got)
		}
	})
}
