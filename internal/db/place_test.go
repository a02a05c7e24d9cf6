package db_test

import (
	"strings"
	"testing"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/db"
	"github.com/plumbline-net/plumbline/netdev"
)

const desk = netdev.MAC("02:00:5e:00:00:01")

// bridge is a switch that answered completely, forwarding table included.
func bridge(address, name string) discovery.Found {
	f := answered(address, name, "SN-"+name)
	f.Facts.Tables = append(f.Facts.Tables, netdev.TableState{Table: "fdb", Coverage: netdev.Complete, Rows: 1})
	return f
}

func cutShort(f discovery.Found) discovery.Found {
	f.Facts.Tables = []netdev.TableState{{Table: "fdb", Coverage: netdev.Partial, Reason: netdev.Timeout}}
	return f
}

func at(address, port string, confidence float64) topology.Graph {
	a := addr("198.51.100.7")
	return topology.Graph{Hosts: []topology.Host{{ID: netdev.DeviceID(address), MAC: desk, Address: &a, Port: port, VLAN: 20, Confidence: confidence, Because: "the only address on an edge port"}}}
}

// where is the place of now as "name port", or what ended.
func where(t *testing.T, d *db.DB) (now string, before int) {
	t.Helper()
	ps, err := d.FindHost(t.Context(), string(desk))
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range ps {
		switch {
		case !p.Until.IsZero():
			before++
		case i == 0:
			now = p.Name + " " + p.Port
		default:
			t.Errorf("two places at one time: %+v", ps)
		}
	}
	return now, before
}

func TestAPlaceEndsByCompleteWalksOnly(t *testing.T) {
	a, b := bridge("10.0.0.1", "acc1"), bridge("10.0.0.2", "acc2")
	nowhere := topology.Graph{}
	type step struct {
		g     topology.Graph
		found []discovery.Found
		now   string
		ended int
	}
	first := step{at("10.0.0.1", "p5", 0.95), []discovery.Found{a, b}, "acc1 p5", 0}
	tests := map[string][]step{
		"stays":                       {first, {at("10.0.0.1", "p5", 0.95), []discovery.Found{a, b}, "acc1 p5", 0}},
		"moves":                       {first, {at("10.0.0.2", "p9", 0.95), []discovery.Found{a, b}, "acc2 p9", 1}},
		"moves-to-another-port":       {first, {at("10.0.0.1", "p6", 0.9), []discovery.Found{a}, "acc1 p6", 1}},
		"new-place-told-in-part":      {first, {at("10.0.0.2", "p9", 0.95), []discovery.Found{a, cutShort(b)}, "acc1 p5", 0}},
		"old-place-told-in-part":      {first, {at("10.0.0.2", "p9", 0.95), []discovery.Found{cutShort(a), b}, "acc1 p5", 0}},
		"old-not-asked-new-as-sure":   {first, {at("10.0.0.2", "p9", 0.95), []discovery.Found{b}, "acc2 p9", 1}},
		"old-not-asked-new-less-sure": {first, {at("10.0.0.2", "p9", 0.9), []discovery.Found{b}, "acc1 p5", 0}},
		"seen-on-an-uplink":           {first, {at("10.0.0.2", "p1", 0.3), []discovery.Found{b}, "acc1 p5", 0}},
		"missed-twice":                {first, {nowhere, []discovery.Found{a}, "acc1 p5", 0}, {nowhere, []discovery.Found{a}, "acc1 p5", 0}},
		"missed-thrice":               {first, {nowhere, []discovery.Found{a}, "acc1 p5", 0}, {nowhere, []discovery.Found{a}, "acc1 p5", 0}, {nowhere, []discovery.Found{a}, "", 1}},
		"missed-in-part":              {first, {nowhere, []discovery.Found{cutShort(a)}, "acc1 p5", 0}, {nowhere, []discovery.Found{cutShort(a)}, "acc1 p5", 0}, {nowhere, []discovery.Found{cutShort(a)}, "acc1 p5", 0}, {nowhere, []discovery.Found{cutShort(a)}, "acc1 p5", 0}},
		"missed-by-others":            {first, {nowhere, []discovery.Found{b}, "acc1 p5", 0}, {nowhere, []discovery.Found{b}, "acc1 p5", 0}, {nowhere, []discovery.Found{b}, "acc1 p5", 0}},
		"seen-again-between": {first, {nowhere, []discovery.Found{a}, "acc1 p5", 0}, {nowhere, []discovery.Found{a}, "acc1 p5", 0},
			{at("10.0.0.1", "p5", 0.95), []discovery.Found{a}, "acc1 p5", 0}, {nowhere, []discovery.Found{a}, "acc1 p5", 0}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			d := open(t, t.TempDir())
			for i, s := range steps {
				scan(t, d, s.g, s.found...)
				if now, ended := where(t, d); now != s.now || ended != s.ended {
					t.Fatalf("after scan %d it is at %q with %d places before, want %q, %d", i+1, now, ended, s.now, s.ended)
				}
			}
		})
	}
}

func TestAScanOfOneSwitchDoesNotTakeItsUplinkForAHostsPort(t *testing.T) {
	d := open(t, t.TempDir())
	a, b := bridge("10.0.0.1", "acc1"), bridge("10.0.0.2", "core1")
	g := at("10.0.0.1", "p5", 0.9)
	g.Links = []topology.Link{{A: topology.End{ID: "10.0.0.1", Device: "acc1", Port: "up"}, B: topology.End{ID: "10.0.0.2", Device: "core1", Port: "p1"}, Layer: "l2", Evidence: []string{"lldp-both"},
		Rows: []topology.EvidenceRow{{Device: "10.0.0.1", Table: "lldp"}, {Device: "10.0.0.2", Table: "lldp"}}}}
	scan(t, d, g, a, b)
	scan(t, d, at("10.0.0.2", "p1", 0.95), b) // alone, its uplink looks like an edge port
	if now, ended := where(t, d); now != "acc1 p5" || ended != 0 {
		t.Errorf("it is at %q with %d places before", now, ended)
	}
}

func TestAHostIsFoundByAddressAndByEveryWritingOfItsMAC(t *testing.T) {
	d := open(t, t.TempDir())
	scan(t, d, at("10.0.0.1", "p5", 0.95), bridge("10.0.0.1", "acc1"))
	for _, ref := range []string{"02:00:5e:00:00:01", "0200.5E00.0001", "02-00-5e-00-00-01", "02005e000001", "198.51.100.7", "::ffff:198.51.100.7"} {
		ps, err := d.FindHost(t.Context(), ref)
		if err != nil || len(ps) != 1 || ps[0].MAC != desk || ps[0].Name != "acc1" || ps[0].VLAN != 20 || ps[0].Address != addr("198.51.100.7") || ps[0].Because == "" {
			t.Errorf("%s: %+v, %v", ref, ps, err)
		}
	}
	for _, ref := range []string{"", "02:00:5e:00:00:02", "198.51.100.8", "acc1", strings.Repeat("0", 5000)} {
		if ps, err := d.FindHost(t.Context(), ref); err != nil || len(ps) != 0 {
			t.Errorf("%.40s: %+v, %v", ref, ps, err)
		}
	}
	if hs, err := d.Hosts(t.Context()); err != nil || len(hs) != 1 {
		t.Errorf("hosts %+v, %v", hs, err)
	}
}

func TestPortsAreFoundByTheirDescription(t *testing.T) {
	d := open(t, t.TempDir())
	f := bridge("10.0.0.1", "acc1")
	f.Facts.Interfaces = []netdev.Interface{{Index: 1, Name: "p1", Alias: "Desk 3.114 %_'", MAC: "02:00:00:00:00:a1"}, {Index: 2, Name: "p2", Alias: "desk 3.115"}, {Index: 3, Name: "p3"}}
	scan(t, d, topology.Graph{}, f)
	for text, want := range map[string]int{"DESK": 2, "3.114": 1, "%": 1, "'": 1, "desk%": 0, "0200.0000.00a1": 1, "": 0, " ": 0} {
		if ps, n, err := d.FindPorts(t.Context(), text, 8); err != nil || n != want || len(ps) != want {
			t.Errorf("%q: %+v, %d, %v", text, ps, n, err)
		}
	}
	if ps, n, err := d.FindPorts(t.Context(), "desk", 1); err != nil || n != 2 || len(ps) != 1 {
		t.Errorf("with a limit: %+v, %d, %v", ps, n, err)
	}
	f.Facts.Interfaces = nil
	scan(t, d, topology.Graph{}, cutShort(f))
	if _, n, _ := d.FindPorts(t.Context(), "desk", 8); n != 2 {
		t.Errorf("a walk in part left %d ports", n)
	}
}
