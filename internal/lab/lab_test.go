package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestPlumblineOnARealNetwork(t *testing.T) {
	if os.Getenv("PLUMBLINE_LAB") == "" {
		t.Skip("a network of real software is built by: make lab")
	}
	if os.Getuid() != 0 {
		absent(t, "network namespaces need root; this is user %d", os.Getuid())
	}
	for _, tool := range []string{"ip", "nsenter", "vtysh", "lldpd", "snmpd", "snmpwalk", "sshd", "ssh-keyscan"} {
		if _, err := exec.LookPath(tool); err != nil {
			absent(t, "%s is not installed: %v", tool, err)
		}
	}
	binary(t)
	n := up(t)
	s := &site{network: n, file: n.credentials(t), data: filepath.Join(t.TempDir(), "data"), heard: filepath.Join(t.TempDir(), "heard"), frames: t.TempDir()}
	// In this order: each begins where the one before ended.
	for _, step := range []struct {
		name string
		do   func(*testing.T)
	}{
		{"every-device-answers-by-the-version-it-speaks", s.devices},
		{"links-by-snmp-are-exactly-the-cables", s.links},
		{"recorded-walks-tell-the-same-links-and-no-secret", s.walks},
		{"crawl-from-the-switch-finds-the-routers", s.crawls},
		{"frames-on-the-cables-name-who-is-at-the-other-end", s.captures},
		{"links-by-capture-alone-are-exactly-the-cables", s.heardAlone},
		{"links-by-snmp-and-capture-are-exactly-the-cables", s.heardBeside},
		{"pull-is-the-saved-file", s.pulls},
		{"backup-keeps-what-pull-prints-and-reads-it-again-unchanged", s.backup},
		{"change-by-hand-is-a-new-revision-that-shows-it", s.handmade},
		{"change-by-hand-is-on-the-page-of-changes", s.shown},
		{"changed-host-key-is-refused-before-any-login", s.impostor},
	} {
		if !t.Run(step.name, step.do) {
			t.Fatalf("the steps after %s begin where it ended", step.name)
		}
	}
}

// site is the lab with what an operator keeps of it.
type site struct {
	*network
	file string // of credentials
	data string // directory
	last found  // what discover printed

	heard  string // data directory without a walk
	frames string // directory of captures

	kept pages // of the appliance on data
}

type found struct {
	Devices []struct {
		Address, Name, Platform, Kind, Credential string
		Interfaces, Neighbors                     int
	}
	Links  []link
	Errors []struct{ Address, Reason, Detail string }
}

type link struct {
	A, B       struct{ Device, Port string }
	Layer      string
	Evidence   []string
	Confidence float64
	Stale      bool
}

func (s *site) devices(t *testing.T) {
	s.last = read[found](t, s.does(t, "discover", lan, "--credentials", s.file, "--save", "--data", s.data, "--json"))
	var names []string
	for _, d := range s.last.Devices {
		names = append(names, d.Name)
		t.Logf("%s at %s by %q: %s, %s, %d interfaces, %d neighbours", d.Name, d.Address, d.Credential, d.Platform, d.Kind, d.Interfaces, d.Neighbors)
		if d.Address != addresses[d.Name] {
			t.Errorf("%s is at %s, not %s", d.Name, d.Address, addresses[d.Name])
		}
		if want := map[bool]string{true: "secure agents", false: "plain agents"}[secure[d.Name]]; d.Credential != want {
			t.Errorf("%s was opened with %q, want %q", d.Name, d.Credential, want)
		}
		if want := strings.Count(s.nodes[d.Name].run("ip", "-o", "link"), "\n"); d.Interfaces != want {
			t.Errorf("%s has %d interfaces, want the %d that it lists itself", d.Name, d.Interfaces, want)
		}
	}
	slices.Sort(names)
	if !slices.Equal(names, devices) {
		t.Errorf("found %q, want %q", names, devices)
	}
	for _, e := range s.last.Errors {
		t.Errorf("%s: %s: %s", e.Address, e.Reason, e.Detail)
	}
}

// line writes a link the same way from both ends.
func line(dev1, port1, dev2, port2 string) string {
	ends := []string{dev1 + " " + port1, dev2 + " " + port2}
	slices.Sort(ends)
	return strings.Join(ends, " - ")
}

// cabled lists the links between devices.
func cabled() []string {
	var out []string
	for _, c := range cables {
		if c.b != "desk" {
			out = append(out, line(c.a, c.port, c.b, c.peer))
		}
	}
	slices.Sort(out)
	return out
}

func (s *site) links(t *testing.T) { s.last.check(t) }

// check sees that the links are exactly the cables.
func (f found) check(t *testing.T) {
	t.Helper()
	var got []string
	for _, l := range f.Links {
		if l.Layer == "l3" {
			continue
		}
		got = append(got, line(l.A.Device, l.A.Port, l.B.Device, l.B.Port))
		if !slices.Equal(l.Evidence, []string{"lldp-both"}) || l.Confidence != 1 {
			t.Errorf("%s: evidence %q, confidence %v: want both sides' word", got[len(got)-1], l.Evidence, l.Confidence)
		}
	}
	slices.Sort(got)
	t.Logf("links:\n%s", strings.Join(got, "\n"))
	if want := cabled(); !slices.Equal(got, want) {
		t.Errorf("want the cables:\n%s", strings.Join(want, "\n"))
	}
}

// walks records every device and asks what the recordings say of the links.
func (s *site) walks(t *testing.T) {
	dir := t.TempDir()
	for _, d := range devices {
		text := s.does(t, "walk", addresses[d], "--credentials", s.file)
		for _, secret := range []string{s.community, s.user.Auth, s.user.Priv, s.password} {
			if strings.Contains(text, secret) {
				t.Errorf("the recording of %s holds a secret", d)
			}
		}
		t.Logf("%s: %d lines", d, strings.Count(text, "\n"))
		writeFile(t, filepath.Join(dir, d+".snmprec"), text)
	}
	read[found](t, s.does(t, "topology", dir, "--json")).check(t)
}

// crawls begins at one device and follows what it says of its neighbours.
func (s *site) crawls(t *testing.T) {
	got := read[found](t, s.does(t, "discover", addresses["sw1"], "--crawl", "--within", lan, "--credentials", s.file, "--json"))
	for _, d := range got.Devices {
		t.Logf("%s at %s", d.Name, d.Address)
	}
	if len(got.Devices) != len(devices) {
		t.Errorf("%d devices, want %d", len(got.Devices), len(devices))
	}
	got.check(t)
}

// body is a pulled text without what the command line adds to the saved file:
// the heading lines and the end marker.
func body(pulled string) string {
	_, text, ok := strings.Cut(pulled, "\nCurrent configuration:\n!\n")
	if !ok {
		return pulled
	}
	return strings.TrimSuffix(text, "end\n")
}

func (s *site) saved(t *testing.T, router string) string {
	t.Helper()
	b, err := os.ReadFile(s.nodes[router].etc("frr/frr.conf"))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (s *site) pulls(t *testing.T) {
	known := filepath.Join(t.TempDir(), "known_hosts")
	for _, r := range routers {
		text := s.does(t, "pull", addresses[r], "--platform", "frr", "--credentials", s.file, "--known-hosts", known, "--accept-new-host-key")
		if got, want := body(text), s.saved(t, r); got != want {
			t.Errorf("%s: pulled\n%s\nsaved\n%s", r, got, want)
		}
		t.Logf("%s: %d bytes pulled, equal to the %d bytes of its saved file less heading and end", r, len(text), len(s.saved(t, r)))
	}
}
