package pull_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore/pull"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// annex has one switch of the platform huawei_vrp.
func annex(t *testing.T, base string) *sim.Network {
	t.Helper()
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr(base), Plan: "annex"})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	return n
}

func TestTheSwitchOfTheAnnexIsReadAsItIs(t *testing.T) {
	n := annex(t, "127.105.0.1")
	tests := map[string]struct {
		faults []sim.Fault
		want   []netdev.Reason // nil: the whole text; else one of these and no text
	}{
		"both-texts-and-extras":    {nil, nil},
		"pager-that-stays":         {[]sim.Fault{sim.PagerStays}, nil},
		"no-echo":                  {[]sim.Fault{sim.NoEcho}, nil},
		"prompt-like-lines-inside": {[]sim.Fault{sim.PromptLike}, nil},
		"cut-then-prompt":          {[]sim.Fault{sim.CutThenPrompt}, []netdev.Reason{netdev.NoEndMarker, netdev.Truncated}},
		"closed-in-the-middle":     {[]sim.Fault{sim.CloseNoStatus}, []netdev.Reason{netdev.Closed, netdev.NoEndMarker, netdev.Truncated}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			r := rigOn(t, n, kind{device: "ham-acc9"})
			for _, f := range tc.faults {
				r.Inject(f)
			}
			t.Cleanup(func() { _ = r.ClearFaults() })
			req := r.request()
			req.Sources, req.Extras = []string{pull.Running, pull.Startup}, true
			res, err := r.pull(req, pull.Options{})
			if tc.want != nil {
				if !slices.Contains(tc.want, netdev.ReasonOf(err)) && (len(res.Texts) == 0 || !slices.Contains(tc.want, netdev.ReasonOf(res.Texts[0].Err))) {
					t.Errorf("%v with %+v, want one of %v", err, res.Texts, tc.want)
				}
				for _, x := range res.Texts {
					if x.Err == nil && len(x.Raw) > 0 && x.Source == pull.Running {
						t.Errorf("%d bytes of a text that was cut are given out", len(x.Raw))
					}
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			saved, _ := r.Startup()
			if !same(res.Texts[0].Raw, r.Running()) || !same(res.Texts[1].Raw, saved) {
				t.Errorf("%q\n and %q, want %q", first(res.Texts[0].Raw), first(res.Texts[1].Raw), first(r.Running()))
			}
			for _, x := range res.Texts {
				if x.Err != nil && x.Source != "command:inventory" { // optional; this model has no such command
					t.Errorf("%s: %v (%s)", x.Source, x.Err, x.Rule)
				}
			}
			if w := r.Writes(); len(w) > 0 {
				t.Errorf("it was sent %q", w)
			}
		})
	}
}

// TestWhatVRPSaysIsUnderstood tries the expressions on lines as the platform
// prints them; words and numbers are our own.
func TestWhatVRPSaysIsUnderstood(t *testing.T) {
	p, ok, err := platform.BuiltinOne("huawei_vrp")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	reason := func(line string) string {
		for _, e := range p.Errors {
			if e.Match.MatchString(line) {
				return string(e.Reason)
			}
		}
		return ""
	}
	for line, want := range map[string]string{
		"Error: Unrecognized command found at '^' position.":            "command-error",
		"Error: Too many parameters found at '^' position.":             "command-error",
		"Error: You do not have permission to run the command.":         "privilege",
		"Info: The number of online VTY users reaches the upper limit.": "session-limit",
		"Error: The system is busy. Please try again later.":            "device-busy",
		" description Error log of the press":                           "",
	} {
		if got := reason(line); got != want {
			t.Errorf("%q is %q, want %q", line, got, want)
		}
	}
	for prompt, want := range map[string]bool{"<orchard-acc9>": true, "HRP_M<orchard-fw1>": true, "[~orchard-acc9-GigabitEthernet0/0/1]": true, "[V200R022C00SPC500]": true,
		"  ---- More ----": false, " rule 5 <x> permit": false} {
		if got := p.Prompt.Match.MatchString(prompt) && p.Prompt.Match.Re().FindString(prompt) == prompt; got != want {
			t.Errorf("prompt %q: %v, want %v", prompt, got, want)
		}
	}
	if key := p.Login.Keys[0]; !key.Match.MatchString("The password needs to be changed. Change now? [Y/N]: ") || !strings.HasPrefix(key.Send, "n") {
		t.Errorf("the question for another password is answered %q", key.Send)
	}
	if !p.Pager.Match.MatchString("  ---- More ----") || !p.Read.StartupAbsent[0].MatchString("Info: There is no correct configuration file") {
		t.Error("pager or missing startup configuration is not seen")
	}
}
