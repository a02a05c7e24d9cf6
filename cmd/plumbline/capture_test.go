package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/discovery/capture"
	"github.com/plumbline-net/plumbline/discovery/topology"
	"github.com/plumbline-net/plumbline/internal/app"
	"github.com/plumbline-net/plumbline/netdev"
)

// lldpFrame is a frame of a made-up switch whose name would clear a terminal.
func lldpFrame() []byte {
	b := []byte{0x01, 0x80, 0xc2, 0, 0, 0x0e, 2, 0, 0x5e, 0, 0, 9, 0x88, 0xcc}
	for _, tlv := range []string{"\x01\x04\x02\x00\x5e\x00\x00\x09", "\x02\x05swp1", "\x03\x00\x78", "\x05a\x1b[2Jb", "\x00"} {
		b = binary.BigEndian.AppendUint16(b, uint16(tlv[0])<<9|uint16(len(tlv)-1))
		b = append(b, tlv[1:]...)
	}
	return b
}

func captureFile(t *testing.T, frames ...[]byte) string {
	t.Helper()
	var b bytes.Buffer
	w, err := capture.NewWriter(&b, "eth0")
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range frames {
		if err := w.Write(capture.Frame{Time: time.Unix(1700000000+int64(i), 0), Length: len(f), Data: f}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "some.pcapng")
	if err := os.WriteFile(name, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestCapturePrintsALineAFrameAndAnErrorForABrokenOne(t *testing.T) {
	good := lldpFrame()
	silent := append(append([]byte{}, good[:12]...), 0x12, 0x34, 1, 2, 3)
	file := captureFile(t, good, silent, good[:20], good)
	out, code := offline(t, "capture", "--read", file, "--json")
	if code != 0 {
		t.Errorf("exit %d", code)
	}
	type line struct {
		Frame     int
		Time      time.Time
		Protocol  string
		SourceMAC string `json:"source_mac"`
		VLAN      *int
		Facts     map[string]any
		Error     string
	}
	var got []line
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		var o line
		if err := json.Unmarshal([]byte(l), &o); err != nil {
			t.Fatalf("%q: %v", l, err)
		}
		got = append(got, o)
	}
	if len(got) != 3 || got[0].Frame != 1 || got[1].Frame != 3 || got[2].Frame != 4 {
		t.Fatalf("lines %+v", got)
	}
	if got[0].Protocol != "lldp" || got[0].SourceMAC != "02:00:5e:00:00:09" || got[0].VLAN != nil || got[0].Facts["port_id"] != "swp1" || got[0].Error != "" || got[0].Time.Unix() != 1700000000 {
		t.Errorf("got %+v", got[0])
	}
	if got[1].Error == "" {
		t.Error("a cut frame has no error")
	}
	if words, code := offline(t, "capture", "--read", file); code != 0 || strings.Contains(words, "\x1b") || !strings.Contains(words, "swp1") {
		t.Errorf("exit %d, printed %q", code, words)
	}
}

func TestCaptureRefusesWhatItCannotDo(t *testing.T) {
	text := filepath.Join(t.TempDir(), "text.pcap")
	if err := os.WriteFile(text, []byte("interface Ethernet1\n description uplink\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := captureFile(t, lldpFrame())
	for name, args := range map[string][]string{
		"neither":         {"capture", "--json"},
		"both":            {"capture", "--read", file, "--interface", "lo"},
		"write-of-a-file": {"capture", "--read", file, "--write", "x"},
		"no-capture":      {"capture", "--read", text, "--json"},
		"no-file":         {"capture", "--read", text + "x"},
		"no-interface":    {"capture", "--interface", "no-such-one", "--for", "1s"},
		"negative-time":   {"capture", "--interface", "lo", "--for", "-1s"},
	} {
		t.Run(name, func(t *testing.T) {
			if out, code := offline(t, args...); code != 2 || out != "" {
				t.Errorf("exit %d, printed %q", code, out)
			}
		})
	}
}

func TestCaptureNeverWritesOverAFile(t *testing.T) {
	live, err := capture.OpenLive("lo", capture.LiveOptions{})
	if err != nil {
		t.Skipf("frames cannot be captured here: %v", err)
	}
	live.Close()
	file := captureFile(t, lldpFrame())
	before, _ := os.ReadFile(file)
	if _, code := offline(t, "capture", "--interface", "lo", "--for", "10ms", "--write", file); code != 2 {
		t.Errorf("exit %d", code)
	}
	if after, err := os.ReadFile(file); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the file was touched: %v", err)
	}
	fresh := filepath.Join(t.TempDir(), "new.pcapng")
	if _, code := offline(t, "capture", "--interface", "lo", "--for", "10ms", "--write", fresh); code != 0 {
		t.Errorf("exit %d", code)
	}
	if out, code := offline(t, "capture", "--read", fresh); code != 0 {
		t.Errorf("what was written does not read: exit %d, %q", code, out)
	}
}

func TestASavedCaptureIsEvidenceAndCandidates(t *testing.T) {
	dir := t.TempDir() + "/data"
	d, err := app.OpenData(t.Context(), app.DataOptions{Dir: dir, Create: true})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for i, name := range []string{"core1", `a\x1b[2Jb`} {
		if _, err := d.DB.AddDevice(t.Context(), netdev.Device{Name: name, Address: netip.AddrFrom4([4]byte{192, 0, 2, byte(i + 1)})}); err != nil {
			t.Fatal(err)
		}
	}
	file := captureFile(t, lldpFrame(), lldpFrame())
	for name, args := range map[string][]string{
		"at-without-save": {"--at", "core1:eth0"},
		"no-such-device":  {"--save", "--data", dir, "--at", "nobody:eth0"},
		"no-port":         {"--save", "--data", dir, "--at", "core1"},
	} {
		if code, out, errs := runCommand(t, "", append([]string{"capture", "--read", file}, args...)...); code != 2 || out != "" || errs == "" {
			t.Errorf("%s: exit %d, %q, %q", name, code, out, errs)
		}
	}
	for _, at := range [][]string{{"--at", "core1:eth7"}, nil, {"--at", "core1:eth7"}} { // the last one says nothing new
		code, out, errs := runCommand(t, "", append([]string{"capture", "--read", file, "--json", "--save", "--data", dir}, at...)...)
		if code != 0 || strings.Count(out, "\n") != 2 || !strings.Contains(errs, ": 1 sender\n") {
			t.Fatalf("%q: exit %d, %q, %q", at, code, out, errs)
		}
	}
	seen, err := d.DB.Sightings(t.Context())
	if err != nil || len(seen) != 2 {
		t.Fatalf("%+v, %v", seen, err)
	}
	for _, s := range seen {
		want := topology.End{Port: "eth0"}
		if s.Near.ID != "" {
			want = topology.End{ID: s.Near.ID, Device: "core1", Port: "eth7"}
		}
		if s.Near != want || s.Frames != 2 || s.Via != "some.pcapng eth0" || s.Verdict != topology.Silent || s.Time.Unix() != 1700000001 || s.Candidate == "" {
			t.Errorf("kept %+v", s)
		}
	}
	if c, err := d.DB.Candidates(t.Context()); err != nil || len(c) != 1 || len(c[0].Told) != 2 {
		t.Errorf("candidates %+v, %v", c, err)
	}
}
