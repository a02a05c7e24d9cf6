package app

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/configstore/search"
	"github.com/plumbline-net/plumbline/netdev"
)

// library is an appliance with texts of our own, at a time that is set.
type library struct {
	a   *Appliance
	now time.Time
	ids map[string]netdev.DeviceID
}

func newLibrary(t testing.TB) *library {
	t.Helper()
	l := &library{now: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), ids: map[string]netdev.DeviceID{}}
	a, err := Open(t.Context(), DataOptions{Dir: filepath.Join(t.TempDir(), "data"), Create: true, Now: func() time.Time { return l.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	l.a = a
	return l
}

func (l *library) keep(t testing.TB, d netdev.Device, raw string) configstore.Stored {
	t.Helper()
	if l.ids[d.Name] == "" {
		v, err := l.a.DB.AddDevice(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		l.ids[d.Name] = v.ID
	}
	r := l.a.Reader.Read(d.Platform, []byte(raw))
	st, err := l.a.Store.Put(t.Context(), configstore.Capture{Device: l.ids[d.Name], Source: configstore.Running, Raw: []byte(raw), Text: r.Clean.Text,
		Attempt: configstore.Attempt{Ended: l.now}}, configstore.Fence{})
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func (l *library) search(t testing.TB, query string) ([]configstore.SearchHit, configstore.SearchSum, error) {
	t.Helper()
	q, err := search.Parse(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	var hits []configstore.SearchHit
	sum, err := l.a.Search(t.Context(), configstore.SearchRequest{Query: q, Context: 2}, func(h configstore.SearchHit) error {
		hits = append(hits, h)
		return nil
	})
	return hits, sum, err
}

const switchText = "hostname %s\n!\nntp server 10.0.0.1\ninterface GigabitEthernet1/0/1\n switchport mode access\n spanning-tree bpduguard enable\ninterface GigabitEthernet1/0/2\n switchport mode access\nsnmp-server community %s RO\nend\n"

func TestASearchAnswersOfTheDevicesThatAreMeant(t *testing.T) {
	l := newLibrary(t)
	ios := netdev.PlatformID("cisco_ios")
	l.keep(t, netdev.Device{Name: "acc1", Site: "Berlin campus", Role: "access", Platform: ios}, fmt.Sprintf(switchText, "acc1", "canaryC0mmunity"))
	l.keep(t, netdev.Device{Name: "acc2", Site: "Hamburg", Role: "access", Platform: ios}, fmt.Sprintf(switchText, "acc2", "an0therCommunity"))
	l.keep(t, netdev.Device{Name: "core1", Site: "Hamburg", Role: "core", Platform: ios}, strings.Replace(fmt.Sprintf(switchText, "core1", "canaryC0mmunity"), "ntp server 10.0.0.1\n", "", 1))
	l.keep(t, netdev.Device{Name: "rtr1", Site: "Hamburg", Platform: "juniper_junos"}, "system {\n    host-name rtr1;\n    ntp {\n        server 10.0.0.1;\n    }\n}\ninterfaces {\n    ge-0/0/0 {\n        mtu 1500;\n    }\n}\n")
	tests := map[string]struct {
		q    string
		want []string // device:line
	}{
		"literal":                  {`ntp server 10.0.0.1`, []string{"acc1:3", "acc2:3"}},
		"pattern":                  {`/^hostname acc[12]$/`, []string{"acc1:1", "acc2:1"}},
		"of-a-site-with-a-blank":   {`hostname site:"Berlin campus"`, []string{"acc1:1"}},
		"not-of-a-role":            {`hostname not:role:access`, []string{"core1:1"}},
		"of-platforms":             {`/host-?name/ platform:juniper_*`, []string{"rtr1:2"}},
		"section":                  {`in:"interface /.*Ethernet.*/" has:"switchport mode access" lacks:"spanning-tree bpduguard enable" name:acc*`, []string{"acc1:7", "acc2:7"}},
		"section-of-braces":        {`in:"interfaces ge-*" has:"mtu 1500"`, []string{"rtr1:8"}},
		"missing":                  {`missing:"ntp server"`, []string{"core1:0"}},
		"secret-by-value":          {`"canaryC0mmunity"`, nil},
		"secret-by-words":          {`canaryC0mmunity`, nil},
		"secret-by-pattern":        {`/c[a]naryC0mm.nity/`, nil},
		"secret-by-section":        {`in:"snmp-server community canaryC0mmunity"`, nil},
		"secret-by-its-line":       {`secret:same-as(acc1:9)`, []string{"acc1:9", "core1:8"}},
		"a-secret-is-not-missing":  {`missing:"snmp-server community"  role:core`, nil},
		"changed-recently":         {`hostname changed:<1h`, []string{"acc1:1", "acc2:1", "core1:1"}},
		"changed-long-ago":         {`hostname changed:>1h`, nil},
		"by-somebody":              {`hostname by:nobody`, nil},
		"before-anything-was-kept": {`hostname at:2020-01-01`, nil},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			hits, _, err := l.search(t, tc.q)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, h := range hits {
				if len(h.Lines) == 0 {
					got = append(got, h.Device.Name+":0")
				}
				for _, x := range h.Lines {
					got = append(got, fmt.Sprint(h.Device.Name, ":", x.Line))
				}
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%s finds %v, want %v", tc.q, got, tc.want)
			}
		})
	}
	hits, _, _ := l.search(t, `"bpduguard" name:acc1`)
	x := hits[0].Lines[0]
	if !slices.Equal(x.Path, []string{"interface GigabitEthernet1/0/1"}) || len(x.Before) != 2 || len(x.After) != 2 || x.Before[1] != " switchport mode access" {
		t.Errorf("the line comes with %+v", x)
	}
	if _, _, err := l.search(t, `secret:same-as(acc1:1)`); err == nil {
		t.Error("a line without a secret was looked for")
	}
}

func TestWhatIsMissingIsSaidOfFreshTextsAlone(t *testing.T) {
	l := newLibrary(t)
	old := l.keep(t, netdev.Device{Name: "old"}, "hostname old\n")
	l.now = l.now.Add(100 * time.Hour)
	l.keep(t, netdev.Device{Name: "new"}, "hostname new\n")
	if _, err := l.a.DB.AddDevice(t.Context(), netdev.Device{Name: "never"}); err != nil {
		t.Fatal(err)
	}
	hits, sum, err := l.search(t, `missing:"ntp server"`)
	if err != nil || len(hits) != 1 || hits[0].Device.Name != "new" || sum.Texts != 1 || sum.Of != 3 || len(sum.Skipped) != 2 {
		t.Errorf("found %+v of %+v, %v", hits, sum, err)
	}
	if hits, _, _ = l.search(t, `hostname at:2026-03-01`); len(hits) != 1 || hits[0].Revision.ID != old.Revision.ID {
		t.Errorf("at that day: %+v", hits)
	}
}

func TestASearchIsBoundedAndEndsWithItsContext(t *testing.T) {
	l := newLibrary(t)
	for i := range 40 {
		l.keep(t, netdev.Device{Name: fmt.Sprintf("d%02d", i)}, strings.Repeat("same line\n", 30))
	}
	q, _ := search.Parse("same line")
	n := 0
	sum, err := l.a.Search(t.Context(), configstore.SearchRequest{Query: q, MaxLines: 100, MaxDevice: 20}, func(h configstore.SearchHit) error {
		n += len(h.Lines)
		return nil
	})
	if err != nil || n != 100 || sum.Kept != 100 || sum.Lines != 1200 || sum.Devices != 40 {
		t.Errorf("%d lines handed over, %+v, %v; want 100 of 1,200 on 40 devices", n, sum, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.a.Search(ctx, configstore.SearchRequest{Query: q}, func(configstore.SearchHit) error { return nil }); err == nil {
		t.Error("a search whose context is over went on")
	}
}

// The words about devices must be those that a choice of devices knows.
func TestEveryWordAboutDevicesIsKnown(t *testing.T) {
	l := newLibrary(t)
	for _, key := range []string{"site", "role", "kind", "vendor", "platform", "os", "model", "version", "serial", "name", "address", "tag"} {
		if _, _, err := l.search(t, "x "+key+":y"); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
}

// 10,000 texts of 20 KB. The goals are first lines within 300 ms and a pattern
// over everything within 1 s.
func BenchmarkSearch(b *testing.B) {
	const devices = 10000
	l := newLibrary(b)
	var body strings.Builder
	for i := range 48 {
		fmt.Fprintf(&body, "interface GigabitEthernet1/0/%d\n description desk %d\n switchport access vlan %d\n switchport mode access\n spanning-tree portfast\n", i, i*7, i%40)
	}
	for i := 0; body.Len() < 20<<10; i++ {
		fmt.Fprintf(&body, "access-list 101 permit ip host 10.%d.%d.%d any\n", i%256, i*7%256, i*13%256)
	}
	err := l.a.DB.InTx(b.Context(), func(ctx context.Context) error {
		for i := range devices {
			v, err := l.a.DB.AddDevice(ctx, netdev.Device{Name: fmt.Sprintf("acc-%05d", i), Platform: "cisco_ios"})
			if err != nil {
				return err
			}
			text := []byte(fmt.Sprintf("hostname acc-%05d\nsnmp-server location room %d\n%s", i, i, body.String()))
			if _, err := l.a.Store.Put(ctx, configstore.Capture{Device: v.ID, Source: configstore.Running, Raw: text, Text: text, Attempt: configstore.Attempt{Ended: l.now}}, configstore.Fence{}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, query := range map[string]string{"rare-literal": `"room 9999"`, "words": "snmp-server location", "pattern-rare": `/^snmp-server location room 99\d\d$/`,
		"pattern-everywhere": `/switchport access vlan (1|2)\d$/`, "missing": `missing:"logging host"`, "section": `in:"interface *" has:"switchport access vlan 39" lacks:"spanning-tree bpduguard"`} {
		b.Run(name, func(b *testing.B) {
			q, err := search.Parse(query)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				begun, first := time.Now(), time.Duration(0)
				sum, err := l.a.Search(b.Context(), configstore.SearchRequest{Query: q, MaxLines: 500, MaxDevice: 20, Context: 2}, func(configstore.SearchHit) error {
					if first == 0 {
						first = time.Since(begun)
					}
					return nil
				})
				if err != nil || sum.Texts != devices {
					b.Fatal(sum, err)
				}
				b.ReportMetric(float64(first.Milliseconds()), "ms-first")
				b.ReportMetric(float64(time.Since(begun).Milliseconds()), "ms-all")
				b.ReportMetric(float64(sum.Lines), "lines")
			}
		})
	}
}
