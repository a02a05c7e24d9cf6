package web

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/plumbline-net/plumbline/configstore/compliance"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/netdev"
)

// decodeMap asks for the data of a map.
func decodeMap(t *testing.T, c client, query string) mapData {
	t.Helper()
	got := c.get("/topology/data" + query)
	if got.Code != http.StatusOK {
		t.Fatalf("/topology/data%s: %d %s", query, got.Code, got.Body)
	}
	var d mapData
	if err := json.Unmarshal(got.Body.Bytes(), &d); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestTheMapHasTheLinksOfTheInventoryAndNoOther(t *testing.T) {
	w := newWorld(20)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	d := decodeMap(t, c, "")
	if len(d.Nodes) != 20 || len(w.links) == 0 {
		t.Fatalf("%d nodes, %d links in the inventory", len(d.Nodes), len(w.links))
	}
	var want, got []string
	for _, l := range w.links {
		ends := []string{string(l.A.ID) + " " + l.A.Port, string(l.B.ID) + " " + l.B.Port}
		slices.Sort(ends)
		want = append(want, strings.Join(ends, " = "))
	}
	for _, l := range d.Links {
		end := func(node, port int) string {
			return d.Nodes[int(l[node].(float64))][0].(string) + " " + l[port].(string)
		}
		ends := []string{end(0, 7), end(1, 8)}
		slices.Sort(ends)
		got = append(got, strings.Join(ends, " = "))
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("the map has %q, the inventory %q", got, want)
	}
}

func TestTwoLoadsGiveTheSamePositionsAndATagThatSaysSo(t *testing.T) {
	w := newWorld(30)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	first := c.get("/topology/data")
	slices.Reverse(w.devices)
	slices.Reverse(w.links)
	second := c.get("/topology/data")
	if first.Body.String() != second.Body.String() {
		t.Error("the second load gives other bytes")
	}
	tag := first.Header().Get("ETag")
	if tag == "" || tag != second.Header().Get("ETag") {
		t.Fatalf("tags %q and %q", tag, second.Header().Get("ETag"))
	}
	again := c.do("GET", "/topology/data", nil, map[string]string{"If-None-Match": tag})
	if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
		t.Errorf("with the tag: %d, %d bytes", again.Code, again.Body.Len())
	}
	w.links = w.links[1:]
	if changed := c.do("GET", "/topology/data", nil, map[string]string{"If-None-Match": tag}); changed.Code != http.StatusOK {
		t.Errorf("after a link went: %d", changed.Code)
	}
}

// edgesOf counts the links in a drawing and fails where it is no XML.
func edgesOf(t *testing.T, svg io.Reader) (edges, texts int) {
	t.Helper()
	d := xml.NewDecoder(svg)
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return edges, texts
		}
		if err != nil {
			t.Fatalf("the drawing does not parse: %v", err)
		}
		e, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		texts += b2i(e.Name.Local == "text")
		for _, a := range e.Attr {
			if a.Name.Local == "class" && e.Name.Local == "path" && slices.Contains(strings.Fields(a.Value), "edge") {
				edges++
			}
			if a.Name.Local == "style" || strings.HasPrefix(a.Name.Local, "on") {
				t.Errorf("<%s %s=%q>", e.Name.Local, a.Name.Local, a.Value)
			}
		}
	}
}

func TestTheExportedPictureHasAsManyLinksAsTheTable(t *testing.T) {
	w := newWorld(25)
	c := client{t: t, s: newTestServer(t, w), role: "admin"}
	for _, query := range []string{"", "?site=Harbour", "?kind=switch", "?layer=l3"} {
		got := c.get("/topology.svg" + query)
		edges, texts := edgesOf(t, got.Body)
		rows := strings.Count(c.get("/topology.csv"+query).Body.String(), "\n") - 1
		if edges != rows || query == "" && (edges != len(w.links) || texts < 25) {
			t.Errorf("%q: %d links drawn, %d in the table, %d texts", query, edges, rows, texts)
		}
		if d := decodeMap(t, c, query); len(d.Links) != rows {
			t.Errorf("%q: %d links in the data, %d in the table", query, len(d.Links), rows)
		}
	}
}

func TestLinksWithoutPortsAreDrawnOneByOneAndPackedOnRequest(t *testing.T) {
	w := newWorld(120)
	twin := topology.Link{A: topology.End{ID: w.devices[0].ID, Device: w.devices[0].Name}, B: topology.End{ID: w.devices[5].ID, Device: w.devices[5].Name}, Layer: "l2", Evidence: []string{"lldp-one"}}
	again, self := twin, twin
	again.Evidence, self.B = []string{"fdb"}, twin.A
	w.links = append(w.links, twin, again, self)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	d := decodeMap(t, c, "")
	words := map[string]int{}
	for _, l := range d.Links {
		words[l[5].(string)]++
	}
	if len(d.Links) != len(w.links)-1 || words["LLDP, one end"] != 1 || words["forwarding tables"] != 1 {
		t.Errorf("%d links drawn of %d: %v", len(d.Links), len(w.links), words)
	}
	packed := c.do("GET", "/topology/data", nil, map[string]string{"Accept-Encoding": "gzip"})
	z, err := gzip.NewReader(packed.Body)
	if err != nil || packed.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("not packed: %v", err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != c.get("/topology/data").Body.String() {
		t.Errorf("what is packed is not the same (%v)", err)
	}
}

func TestTheTableIsThereWithoutScript(t *testing.T) {
	w := newWorld(12)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	for _, path := range []string{"/topology", "/topology?as=table"} {
		body := c.get(path).Body.String()
		for _, l := range w.links {
			if !strings.Contains(body, l.A.Device) || !strings.Contains(body, l.B.Device) {
				t.Errorf("%s does not tell of %s to %s", path, l.A.Device, l.B.Device)
			}
		}
		if !strings.Contains(body, "<table") || !strings.Contains(body, fmt.Sprintf(">%d<", len(w.links))) {
			t.Errorf("%s has no table of %d links", path, len(w.links))
		}
	}
}

func TestNamesOfDevicesAreTextOnTheMap(t *testing.T) {
	for _, evil := range []string{`</svg><script>alert(1)</script>`, `" onload="x`, "]]>&<b>", "a\x00b\u202ec"} {
		w := newWorld(3)
		w.devices[0].Name, w.devices[0].Site, w.links[0].A.Device, w.links[0].A.Port = evil, evil, evil, evil
		w.links[0].Rows = []topology.EvidenceRow{{Device: w.devices[0].ID, Table: evil, Row: evil}}
		c := client{t: t, s: newTestServer(t, w), role: "admin"}
		edgesOf(t, c.get("/topology.svg").Body)
		key := linkKey(w.links[0])
		for _, path := range []string{"/topology", "/topology?link=" + key, "/topology/panel?link=" + key, "/topology?focus=" + string(w.devices[0].ID), deviceHref(w.devices[0].ID, "neighbors")} {
			got := c.get(path)
			if got.Code != http.StatusOK {
				t.Errorf("%s: %d", path, got.Code)
				continue
			}
			node, err := html.Parse(got.Body)
			if err != nil {
				t.Fatal(err)
			}
			for n := range node.Descendants() {
				if n.Data == "script" && n.FirstChild != nil || n.Data == "b" && n.FirstChild == nil || attr(n, "onload") != "" {
					t.Errorf("%s: %q became markup", path, evil)
				}
			}
		}
		if d := decodeMap(t, c, ""); !strings.Contains(fmt.Sprint(d.Nodes), said(evil)) {
			t.Errorf("%q is not on the map as text", evil)
		}
	}
}

func TestThePanelTellsBothEndsAndTheRowsThatProveALink(t *testing.T) {
	w := newWorld(6)
	w.links[0].Rows = []topology.EvidenceRow{{Device: w.links[0].A.ID, Table: "lldp", Row: "Te1/0/2: chassis 02:00:00:00:00:07", Time: testNow}}
	w.links[1].Stale = true
	w.links[2].Evidence = []string{"fdb"}
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	body := c.get("/topology/panel?link=" + linkKey(w.links[0])).Body.String()
	for _, want := range []string{w.links[0].A.Port, w.links[0].B.Port, "LLDP, both ends", "100%", "Te1/0/2: chassis 02:00:00:00:00:07", "10G"} {
		if !strings.Contains(body, want) {
			t.Errorf("the panel does not say %q: %s", want, body)
		}
	}
	if body := c.get("/topology/panel?link=" + linkKey(w.links[1])).Body.String(); !strings.Contains(body, "Not seen again") {
		t.Error("the panel of a stale link does not say so")
	}
	if got := c.get("/topology/panel?link=nothing"); got.Code != http.StatusNotFound {
		t.Errorf("the panel of no link: %d", got.Code)
	}
	page := c.get("/topology").Body.String()
	for _, class := range []string{`class="edge edge-stale"`, `class="edge edge-inferred"`} {
		if strings.Count(page, class) != 2 { // one in the key, one drawn
			t.Errorf("%s stands %d times", class, strings.Count(page, class))
		}
	}
}

func TestTheMapOfOneHopHasTheLinksOfTheDevice(t *testing.T) {
	w := newWorld(12)
	c := client{t: t, s: newTestServer(t, w), role: "viewer"}
	dev := w.links[3].A.ID
	n := 0
	for _, l := range w.links {
		n += b2i(l.A.ID == dev || l.B.ID == dev)
	}
	body := c.get(deviceHref(dev, "neighbors")).Body.String()
	if got := strings.Count(body, `<path class="edge"`); got != n || n == 0 {
		t.Errorf("%d links drawn of %d", got, n)
	}
	if !strings.Contains(body, `role="img" aria-label="Map of `+plural(n, "link", "links")) {
		t.Error("the map says no sentence")
	}
}

func TestAnEmptyMapSaysWhatItNeeds(t *testing.T) {
	c := client{t: t, s: newTestServer(t, newWorld(0)), role: "viewer"}
	if body := c.get("/topology").Body.String(); !strings.Contains(body, "needs LLDP or CDP from two devices") {
		t.Error("the empty map does not say what it needs")
	}
	c = client{t: t, s: newTestServer(t, newWorld(4)), role: "viewer"}
	if body := c.get("/topology?site=Nowhere").Body.String(); !strings.Contains(body, "No device matches") {
		t.Error("a filter that nothing matches says nothing")
	}
}

func TestTheMapScriptStaysSmall(t *testing.T) {
	a, err := readAssets(distFS)
	if err != nil || !a.there() {
		t.Skip("assets are not built")
	}
	b, err := fs.ReadFile(a.files, strings.TrimPrefix(a.path("topology.js"), "/static/"))
	if err != nil {
		t.Fatal(err)
	}
	var small bytes.Buffer
	z := gzip.NewWriter(&small)
	z.Write(b)
	z.Close()
	if small.Len() > 16<<10 {
		t.Errorf("the script of the map is %d bytes packed, at most 16,384 are allowed", small.Len())
	}
}

func TestACountedNodeShowsTheWorstOfWhatItStandsFor(t *testing.T) {
	m := atlas{rows: map[netdev.DeviceID]deviceRow{}}
	places := []topology.Place{{ID: "core", Label: "core", Kind: netdev.Switch, Site: "mill"}}
	var wires []topology.Wire
	for i := range 14 {
		id := netdev.DeviceID(fmt.Sprintf("acc%d", i))
		places = append(places, topology.Place{ID: id, Label: string(id), Kind: netdev.Switch, Site: "mill"})
		wires = append(wires, topology.Wire{A: "core", B: id, Key: string(id)})
	}
	m.lay = topology.Arrange(places, wires)
	at := slices.IndexFunc(m.lay.Spots, func(p topology.Spot) bool { return p.Count > 0 })
	for _, step := range []struct {
		row         deviceRow
		state, name string
	}{
		{deviceRow{}, "", "14 switches, counted as one, 14 links"},
		{deviceRow{Device: netdev.Device{ID: "acc3"}, Unsaved: 1}, "warn", "14 switches, counted as one, 14 links, trouble on 1"},
		{deviceRow{Device: netdev.Device{ID: "acc8"}, Fail: 2, Worst: compliance.High}, "warn", "14 switches, counted as one, 14 links, trouble on 1"},
		{deviceRow{Device: netdev.Device{ID: "acc9"}, Fail: 2, Worst: compliance.Critical}, "bad", "14 switches, counted as one, 14 links, trouble on 2"},
	} {
		m.rows[step.row.ID] = step.row
		if got := m.state(at); got != step.state {
			t.Errorf("state %q, want %q", got, step.state)
		}
		if got := m.nodeName(at, 14); got != step.name {
			t.Errorf("said to be %q, want %q", got, step.name)
		}
	}
}
