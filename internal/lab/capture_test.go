package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// listener is the binary listening at one end of a cable.
type listener struct {
	device, port string
	file         string // gets the frames
	cmd          *exec.Cmd
	out, err     bytes.Buffer
}

type frame struct {
	Protocol  string
	SourceMAC string `json:"source_mac"`
	Facts     struct {
		ChassisID string `json:"chassis_id"`
		PortID    string `json:"port_id"`
		PortDescr string `json:"port_descr"`
		SysName   string `json:"sys_name"`
	}
	Error string
}

// captures hears what is said on the cables and on nothing else: who is at the
// other end, in the frames' own words. What was heard is kept in a data
// directory whose devices no walk ever read.
func (s *site) captures(t *testing.T) {
	s.does(t, "discover", lan, "--credentials", s.file, "--sweep-only", "--save", "--data", s.heard, "--json")
	var all []*listener
	for _, c := range cables {
		all = append(all, s.listen(t, c.a, c.port), s.listen(t, c.b, c.peer))
	}
	for range 3 { // on a busy machine it takes a while until each has its socket
		time.Sleep(time.Second)
		for _, name := range devices {
			s.nodes[name].run("lldpcli", "-u", "/run/lldpd.socket", "update")
		}
	}
	said := map[string]int{} // a link by how many of its ends heard the other
	for _, l := range all {
		for _, end := range l.heard(t) {
			said[line(l.device, l.port, end[0], end[1])]++
		}
	}
	var got, want []string
	for link, ends := range said {
		got = append(got, fmt.Sprintf("%s, heard at %d", link, ends))
	}
	for _, link := range cabled() {
		want = append(want, link+", heard at 2")
	}
	// The desk hears the switch and says nothing of itself.
	want = append(want, line("desk", "eth0", "sw1", "port4")+", heard at 1")
	slices.Sort(got)
	slices.Sort(want)
	t.Logf("links:\n%s", strings.Join(got, "\n"))
	if !slices.Equal(got, want) {
		t.Errorf("want the cables:\n%s", strings.Join(want, "\n"))
	}
	for _, l := range all {
		s.keeps(t, l, s.heard)
		s.keeps(t, l, s.data)
	}
}

// keeps enters what was heard at one end of a cable into a data directory.
func (s *site) keeps(t *testing.T, l *listener, data string) {
	t.Helper()
	args := []string{"capture", "--read", l.file, "--save", "--data", data}
	if l.device != "desk" { // the desk is where the appliance stands
		args = append(args, "--at", l.device+":"+l.port)
	}
	s.does(t, args...)
}

// heardAlone sees that an appliance draws exactly the cables from frames, of
// devices of which it knows name and address, and hears at its own interface
// what is at the other end.
func (s *site) heardAlone(t *testing.T) {
	writeFile(t, filepath.Join(s.heard, "settings.yaml"), "capture:\n  interfaces: [eth0, missing0]\n")
	page := s.appliance(t, s.heard, "8081")
	s.drawn(t, page, "capture")
	type sighting struct {
		Near   struct{ ID, Port string }
		Far    struct{ Device, Port string }
		Proves string
		Via    string
	}
	eventually(t, "the appliance hears the switch at its own interface", 90*time.Second, func() (bool, string) {
		s.nodes["sw1"].run("lldpcli", "-u", "/run/lldpd.socket", "update")
		text := page(t, "/api/v1/sightings?limit=250")
		return slices.ContainsFunc(read[struct{ Items []sighting }](t, text).Items, func(x sighting) bool {
			return x.Via == "eth0" && x.Near.ID == "" && x.Near.Port == "eth0" && x.Far.Device == "sw1" && x.Far.Port == "port4" && x.Proves == "link"
		}), text
	})
	if text := page(t, "/capture"); !strings.Contains(text, "missing0") || !strings.Contains(text, "not listening") {
		t.Errorf("the page does not say that missing0 is not there:\n%s", text)
	}
}

// heardBeside sees that frames and walks together prove the same cables.
func (s *site) heardBeside(t *testing.T) {
	s.kept = s.appliance(t, s.data, "8080")
	s.drawn(t, s.kept, "capture", "lldp-both")
}

// drawn sees that the links of an appliance are exactly the cables.
func (s *site) drawn(t *testing.T, page pages, evidence ...string) {
	t.Helper()
	var got []string
	for _, l := range read[struct{ Items []link }](t, page(t, "/api/v1/links?limit=250")).Items {
		if l.Layer == "l3" {
			continue
		}
		got = append(got, line(l.A.Device, l.A.Port, l.B.Device, l.B.Port))
		if !slices.Equal(l.Evidence, evidence) || l.Stale {
			t.Errorf("%s: evidence %q, stale %v: want %q", got[len(got)-1], l.Evidence, l.Stale, evidence)
		}
	}
	slices.Sort(got)
	t.Logf("links by %q:\n%s", evidence, strings.Join(got, "\n"))
	if want := cabled(); !slices.Equal(got, want) {
		t.Errorf("want the cables:\n%s", strings.Join(want, "\n"))
	}
}

func (s *site) listen(t *testing.T, device, port string) *listener {
	t.Helper()
	l := &listener{device: device, port: port, file: filepath.Join(s.frames, device+"-"+port+".pcapng")}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	l.cmd = s.nodes[device].command(ctx, binary(t), "capture", "--interface", port, "--for", "8s", "--write", l.file, "--json")
	l.cmd.Stdout, l.cmd.Stderr = &l.out, &l.err
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return l
}

// heard waits for the end of a listener and gives the ends that announced
// themselves by LLDP, each once.
func (l *listener) heard(t *testing.T) (ends [][2]string) {
	t.Helper()
	if err := l.cmd.Wait(); err != nil {
		t.Errorf("capture at %s %s: %v\n%s", l.device, l.port, err, l.err.String())
	}
	protocols := map[string]int{}
	for text := range strings.Lines(l.out.String()) {
		var f frame
		if err := json.Unmarshal([]byte(text), &f); err != nil {
			t.Errorf("capture at %s %s: %v in %q", l.device, l.port, err, text)
			continue
		}
		if f.Error != "" {
			t.Errorf("capture at %s %s: a real frame was not understood: %s", l.device, l.port, text)
		}
		protocols[f.Protocol]++
		if end := [2]string{f.Facts.SysName, f.Facts.PortDescr}; f.Protocol == "lldp" && !slices.Contains(ends, end) {
			ends = append(ends, end)
		}
	}
	t.Logf("%s %s heard %v", l.device, l.port, protocols)
	return ends
}
