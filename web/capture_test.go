package web

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery"
	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// addSightings makes a device that was heard and the candidate of newWorld.
func (w *world) addSightings() {
	near := topology.End{Port: "eth1"}
	w.sightings = []discovery.Sighting{
		{ID: 7, Protocol: "lldp", SourceMAC: "02:00:00:00:00:07", VLAN: 12, Frames: 3, Announces: true, Verdict: topology.EndOfWire,
			Facts: capture.Facts{"sys_name": w.devices[0].Name, "ttl": float64(120), "capabilities": []any{"bridge", "router"}},
			Heard: topology.Heard{Near: near, Via: "eth1", Since: testNow.Add(-time.Hour), Time: testNow.Add(-time.Minute), Hold: 2 * time.Minute, Because: "found by name",
				Says: netdev.Neighbor{Protocol: "lldp", SysName: w.devices[0].Name, PortID: "Te1/1/9"}, Far: topology.End{ID: w.devices[0].ID, Device: w.devices[0].Name, Port: "Te1/1/9"}}},
		{ID: 8, Protocol: "lldp", SourceMAC: "02:00:00:00:00:99", Frames: 1, Announces: true, Verdict: topology.Silent, Candidate: "C1", Facts: capture.Facts{"sys_name": "visitor", "port_id": "eth0"},
			Heard: topology.Heard{Near: topology.End{ID: w.devices[0].ID, Device: w.devices[0].Name, Port: "Te1/1/9"}, Via: "mirror.pcapng", Since: testNow.Add(-time.Hour), Time: testNow.Add(-time.Hour), Hold: time.Minute,
				Says: netdev.Neighbor{Protocol: "lldp", SysName: "visitor", ChassisID: "02:00:00:00:00:99"}, Because: "no device here has this identity"}},
	}
	w.candidates[0].Told = append(w.candidates[0].Told, discovery.Told{Unresolved: w.unresolved[0], Since: testNow.Add(-time.Hour), Sighting: 8})
}

func TestWhatWasHeardIsShownWithItsFramesAndWhatTheyProve(t *testing.T) {
	w := newWorld(3)
	w.sightings = append(w.sightings, discovery.Sighting{ID: 9, Protocol: "arp", SourceMAC: "02:00:00:00:00:55", Frames: 2, Facts: capture.Facts{"sender_address": "127.7.0.9"},
		Heard: topology.Heard{Near: topology.End{Port: "eth1"}, Via: "eth1", Since: testNow, Time: testNow}})
	w.listening = []Listening{{Interface: "eth1", Since: testNow.Add(-time.Hour), Frames: 41, Forgotten: 3}, {Interface: "eth2", At: "sw1:Gi0/24", Fault: "capture on eth2: no such network interface"}}
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	for path, words := range map[string][]string{
		"/capture":                 {"other end of the wire", "stale", "this appliance", "/capture/heard/7", "/discovery/candidates/C1", "eth2", "no such network interface", "not listening", "3 senders"},
		"/capture?proves=stale":    {"/capture/heard/8"},
		"/capture?show=rest":       {"/capture/heard/9", "02:00:00:00:00:55"},
		"/capture/heard/7":         {"found by name", "bridge, router", "120", "Te1/1/9"},
		"/capture/heard/8":         {"stale", "mirror.pcapng", "/discovery/candidates/C1"},
		"/discovery":               {"2 senders", "announce themselves", "not listening"},
		"/discovery/candidates/C1": {"lldp heard at", "/capture/heard/8", "port_id"},
	} {
		got := c.get(path)
		for _, word := range words {
			if !strings.Contains(got.Body.String(), word) {
				t.Errorf("%s: %d, without %q", path, got.Code, word)
			}
		}
	}
	for path, not := range map[string]string{"/capture?proves=stale": "/capture/heard/7", "/capture": "/capture/heard/9", "/capture?show=rest": "/capture/heard/7"} {
		if strings.Contains(c.get(path).Body.String(), not) {
			t.Errorf("%s holds %s", path, not)
		}
	}
	if got := c.get("/capture/heard/77"); got.Code != 404 {
		t.Errorf("one that is not there: %d", got.Code)
	}
	var api struct {
		Items []struct {
			ID     int64
			Far    *topology.End
			Proves topology.Verdict
			Stale  bool
		}
	}
	c.bearer = true
	if err := json.Unmarshal(c.get("/api/v1/sightings").Body.Bytes(), &api); err != nil || len(api.Items) != 3 {
		t.Fatalf("%v, %+v", err, api)
	}
	if x := api.Items[0]; x.ID != 7 || x.Far == nil || x.Far.ID != w.devices[0].ID || x.Proves != topology.EndOfWire || x.Stale || !api.Items[1].Stale {
		t.Errorf("%+v", api.Items)
	}
}

func TestAFrameIsAmongWhatProvesALink(t *testing.T) {
	w := newWorld(3)
	a, b := w.devices[0], w.devices[1]
	l := topology.Link{A: topology.End{ID: a.ID, Device: a.Name, Port: "p1"}, B: topology.End{ID: b.ID, Device: b.Name, Port: "p2"}, Layer: "l2", Evidence: []string{"capture"}, Confidence: 0.9,
		Rows: []topology.EvidenceRow{{Device: a.ID, Table: "capture", Row: "lldp frame on eth1: chassis x", Time: testNow.Add(-time.Hour)}}, Stale: true}
	w.links = append(w.links, l)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	panel := c.get("/topology/panel?link=" + linkKey(l)).Body.String()
	for _, word := range []string{"captured frames", "lldp frame on eth1", "No frame was heard"} {
		if !strings.Contains(panel, word) {
			t.Errorf("the panel does not say %q", word)
		}
	}
	if data := c.get("/topology/data").Body.String(); !strings.Contains(data, `"stale","captured frames"`) {
		t.Error("the map does not draw the link stale")
	}
}
