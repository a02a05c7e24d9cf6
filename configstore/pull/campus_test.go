package pull_test

import (
	"bytes"
	"context"
	"net/netip"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/internal/sim"
)

// strip leaves out what a device prints anew each time: when it was asked.
func strip(text []byte) []byte {
	var out [][]byte
	for _, l := range bytes.Split(bytes.Trim(text, "\n"), []byte("\n")) {
		if !bytes.HasPrefix(l, []byte("!Time: ")) && !bytes.Contains(l, []byte(" by RouterOS ")) {
			out = append(out, l)
		}
	}
	return bytes.Join(out, []byte("\n"))
}

func TestEveryDeviceOfTheCampusIsReadAsItIs(t *testing.T) {
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr("127.100.0.1"), Plan: "campus"})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	for _, d := range n.Devices() {
		t.Run(d.Name(), func(t *testing.T) {
			t.Parallel()
			r := rigOn(t, n, kind{device: d.Name()})
			req := r.request()
			req.Sources, req.Extras = []string{pull.Running}, true
			saved, has := d.Startup()
			if has {
				req.Sources = append(req.Sources, pull.Startup)
			}
			res, err := r.pull(req, pull.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := res.Texts[0].Raw; !same(strip(got), strip(d.Running())) {
				t.Errorf("%d bytes, want %d:\n%q\n%q", len(got), len(d.Running()), first(got), first(d.Running()))
			}
			if has && !same(strip(res.Texts[1].Raw), strip(saved)) {
				t.Errorf("saved: %d bytes, want %d:\n%q\n%q", len(res.Texts[1].Raw), len(saved), first(res.Texts[1].Raw), first(saved))
			}
			for _, x := range res.Texts {
				if x.Err != nil {
					t.Errorf("%s: %v (%s) %q", x.Source, x.Err, x.Rule, x.Quarantine)
				}
			}
			if w := d.Writes(); len(w) > 0 {
				t.Errorf("it was sent %q", w)
			}
		})
	}
}

func first(b []byte) []byte { return b[:min(len(b), 300)] }
