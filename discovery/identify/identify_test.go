package identify

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

// plain is a small set of platforms of invented makers.
func plain(t testing.TB) *platform.Set {
	t.Helper()
	files := fstest.MapFS{}
	for name, text := range map[string]string{
		"vendors.yaml": "vendors:\n  - {id: acme, title: Acme, pen: [99001], oui: [Acme], text: '(?i)acme', kind: switch}\n  - {id: printo, title: Printo, pen: [99002], kind: printer}\n",
		"acme_os.yaml": "id: acme_os\ntitle: Acme OS\nvendor: acme\nos: {default: acmeos}\nkind:\n  default: router\n  when:\n    - {has: bridge-ports, more_than: 4, value: switch}\n" +
			"recognise:\n  - {sysobjectid: 1.3.6.1.4.1.99001.1, sysdescr: 'Acme OS'}\n  - {sysobjectid: 1.3.6.1.4.1.8072.3.2.10, oid: 1.3.6.1.4.1.99001.5.1.0}\n" +
			"facts:\n  serial:\n    - {oid: 1.3.6.1.4.1.99001.5.2.0}\n    - {from: entity.chassis.serial}\n  version:\n    - {from: sysdescr, match: 'Version (\\S+)'}\n",
		"acme_lite.yaml": "id: acme_lite\ntitle: Acme OS Lite\nvendor: acme\nos: {default: lite}\nkind: {default: other}\nrecognise:\n  - {sysdescr: 'Acme OS', rank: 6, because: half of these say no number}\n",
		"linux.yaml":     "id: linux\ntitle: Linux\nvendor: \"\"\nos: {default: linux}\nkind: {default: server}\nrecognise:\n  - {sysobjectid: 1.3.6.1.4.1.8072.3.2.10, rank: -9, because: very many systems}\n",
		"generic.yaml":   "id: generic\ntitle: Any device\nvendor: \"\"\nos: {}\nkind:\n  when:\n    - {sysdescr: '(?i)camera', value: camera}\nfacts:\n  model:\n    - {from: entity.chassis.model}\n  serial:\n    - {from: entity.chassis.serial}\n",
	} {
		files[name] = &fstest.MapFile{Data: []byte(text)}
	}
	set, err := platform.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestTheStrongestEvidenceNamesADevice(t *testing.T) {
	acme := netdev.Facts{SysObjectID: "1.3.6.1.4.1.99001.1.7", SysDescr: "Acme OS Version 4.2"}
	tests := map[string]struct {
		facts netdev.Facts
		want  netdev.Identity
	}{
		"number-and-text": {acme, netdev.Identity{Vendor: "acme", Platform: "acme_os", OS: "acmeos", Kind: netdev.Router, Version: "4.2"}},
		"a-switch-by-its-ports": {func() netdev.Facts { f := acme; f.BridgePort = 24; return f }(),
			netdev.Identity{Vendor: "acme", Platform: "acme_os", OS: "acmeos", Kind: netdev.Switch, Version: "4.2"}},
		"shared-agent-told-apart-by-a-scalar": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.8072.3.2.10", SysDescr: "Linux x", Scalars: map[string]any{"1.3.6.1.4.1.99001.5.1.0": int64(1), "1.3.6.1.4.1.99001.5.2.0": "SN4711"}},
			netdev.Identity{Vendor: "acme", Platform: "acme_os", OS: "acmeos", Kind: netdev.Router, Serial: "SN4711"}},
		"shared-agent-alone": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.8072.3.2.10", SysDescr: "Linux x"},
			netdev.Identity{Platform: "linux", OS: "linux", Kind: netdev.Server}},
		"maker-of-a-shared-agent": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.8072.3.2.10", Enterprises: []int{99002}},
			netdev.Identity{Vendor: "printo", Platform: "linux", OS: "linux", Kind: netdev.Printer}},
		"only-the-number": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.99002.3"},
			netdev.Identity{Vendor: "printo", Kind: netdev.Printer}},
		"text-is-narrower-than-the-maker": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.99001.9", SysDescr: "door camera"},
			netdev.Identity{Vendor: "acme", Kind: netdev.Camera}},
		"nothing-known":          {netdev.Facts{SysDescr: "thing"}, netdev.Identity{Kind: netdev.Other}},
		"number-of-another-tree": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.990011.1", SysDescr: "thing"}, netdev.Identity{Kind: netdev.Other}},
		"placeholders-are-no-serials": {netdev.Facts{SysObjectID: "1.3.6.1.4.1.99002.3", Entities: []netdev.Entity{{Index: 1, Class: "chassis", Serial: "To be filled by O.E.M.", Model: "P-9"}}},
			netdev.Identity{Vendor: "printo", Kind: netdev.Printer, Model: "P-9"}},
	}
	set := plain(t)
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := Identify(tc.facts, set)
			got.Why = nil
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRivalsAndOtherSourcesAreTold(t *testing.T) {
	f := netdev.Facts{SysObjectID: "1.3.6.1.4.1.99001.1.7", SysDescr: "Acme OS Version 4.2",
		Entities: []netdev.Entity{{Index: 1, Class: "chassis", Serial: "AAAA1111"}},
		Scalars:  map[string]any{"1.3.6.1.4.1.99001.5.2.0": "BBBB2222"}}
	id := Identify(f, plain(t))
	if id.Serial != "BBBB2222" || id.Platform != "acme_os" {
		t.Fatalf("identity %+v", id)
	}
	text := ""
	for _, w := range id.Why {
		text += w.Field + "=" + w.Value + ": " + w.Because + "\n"
	}
	for _, want := range []string{"rival acme_lite", "serial=AAAA1111: not taken"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in the reasons:\n%s", want, text)
		}
	}
}

func FuzzIdentify(f *testing.F) {
	f.Add("1.3.6.1.4.1.9.1.1", "Cisco IOS Software", "x", "0")
	f.Add("..", "\xff\x00", strings.Repeat("A", 4096), "To be filled")
	set, err := platform.Builtin()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, oid, descr, name, serial string) {
		id := Identify(netdev.Facts{SysObjectID: oid, SysDescr: descr, SysName: name, Entities: []netdev.Entity{{Class: "chassis", Serial: serial, Model: descr}}}, set)
		if !id.Kind.Valid() {
			t.Fatalf("kind %q", id.Kind)
		}
		if len(id.Model) > 100 || len(id.Serial) > 100 || len(id.Version) > 100 {
			t.Fatalf("identity %+v", id)
		}
	})
}
