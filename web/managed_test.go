package web

import (
	"encoding/json"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// wireless is a world whose last device is an access point that the first one
// manages, called name; it has no address.
func wireless(n int, name string) (*world, netdev.DeviceID) {
	w := newWorld(n)
	wlc := &w.devices[0]
	wlc.Kind = netdev.WirelessController
	ap := netdev.Device{ID: "ap01", Name: name, Kind: netdev.AccessPoint, Model: name, Serial: name, FirstSeen: testNow.Add(-time.Hour), LastSeen: testNow.Add(-time.Hour),
		Managed: netdev.Managed{Controller: wlc.ID, Name: wlc.Name, State: name, Location: name, MAC: "02:a1:00:00:00:01", Listed: testNow.Add(-time.Hour)}}
	w.devices = append(w.devices, ap)
	w.links = append(w.links, topology.Link{A: topology.End{ID: w.devices[1].ID, Device: w.devices[1].Name, Port: "1/1/47"}, B: topology.End{ID: ap.ID, Device: name, Port: name},
		Layer: "l2", Evidence: []string{"lldp-one"}, Confidence: .7, Because: name})
	return w, ap.ID
}

func TestAnAccessPointIsShownAsItsControllers(t *testing.T) {
	w, id := wireless(4, "press-ap1")
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	wlc := w.devices[0].Name
	page := c.get("/devices/" + string(id) + "/facts").Body.String()
	for _, want := range []string{"managed by " + wlc, "kept by its controller", "listed", "nothing is sent to the access point itself", "02:a1:00:00:00:01"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for path, absent := range map[string]string{"/devices/" + string(id) + "/facts": "Back up now", "/devices": "invalid IP", "/devices.csv": "invalid IP", "/devices/" + string(id) + "/events": "invalid IP",
		"/topology?focus=" + string(id): "invalid IP", "/search?q=press-ap1": "invalid IP", "/api/v1/devices": "invalid IP"} {
		if got := c.get(path); got.Code != http.StatusOK || strings.Contains(got.Body.String(), absent) {
			t.Errorf("%s: %d, or it says %q", path, got.Code, absent)
		}
	}
	if page := c.get("/devices/" + string(id) + "/neighbors").Body.String(); !strings.Contains(page, "1/1/47") || !strings.Contains(page, w.devices[1].Name) {
		t.Error("its neighbours lack the switch and port it hangs from")
	}
	if page := c.get("/devices/" + string(w.devices[0].ID) + "/facts").Body.String(); !strings.Contains(page, "1 access point") {
		t.Error("the controller does not say what it manages")
	}
	for q, want := range map[string]int{"controller:" + wlc: 1, "backup:controller": 1, "02:a1:00:00:00:01": 1, "kind:access-point backup:never": 0,
		"kind:access-point approved:never": 0, "kind:access-point rules:none": 0, "kind:access-point saved:yes": 0} {
		var rows []map[string]any
		if err := json.Unmarshal(c.get("/devices.json?q="+url.QueryEscape(q)).Body.Bytes(), &rows); err != nil || len(rows) != want {
			t.Errorf("%s: %d rows, %v, want %d", q, len(rows), err, want)
		}
	}
	if page := c.get("/search?q=02a100000001").Body.String(); !strings.Contains(page, "press-ap1") {
		t.Error("its MAC does not find it")
	}
	w.devices[len(w.devices)-1].Managed.Missing = testNow.Add(-time.Minute)
	if page := c.get("/devices/" + string(id) + "/facts").Body.String(); !strings.Contains(page, "not listed by it since") || !strings.Contains(page, "lacks it") {
		t.Error("that its controller lists it no more is not said")
	}
}

func TestAnAccessPointIsNoMissingBackup(t *testing.T) {
	w, _ := wireless(4, "press-ap1")
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	with := c.get("/").Body.String()
	w.devices = w.devices[:4]
	without := c.get("/").Body.String()
	if !strings.Contains(with, "of 4") || !strings.Contains(without, "of 4") || strings.Count(with, "not backed up") != strings.Count(without, "not backed up") {
		t.Error("an access point counts as a device without a backup")
	}
	r := newDeviceRow(netdev.Device{Managed: netdev.Managed{Controller: "x"}}, configstore.DeviceState{})
	if r.Backup != keptByController || deviceState(r) != "" || r.trouble() != 0 {
		t.Errorf("%q is trouble %d", r.Backup, r.trouble())
	}
}

func TestWhatAControllerSaysIsTextOnEveryPage(t *testing.T) {
	calm := map[string]int{}
	for i, p := range append([]string{"calm"}, payloads...) {
		w, id := wireless(4, p)
		w.devices[4].Managed.Name, w.devices[4].Managed.MAC, w.devices[4].Address = p, netdev.MAC(p), netip.Addr{}
		c := client{t: t, s: newTestServer(t, w), role: "admin"}
		base := "/devices/" + string(id) + "/"
		for _, path := range []string{base + "facts", base + "neighbors", base + "interfaces", base + "events", "/devices", "/topology?focus=" + string(id), "/topology?as=table"} {
			got := c.get(path)
			n := checkMarkup(t, path, got.Body.String())
			if i == 0 {
				calm[path] = n
			}
			if got.Code >= 500 || n != calm[path] {
				t.Errorf("payload %d on %s: %d, %d elements, %d with a harmless text", i-1, path, got.Code, n, calm[path])
			}
			if strings.ContainsFunc(got.Body.String(), func(r rune) bool { return hidden(r) && r != '\n' && r != '\r' }) {
				t.Errorf("payload %d on %s: a hidden character", i-1, path)
			}
		}
	}
}
