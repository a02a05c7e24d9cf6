package lab

import (
	"slices"
	"strings"
	"testing"
	"time"
)

type kept struct {
	Devices, Stored, Unchanged, Failed int
	Outcomes                           []struct{ Name, Outcome, Reason, Detail, Revision string }
}

type history struct {
	Revisions []struct {
		ID             string
		Added, Removed int
	}
}

// backups runs one backup of the routers and says how each ended.
func (s *site) backups(t *testing.T) (kept, int) {
	t.Helper()
	targets := []string{}
	for _, r := range routers {
		targets = append(targets, addresses[r])
	}
	a := s.plumbline(t, append([]string{"backup", "--data", s.data, "--credentials", s.file, "--json"}, targets...)...)
	k := read[kept](t, a.out)
	for _, o := range k.Outcomes {
		t.Logf("%s: %s %s %s", o.Name, o.Outcome, o.Reason, o.Detail)
	}
	return k, a.code
}

func (s *site) backup(t *testing.T) {
	// SNMP shows a Linux: what routes on it is for a person to say.
	t.Log(s.does(t, append([]string{"admin", "device", "set", "--platform", "frr", "--kind", "router", "--data", s.data}, routers...)...))
	if k, code := s.backups(t); code != 0 || k.Stored != len(routers) {
		t.Fatalf("exit %d, %d stored: want all %d routers", code, k.Stored, len(routers))
	}
	for _, r := range routers {
		if got, want := body(s.does(t, "show", r, "--data", s.data)), s.saved(t, r); got != want {
			t.Errorf("%s: kept\n%s\nsaved\n%s", r, got, want)
		}
	}
	// A scan in between must not take the person's word back.
	s.does(t, "discover", lan, "--credentials", s.file, "--save", "--data", s.data, "--json")
	if k, code := s.backups(t); code != 0 || k.Unchanged != len(routers) {
		t.Errorf("exit %d, %d unchanged: want all %d routers", code, k.Unchanged, len(routers))
	}
}

func (s *site) handmade(t *testing.T) {
	s.nodes["r2"].run("vtysh", "-c", "configure terminal", "-c", "interface eth2", "-c", "description moved by hand")
	k, code := s.backups(t)
	for _, o := range k.Outcomes {
		want := "unchanged"
		if o.Name == "r2" {
			want = "stored"
		}
		if code != 0 || o.Outcome != want {
			t.Errorf("%s: exit %d, %s, want %s", o.Name, code, o.Outcome, want)
		}
	}
	h := read[history](t, s.does(t, "history", "r2", "--data", s.data, "--json"))
	if len(h.Revisions) != 2 || h.Revisions[0].Added != 1 || h.Revisions[0].Removed != 1 {
		t.Fatalf("history %+v: want a second revision with one line for another", h)
	}
	old, now := t.TempDir()+"/old", t.TempDir()+"/now"
	for path, rev := range map[string]string{old: h.Revisions[1].ID, now: h.Revisions[0].ID} {
		writeFile(t, path, s.does(t, "show", "r2", "--data", s.data, "--revision", rev))
	}
	a := s.plumbline(t, "diff", "--platform", "frr", old, now, "--json")
	d := read[struct {
		Equal   bool
		Changes []struct {
			Op       string
			Path     []string
			Old, New string
		}
	}](t, a.out)
	t.Logf("difference: %+v", d.Changes)
	if a.code != 1 || len(d.Changes) != 1 || !strings.Contains(d.Changes[0].New, "description moved by hand") ||
		!slices.ContainsFunc(d.Changes[0].Path, func(p string) bool { return strings.Contains(p, "interface eth2") }) {
		t.Errorf("exit %d, %s\nwant the one description below interface eth2", a.code, a.out)
	}
}

// impostor gives r3 another host key, as another machine at its address would
// have, and sees that nobody tries to log in there.
func (s *site) impostor(t *testing.T) {
	known := t.TempDir() + "/known_hosts"
	pull := []string{"pull", addresses["r3"], "--platform", "frr", "--credentials", s.file, "--known-hosts", known, "--accept-new-host-key"}
	s.does(t, pull...)
	log := s.logOf("r3", "sshd")
	for _, word := range append(loginWords(), "Accepted password for netops") {
		if !strings.Contains(log, word) {
			t.Fatalf("the log does not show %q of the login that was just made: it would not show another\n%s", word, log)
		}
	}
	for _, kind := range []string{"ed25519", "rsa"} { // one of the kind that is known, and one of another
		s.stopSSHD(s.nodes["r3"])
		s.sshd(s.nodes["r3"], kind)
		before := s.logOf("r3", "sshd")
		s.refused(t, pull)
		eventually(t, "sshd tells of two visits", 10*time.Second, func() (bool, string) {
			log = strings.TrimPrefix(s.logOf("r3", "sshd"), before)
			const ours = "remote software version plumbline"
			return strings.Count(log, ours) == 2 && strings.LastIndex(log, "Connection closed") > strings.LastIndex(log, ours), log
		})
		for _, word := range loginWords() {
			if strings.Contains(log, word) {
				t.Errorf("the server heard of %q after its key changed:\n%s", word, log)
			}
		}
	}
	if text := body(s.does(t, "show", "r3", "--data", s.data)); text != s.saved(t, "r3") {
		t.Errorf("the last good text of r3 is gone:\n%s", text)
	}
}

// loginWords are what the server's log holds once a client so much as names a
// user.
func loginWords() []string { return []string{"userauth-request", "netops", "password"} }

// refused sees that neither a pull nor a backup takes anything from r3.
func (s *site) refused(t *testing.T, pull []string) {
	t.Helper()
	a := s.plumbline(t, pull...)
	t.Logf("pull: exit %d: %s", a.code, a.err)
	if a.code != 1 || a.out != "" || !strings.HasPrefix(a.err, "host-key-changed") {
		t.Errorf("pull: exit %d, %q, %q: want host-key-changed and no text", a.code, a.out, a.err)
	}
	k, code := s.backups(t)
	for _, o := range k.Outcomes {
		want := "unchanged"
		if o.Name == "r3" {
			want = "failed host-key-changed"
		}
		if got := strings.TrimSpace(o.Outcome + " " + o.Reason); code != 1 || got != want {
			t.Errorf("backup of %s: exit %d, %s, want %s", o.Name, code, got, want)
		}
	}
}
