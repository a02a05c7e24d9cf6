package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/internal/sim"
	"github.com/plumbline-net/plumbline/netdev/snmp"
)

// inProcess runs the program in this process and gives its output and exit code.
func inProcess(t *testing.T, args ...string) (stdout string, code int, err error) {
	t.Helper()
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(rewriteExcludes(args))
	err = root.ExecuteContext(t.Context())
	if err == nil {
		return out.String(), 0, nil
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return out.String(), e.code, e.err
	}
	return out.String(), 2, err
}

// lab starts a simulated network and gives the flags that reach it.
func lab(t *testing.T, base string) (*sim.Network, []string) {
	t.Helper()
	n, err := sim.New(sim.Options{Base: netip.MustParseAddr(base), Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	file := filepath.Join(t.TempDir(), "credentials.yaml")
	if err := os.WriteFile(file, n.CredentialsFile(), 0o600); err != nil {
		t.Fatal(err)
	}
	return n, []string{"--credentials", file, "--snmp-port", fmt.Sprint(n.SNMPPort()), "--timeout", "400ms"}
}

func TestDiscoverPrintsTheContractsDocument(t *testing.T) {
	n, flags := lab(t, "127.93.0.1")
	out, code, err := inProcess(t, append([]string{"discover", "--json", n.Prefixes()[0].String(), "-" + n.Devices()[0].Address().String()}, flags...)...)
	if code != 0 {
		t.Fatalf("exit %d: %v\n%s", code, err, out)
	}
	var doc struct {
		Scanned, Answered, Sent, Received, Varbinds int
		Devices                                     []struct {
			Address, Name, Vendor, Platform, Kind, Model, Version, Serial string
			Interfaces, Neighbors                                         int
		}
		Links []struct {
			A, B       struct{ Device, Port string }
			Evidence   []string
			Confidence float64
		}
		Errors []any
	}
	if err := json.Unmarshal([]byte(out), &doc); err != nil {
		t.Fatal(err)
	}
	want := map[string]*sim.Device{}
	for _, d := range n.Devices() {
		if n.Prefixes()[0].Contains(d.Address()) && d != n.Devices()[0] {
			want[d.Address().String()] = d
		}
	}
	if doc.Scanned != 255 || doc.Answered != len(want) || len(doc.Devices) != len(want) || doc.Errors == nil || len(doc.Links) == 0 {
		t.Errorf("scanned %d, answered %d, devices %d, errors %v", doc.Scanned, doc.Answered, len(doc.Devices), doc.Errors)
	}
	for _, d := range doc.Devices {
		w := want[d.Address]
		if w == nil || d.Name != w.Name() || d.Platform != string(w.Platform()) || d.Serial != w.Serial() || d.Interfaces != w.Interfaces() {
			t.Errorf("%+v is not the device at %s", d, d.Address)
		}
	}
	if doc.Sent == 0 || doc.Received == 0 || doc.Varbinds == 0 {
		t.Errorf("traffic %d %d %d", doc.Sent, doc.Received, doc.Varbinds)
	}
}

func TestDiscoverExitsAsTheContractSays(t *testing.T) {
	n, flags := lab(t, "127.94.0.1")
	one := n.Devices()[0]
	n.Devices()[1].Inject(sim.SNMPSilent)
	open := filepath.Join(t.TempDir(), "open.yaml")
	if err := os.WriteFile(open, n.CredentialsFile(), 0o644); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		args []string
		code int
		say  string // in the error or the output
	}{
		"found":                  {append([]string{one.Address().String()}, flags...), 0, one.Name()},
		"sweep-only":             {append([]string{one.Address().String(), "--sweep-only"}, flags...), 0, one.Name()},
		"silent-target":          {append([]string{n.Devices()[1].Address().String(), "--json"}, flags...), 1, `"reason": "timeout"`},
		"closed-target":          {append([]string{"127.94.1.200", "--json"}, flags...), 1, `"reason": "closed"`},
		"no-scope":               {append([]string{"127.95.1.200", "--json"}, flags...), 1, `"reason": "no-credential"`},
		"no-target":              {flags, 2, "requires at least 1 arg"},
		"bad-target":             {append([]string{"core1"}, flags...), 2, `target "core1"`},
		"bad-flag":               {append([]string{one.Address().String(), "--rate=-4"}, flags...), 2, "--rate -4"},
		"world-readable-secrets": {[]string{one.Address().String(), "--credentials", open}, 2, "chmod 600"},
		"dry-run":                {append([]string{n.Prefixes()[0].String(), "--dry-run"}, flags...), 0, "256 addresses, 0 outside"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			before := one.SNMPRequests()
			out, code, err := inProcess(t, append([]string{"discover"}, tc.args...)...)
			if code != tc.code || !strings.Contains(out+fmt.Sprint(err), tc.say) {
				t.Errorf("exit %d, %v, want %d and %q\n%s", code, err, tc.code, tc.say, out)
			}
			if name == "dry-run" && one.SNMPRequests() != before {
				t.Error("a dry run sent something")
			}
		})
	}
}

func TestWhatIsSavedIsWhatWasFound(t *testing.T) {
	n, flags := lab(t, "127.98.0.1")
	dir := filepath.Join(t.TempDir(), "data")
	var args []string
	for _, p := range n.Prefixes() {
		args = append(args, p.String())
	}
	for range 2 { // the second time nothing is new
		if out, code, err := inProcess(t, append(append([]string{"discover", "--json", "--save", "--data", dir}, args...), flags...)...); code != 0 {
			t.Fatalf("exit %d: %v\n%s", code, err, out)
		}
	}
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	kept, err := d.DB.Devices(t.Context())
	if err != nil || len(kept) != len(n.Devices()) {
		t.Fatalf("%d devices kept, %v", len(kept), err)
	}
	for _, k := range kept {
		if w := n.Device(k.Name); w == nil || k.Address != w.Address() || k.Platform != w.Platform() || k.SNMPPort != n.SNMPPort() {
			t.Errorf("kept %+v", k)
		}
	}
	links, err := d.DB.Links(t.Context())
	if err != nil || len(links) != len(n.Links()) {
		t.Errorf("%d links kept, want %d, %v", len(links), len(n.Links()), err)
	}
	runs, err := d.DB.Runs(t.Context(), 9)
	if err != nil || len(runs) != 2 || runs[0].New != 0 || runs[1].New != len(kept) || runs[0].State != discovery.RunDone || runs[0].Answered != len(kept) {
		t.Errorf("runs %+v, %v", runs, err)
	}
}

func TestARecordingHoldsTheDeviceAndNoSecret(t *testing.T) {
	n, flags := lab(t, "127.97.0.1")
	for _, d := range n.Devices() {
		out, code, err := inProcess(t, append([]string{"walk", d.Address().String()}, flags...)...)
		if code != 0 {
			t.Fatalf("%s: exit %d: %v", d.Name(), code, err)
		}
		rec, err := snmp.ReadRecord(strings.NewReader(out))
		if err != nil || rec.Skipped() != 0 {
			t.Fatalf("%s: %v, %d lines skipped", d.Name(), err, rec.Skipped())
		}
		v, err := rec.Get(t.Context(), snmp.SysName)
		if err != nil || string(v[0].Value.Bytes) != d.Name() {
			t.Errorf("%s: the recording says %q", d.Name(), v[0].Value.Bytes)
		}
		if got := strings.Count(out, "1.3.6.1.2.1.2.2.1.2."); got < d.Interfaces() {
			t.Errorf("%s: %d ifDescr, want %d", d.Name(), got, d.Interfaces())
		}
		for _, c := range n.Credentials() {
			for _, secret := range []string{c.SNMP.Community.Reveal(), c.SNMP.AuthPassword.Reveal(), c.SNMP.User} {
				if secret != "" && strings.Contains(out, secret) {
					t.Errorf("%s: the recording holds %q", d.Name(), secret)
				}
			}
		}
	}
}
