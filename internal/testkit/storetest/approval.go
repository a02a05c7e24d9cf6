package storetest

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/configstore/scrub"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func reader() *configstore.Reader {
	return configstore.NewReader(func(netdev.PlatformID) (*platform.Platform, bool) { return nil, false }, scrub.KeyMasker([]byte("k")))
}

// found gives the findings of a kind as "state path" lines.
func found(t *testing.T, s *configstore.Store, kind drift.Kind) []string {
	t.Helper()
	fs, err := s.Findings(t.Context(), configstore.FindingFilter{Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, f := range fs {
		out = append(out, string(f.State)+" "+f.Change.Old+"→"+f.Change.New)
	}
	slices.Sort(out)
	return out
}

func approvals(t *testing.T, p Place) {
	s := store(t, p, start())
	one, two := netdev.Device{ID: p.Device(t.Context(), "core1")}, netdev.Device{ID: p.Device(t.Context(), "core2")}
	a := put(t, s, text(one.ID, "hostname core1\nntp server 192.0.2.1\n")).Revision
	b := put(t, s, text(one.ID, "hostname core1\nntp server 192.0.2.9\n")).Revision
	saved := text(one.ID, "hostname core1\n")
	saved.Source = configstore.Startup
	st := put(t, s, saved).Revision
	other := put(t, s, text(two.ID, "hostname core2\n")).Revision
	approve := func(dev netdev.Device, rev configstore.RevisionID) error {
		return s.Approve(t.Context(), reader(), dev, configstore.Approval{Revision: rev, By: "anna", Comment: "looked at"})
	}
	for name, err := range map[string]error{
		"no-such-revision":    approve(one, "01NONE"),
		"of-another-device":   approve(one, other.ID),
		"of-the-startup-text": approve(one, st.ID),
	} {
		if !errors.Is(err, configstore.ErrNoRevision) && !errors.Is(err, configstore.ErrNotApprovable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if list, err := s.Approvals(t.Context(), one.ID); err != nil || len(list) != 0 {
		t.Fatalf("what was refused left %+v, %v", list, err)
	}
	if err := approve(one, a.ID); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(found(t, s, drift.Baseline), []string{"open ntp server 192.0.2.1→ntp server 192.0.2.9"}); d != "" {
		t.Errorf("what runs against what was approved:\n%s", d)
	}
	if err := p.Rows.DropRevision(t.Context(), a.ID); !errors.Is(err, configstore.ErrPinned) {
		t.Errorf("removing an approved revision: %v, want ErrPinned", err)
	}
	if text, err := s.Text(t.Context(), a.ID); err != nil || len(text) == 0 {
		t.Errorf("its text: %q, %v", text, err)
	}
	if err := approve(one, b.ID); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(found(t, s, drift.Baseline), []string{"resolved ntp server 192.0.2.1→ntp server 192.0.2.9"}); d != "" {
		t.Errorf("after what runs was approved:\n%s", d)
	}
	edges, err := s.Edges(t.Context(), configstore.EdgeFilter{Device: one.ID}, 10)
	if err != nil || len(edges) != 2 || edges[0].By != "anna" || edges[0].Why != drift.ReferenceMoved || edges[0].Note != "looked at" {
		t.Errorf("history %+v, %v", edges, err)
	}
	list, err := s.Approvals(t.Context(), one.ID)
	base, berr := s.Baselines(t.Context(), "")
	if err != nil || berr != nil || len(list) != 2 || list[0].Revision != b.ID || list[1].Revision != a.ID || len(base) != 1 || base[one.ID].Revision != b.ID {
		t.Errorf("approvals %+v, %v; baselines %+v, %v", list, err, base, berr)
	}
	clean(t, s)
}

func approvedHeads(t *testing.T, p Place) {
	s := store(t, p, start())
	var members []configstore.Member
	for _, n := range []string{"core1", "core2", "core3"} {
		dev := p.Device(t.Context(), n)
		members = append(members, configstore.Member{Device: dev, Revision: put(t, s, text(dev, "hostname "+n+"\n")).Revision.ID})
	}
	empty := configstore.Member{Device: p.Device(t.Context(), "core4"), Revision: "01NONE"}
	put(t, s, text(members[1].Device, "hostname core2\nntp server 192.0.2.9\n"))
	do := func(m ...configstore.Member) configstore.Done {
		t.Helper()
		done, err := s.ApproveHeads(t.Context(), m, configstore.Approval{By: "anna"})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	done := do(append(members, empty, members[0])...)
	if d := cmp.Diff(done.Devices, []netdev.DeviceID{members[0].Device, members[2].Device}); d != "" || len(done.Left) != 3 {
		t.Errorf("approved (-got +want)\n%s, left out %+v", d, done.Left)
	}
	if l := done.Left[0]; l.Device != members[1].Device || l.Why != "its configuration changed after the page was shown" {
		t.Errorf("the one that moved: %+v", l)
	}
	base, err := s.Baselines(t.Context(), "")
	if err != nil || len(base) != 2 {
		t.Errorf("baselines %+v, %v", base, err)
	}
}

func groups(t *testing.T, p Place) {
	c := start()
	s := store(t, p, c)
	change := drift.Change{Op: "add", Path: []string{"ntp"}, New: "ntp server 192.0.2.9"}
	var members []configstore.Member
	judge := func(m configstore.Member, found ...drift.Finding) {
		t.Helper()
		if err := s.SaveJudgement(t.Context(), configstore.Judgement{Device: m.Device, Revision: m.Revision, Kinds: []drift.Kind{drift.Startup}, Findings: found}); err != nil {
			t.Fatal(err)
		}
	}
	there := drift.Finding{ID: drift.ID{Kind: drift.Startup, Key: "ntp"}, Change: change}
	for _, n := range []string{"core1", "core2", "core3", "core4"} {
		dev := p.Device(t.Context(), n)
		m := configstore.Member{Device: dev, Revision: put(t, s, text(dev, n)).Revision.ID}
		judge(m, there)
		members = append(members, m)
	}
	key := drift.GroupKey(drift.Startup, change)
	moved := configstore.Member{Device: members[1].Device, Revision: put(t, s, text(members[1].Device, "other")).Revision.ID}
	judge(moved, there)
	judge(members[2])
	say := func(what drift.Happening, until time.Time, m ...configstore.Member) configstore.Done {
		t.Helper()
		done, err := s.SayOfGroup(t.Context(), key, m, drift.Event{What: what, By: "anna", Note: "known", Until: until})
		if err != nil {
			t.Fatal(err)
		}
		return done
	}
	until := c.t.Add(4 * time.Hour)
	done := say(drift.Acknowledge, until, members[:3]...)
	want := []configstore.LeftOut{{Device: members[1].Device, Why: "its configuration changed after the page was shown"}, {Device: members[3].Device, Why: "it came after the page was shown"},
		{Device: members[2].Device, Why: "the difference is not there any more"}}
	if d := cmp.Diff(done, configstore.Done{Devices: []netdev.DeviceID{members[0].Device}, Left: want}); d != "" {
		t.Errorf("acknowledged (-got +want)\n%s", d)
	}
	states := func() map[drift.State]int {
		t.Helper()
		g, err := s.Group(t.Context(), key)
		if err != nil || len(g.Members) != 4 {
			t.Fatalf("group %+v, %v", g, err)
		}
		n := map[drift.State]int{}
		for _, f := range g.Members {
			n[f.State]++
		}
		return n
	}
	if d := cmp.Diff(states(), map[drift.State]int{drift.Acknowledged: 1, drift.Open: 2, drift.Resolved: 1}); d != "" {
		t.Errorf("states (-got +want)\n%s", d)
	}
	c.t = until
	if d := cmp.Diff(states(), map[drift.State]int{drift.Open: 3, drift.Resolved: 1}); d != "" {
		t.Errorf("after its time (-got +want)\n%s", d)
	}
	done = say(drift.Withdraw, time.Time{}, members[0])
	if len(done.Devices) != 0 || len(done.Left) != 3 {
		t.Errorf("taking back what has expired: %+v", done)
	}
	say(drift.Acknowledge, time.Time{}, members[0])
	c.t = c.t.Add(configstore.DefaultStaleAfter)
	g, err := s.Group(t.Context(), key)
	if err != nil || g.Members[0].State != drift.Acknowledged || g.Members[0].AsOf.IsZero() {
		t.Errorf("of a stale device: %+v, %v; want it frozen as of its last reading", g.Members[0], err)
	}
	if _, err := s.SayOfGroup(t.Context(), "nothing", members, drift.Event{What: drift.Acknowledge, By: "anna"}); !errors.Is(err, configstore.ErrNoGroup) {
		t.Errorf("a group that is none: %v", err)
	}
}
