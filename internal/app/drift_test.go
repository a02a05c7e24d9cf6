package app

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/drift"
	"github.com/plumbline-net/plumbline/internal/audit"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev"
)

// groups of a kind that are there.
func (b *bench) groups(kind drift.Kind) []drift.Group {
	b.t.Helper()
	fs, err := b.a.Store.Findings(b.t.Context(), configstore.FindingFilter{Kind: kind, Live: true})
	if err != nil {
		b.t.Fatal(err)
	}
	return drift.Groups(fs)
}

// members as a page that is drawn now would carry them.
func (b *bench) members(names ...string) []configstore.Member {
	b.t.Helper()
	var out []configstore.Member
	for _, n := range names {
		out = append(out, configstore.Member{Device: b.device(n).ID, Revision: b.history(n)[0].ID})
	}
	return out
}

func (b *bench) edit(find, replace string, names ...string) {
	b.t.Helper()
	for _, n := range names {
		if !b.net.Device(n).Edit(sim.Change{Find: find, Replace: replace}) {
			b.t.Fatalf("%s has no line %q", n, find)
		}
	}
}

func TestTheSameDriftOnThreeDevicesIsOneRowFromFirstToLast(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.91.0.1")
	b.work(b.handlers(true))
	names := []string{"ber-acc1", "ber-acc2", "ham-acc2"}
	b.discover(names...)
	b.backup(names...)
	records := audit.New(b.a.DB, b.a.Vault.AuditKey(), audit.Options{})
	d := b.a.Drift(records, nil)
	anna := audit.Record{ActorKind: audit.User, Actor: "anna"}
	if g := b.groups(drift.Startup); len(g) != 0 {
		t.Fatalf("nothing was changed and %d differences are not saved: %+v", len(g), g)
	}
	done, err := d.ApproveHeads(t.Context(), anna, b.members(names...), "as built")
	if err != nil || len(done.Devices) != 3 || len(done.Left) != 0 {
		t.Fatalf("approved %+v, %v", done, err)
	}
	// Noise alone: each read is printed anew, secrets and all.
	b.backup(names...)
	if g := append(b.groups(drift.Startup), b.groups(drift.Baseline)...); len(g) != 0 {
		t.Fatalf("read again without a change: %+v", g)
	}

	const was, is = "snmp-server contact noc@example.net", "snmp-server contact netops@example.net"
	b.edit(was, is, names...)
	b.backup(names...)
	for _, kind := range []drift.Kind{drift.Startup, drift.Baseline, drift.Previous} {
		if g := b.groups(kind); len(g) != 1 || len(g[0].Devices()) != 3 || !strings.Contains(g[0].Change.Old, "noc@") || !strings.Contains(g[0].Change.New, "netops@") {
			t.Fatalf("%s: %+v, want one group of 3", kind, g)
		}
	}
	keys := map[string]bool{}
	for _, n := range names {
		keys[b.history(n)[0].ChangeKey] = true
	}
	if len(keys) != 1 || keys[""] {
		t.Errorf("the same change on 3 devices is known by %v", keys)
	}

	unsaved, strayed := b.groups(drift.Startup)[0].Key, b.groups(drift.Baseline)[0].Key
	shown := b.members(names...)
	b.edit("logging buffered 64000 informational", "logging buffered 32000 informational", "ham-acc2")
	b.backup("ham-acc2")
	done, err = d.SayOfGroup(t.Context(), anna, strayed, shown, drift.Event{What: drift.Acknowledge, Note: "change BER-114"})
	if err != nil || len(done.Devices) != 2 || len(done.Left) != 1 || done.Left[0].Device != b.device("ham-acc2").ID {
		t.Errorf("acknowledged %+v, %v; want the one that moved left out", done, err)
	}

	for _, n := range names {
		b.net.Device(n).Save()
	}
	b.backup(names...)
	if g := b.groups(drift.Startup); len(g) != 0 {
		t.Errorf("after all was saved: %+v", g)
	}
	if g, err := d.Group(t.Context(), unsaved); err != nil || g.State() != drift.Resolved || len(g.Members) != 3 {
		t.Errorf("the group that was not saved: %+v, %v; want it resolved on 3", g, err)
	}
	if g, err := d.Group(t.Context(), strayed); err != nil || g.State() != drift.Open || g.Members[0].State != drift.Acknowledged && g.Members[1].State != drift.Acknowledged {
		t.Errorf("saving approves nothing: %+v, %v", g, err)
	}

	one := b.device("ber-acc1")
	if err := d.Approve(t.Context(), anna, one, b.history("ber-acc1")[0].ID, "done"); err != nil {
		t.Fatal(err)
	}
	if fs, err := b.a.Store.Findings(t.Context(), configstore.FindingFilter{Device: one.ID, Kind: drift.Baseline, Live: true}); err != nil || len(fs) != 0 {
		t.Errorf("after what runs was approved: %+v, %v", fs, err)
	}
	b.edit(is, was, "ber-acc1")
	b.backup("ber-acc1")
	b.edit(was, is, "ber-acc1")
	b.backup("ber-acc1")
	if err := d.Approve(t.Context(), anna, one, b.history("ber-acc1")[3].ID, "back to the first"); err != nil {
		t.Fatal(err)
	}
	g, err := d.Group(t.Context(), strayed)
	if err != nil || g.Returns() != 1 || g.State() != drift.Open {
		t.Errorf("what was resolved and came back: %+v, %v; want 1 return", g, err)
	}
	checkRecords(t, records, one.ID)
}

// checkRecords asks for one record a saying, with who was left out.
func checkRecords(t *testing.T, log *audit.Log, dev netdev.DeviceID) {
	t.Helper()
	list, err := log.Find(t.Context(), audit.Filter{}, 0, 50)
	if err != nil {
		t.Fatal(err)
	}
	var said []audit.Record
	for _, r := range list {
		if r.Verb == audit.BaselineApprove || r.Verb == audit.DriftAcknowledge {
			said = append(said, r)
		}
	}
	if len(said) != 4 {
		t.Fatalf("%d records, want one a saying: %+v", len(said), said)
	}
	if r := said[3]; r.Object != "3 devices" || !strings.HasPrefix(r.After, "as built [ber-acc1 ") || r.Outcome != "" {
		t.Errorf("of all at once: %+v", r)
	}
	if r := said[2]; !strings.HasSuffix(r.Object, " on 2 devices") || r.Outcome != "1 left out: ham-acc2: its configuration changed after the page was shown" {
		t.Errorf("of the group: %+v", r)
	}
	if r := said[1]; !strings.HasPrefix(r.Object, "device="+string(dev)+" revision=") || !strings.HasPrefix(r.After, "text=") || !strings.HasPrefix(r.Before, "revision=") || r.Actor != "anna" {
		t.Errorf("of one device: %+v", r)
	}
	if rep, err := log.Verify(t.Context()); err != nil || !rep.OK() {
		t.Errorf("verify: %+v, %v", rep, err)
	}
}

func TestAnApprovalWithoutItsRecordDoesNotHappen(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.92.0.1")
	b.work(b.handlers(true))
	b.discover("ber-acc1")
	b.backup("ber-acc1")
	d := b.a.Drift(audit.New(b.a.DB, b.a.Vault.AuditKey(), audit.Options{}), nil)
	nobody := audit.Record{ActorKind: audit.User} // the audit refuses it
	if err := d.Approve(t.Context(), nobody, b.device("ber-acc1"), b.history("ber-acc1")[0].ID, ""); err == nil {
		t.Error("nobody approved something")
	}
	if done, err := d.ApproveHeads(t.Context(), nobody, b.members("ber-acc1"), ""); err == nil || len(done.Devices) != 0 {
		t.Errorf("nobody approved %+v", done)
	}
	if got, err := d.Approvals(t.Context(), b.device("ber-acc1").ID); err != nil || len(got) != 0 {
		t.Errorf("approvals %+v, %v", got, err)
	}
}

// Each platform prints its saved text in another form than the running one.
func TestNoPlatformDriftsByItself(t *testing.T) {
	t.Parallel()
	b := newBench(t, "127.93.0.1")
	b.work(b.handlers(true))
	b.discover()
	var names []string
	for _, d := range b.devices() {
		names = append(names, d.Name)
	}
	b.backup(names...)
	d := b.a.Drift(audit.New(b.a.DB, b.a.Vault.AuditKey(), audit.Options{}), nil)
	if _, err := d.ApproveHeads(t.Context(), audit.Record{ActorKind: audit.System, Actor: "demo"}, b.members(names...), ""); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		b.backup(names...)
	}
	want := 0
	for _, d := range b.net.Devices() {
		if d.Drifts() {
			want++
		}
	}
	unsaved := map[netdev.DeviceID]bool{}
	for _, g := range b.groups(drift.Startup) {
		for _, id := range g.Devices() {
			unsaved[id] = true
		}
	}
	if g := b.groups(drift.Baseline); len(names) < 10 || len(g) != 0 || len(unsaved) != want {
		t.Errorf("%d devices: not approved %+v; not saved on %d, the simulator says %d", len(names), g, len(unsaved), want)
	}
}
