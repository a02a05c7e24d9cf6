package platform

import (
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestEveryFileNamesAKnownVendorAndKind(t *testing.T) {
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.vendors) < 250 {
		t.Errorf("%d vendors, want 250", len(s.vendors))
	}
	for _, p := range s.sorted {
		if v, ok := s.VendorByName(p.Vendor); p.Vendor != "" && (!ok || v.ID != p.Vendor) {
			t.Errorf("%s: vendor %q is not in vendors.yaml", p.ID, p.Vendor)
		}
		if k := netdev.Kind(p.Kind.Default); k != "" && !k.Valid() {
			t.Errorf("%s: kind %q", p.ID, k)
		}
		for _, w := range p.Kind.When {
			if !netdev.Kind(w.Value).Valid() {
				t.Errorf("%s: kind %q", p.ID, w.Value)
			}
		}
		for _, r := range p.Recognise {
			if r.Rank != 0 && r.Because == "" {
				t.Errorf("%s: a rank without its reason", p.ID)
			}
		}
	}
}

func TestNoPlatformIsChosenForADeviceThatSaysNothing(t *testing.T) {
	s, err := Builtin()
	if err != nil {
		t.Fatal(err)
	}
	for name, e := range map[string]Evidence{
		"nothing":          {},
		"a-name":           {SysName: "orchard-1", SysDescr: "orchard"},
		"another-tree":     {SysObjectID: "1.3.6.1.2.1.1"},
		"longer-number":    {SysObjectID: "1.3.6.1.4.1.99999.1"},
		"number-as-prefix": {SysObjectID: "1.3.6.1.4.1.301234.1"},
	} {
		if got := s.Choose(e); len(got) > 0 {
			t.Errorf("%s: %s because %s", name, got[0].Platform.ID, got[0].Because)
		}
	}
}

func TestStrengthIsThatOfTheDesign(t *testing.T) {
	re, err := NewRegex("Orchard")
	if err != nil {
		t.Fatal(err)
	}
	yes := true
	scalar := func(oid string) (string, bool) { return "7", oid == "1.3.6.1.4.1.99001.5.0" }
	tests := map[string]struct {
		c    Condition
		e    Evidence
		want int
		ok   bool
	}{
		"arcs-beyond-the-enterprise": {Condition{SysObjectID: "1.3.6.1.4.1.99001.1.2"}, Evidence{SysObjectID: "1.3.6.1.4.1.99001.1.2.9"}, 20, true},
		"whole-arcs-only":            {Condition{SysObjectID: "1.3.6.1.4.1.99001.1"}, Evidence{SysObjectID: "1.3.6.1.4.1.99001.12"}, 0, false},
		"shared-agent-counts-0":      {Condition{SysObjectID: "1.3.6.1.4.1.8072.3.2.10"}, Evidence{SysObjectID: "1.3.6.1.4.1.8072.3.2.10"}, 0, true},
		"text":                       {Condition{SysDescr: &re}, Evidence{SysDescr: "an Orchard box"}, 20, true},
		"text-counts-once":           {Condition{SysDescr: &re, LLDPSysDescr: &re}, Evidence{SysDescr: "Orchard", LLDPSysDescr: "Orchard"}, 20, true},
		"all-must-hold":              {Condition{SysDescr: &re, LLDPSysDescr: &re}, Evidence{SysDescr: "Orchard"}, 0, false},
		"scalar":                     {Condition{OID: "1.3.6.1.4.1.99001.5.0"}, Evidence{Scalar: scalar}, 10, true},
		"scalar-not-there":           {Condition{OID: "1.3.6.1.4.1.99001.6.0", Exists: &yes}, Evidence{Scalar: scalar}, 0, false},
		"enterprise":                 {Condition{Enterprise: 99001}, Evidence{Enterprises: []int{3, 99001}}, 10, true},
		"engine":                     {Condition{EnginePEN: 99001}, Evidence{EnginePEN: 99001}, 4, true},
		"prefix-of-a-mac":            {Condition{OUI: "00:1C:73"}, Evidence{MACs: []netdev.MAC{"00:1c:73:00:00:01"}}, 2, true},
		"ssh":                        {Condition{SSHVersion: &re}, Evidence{SSHVersion: "SSH-2.0-Orchard"}, 6, true},
		"no-test-at-all":             {Condition{}, Evidence{SysDescr: "Orchard"}, 0, false},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got, because, ok := tc.c.holds(tc.e)
			if ok != tc.ok || ok && got != tc.want || ok && because == "" {
				t.Errorf("strength %d %v (%s), want %d %v", got, ok, because, tc.want, tc.ok)
			}
		})
	}
}
