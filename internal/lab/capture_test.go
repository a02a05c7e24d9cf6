package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// listener is the binary listening at one end of a cable.
type listener struct {
	device, port string
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
// other end, in the frames' own words.
func (s *site) captures(t *testing.T) {
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
}

func (s *site) listen(t *testing.T, device, port string) *listener {
	t.Helper()
	l := &listener{device: device, port: port}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	l.cmd = s.nodes[device].command(ctx, binary(t), "capture", "--interface", port, "--for", "8s", "--json")
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
