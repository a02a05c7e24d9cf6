package sim

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"
)

func built(t *testing.T, plan string) *Network {
	t.Helper()
	n, err := New(Options{Seed: 7, Plan: plan, Now: func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// dump is everything an agent answers, but for what changes with the clock.
func dump(d *Device) string {
	var b strings.Builder
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, r := range d.tables.rows {
		fmt.Fprintf(&b, "%v=%x\n", r.oid, r.value)
	}
	return b.String()
}

func TestCampusHasTheDevicesAndPlatformsOfARealSite(t *testing.T) {
	n := built(t, "campus")
	platforms, controllers := map[string]int{}, 0
	for i, d := range n.Devices() {
		platforms[string(d.Platform())]++
		if d.Kind() == "wireless-controller" {
			controllers++
		}
		if !n.Sites()[d.Site()].Contains(d.Address()) || i > 0 && n.Device(d.Name()) != d {
			t.Errorf("%s at %v", d.Name(), d.Address())
		}
		if len(d.Running()) < 500 || strings.Contains(string(d.Running()), "<no value>") {
			t.Errorf("%s: %s", d.Name(), d.Running())
		}
	}
	if len(n.Devices()) < 36 || len(platforms) != 9 || controllers != 1 || len(n.AccessPoints()) < 10 || len(n.Hosts()) < 80 {
		t.Errorf("%d devices, %v, %d controllers, %d access points, %d hosts", len(n.Devices()), platforms, controllers, len(n.AccessPoints()), len(n.Hosts()))
	}
	seen := map[string]bool{}
	for _, h := range n.Hosts() {
		if seen[h.Address.String()] || seen[string(h.MAC)] {
			t.Errorf("twice: %+v", h)
		}
		seen[h.Address.String()], seen[string(h.MAC)] = true, true
	}
	if _, err := New(Options{Plan: "village"}); err == nil {
		t.Error("a plan that nobody made was taken")
	}
}

func TestCampusIsTheSameForTheSameSeed(t *testing.T) {
	a, b := built(t, "campus"), built(t, "campus")
	for i, d := range a.Devices() {
		e := b.Devices()[i]
		if !bytes.Equal(d.Running(), e.Running()) || dump(d) != dump(e) {
			t.Errorf("%s differs", d.Name())
		}
	}
	if fmt.Sprint(a.Links(), a.Hosts(), a.AccessPoints()) != fmt.Sprint(b.Links(), b.Hosts(), b.AccessPoints()) {
		t.Error("cables or places differ")
	}
	for i, f := range a.Frames() {
		if !bytes.Equal(f.Data, b.Frames()[i].Data) {
			t.Fatalf("frame %d differs", i)
		}
	}
}

func TestTablesAndFramesOfBothEndsKnowEveryCable(t *testing.T) {
	for _, plan := range []string{"", "campus"} {
		n := built(t, plan)
		heard := map[string]int{}
		for _, f := range n.Frames() {
			heard[fmt.Sprint(f.Protocol, f.From, f.To)]++
		}
		for _, l := range n.Links() {
			for _, e := range [][2]End{{l.A, l.B}, {l.B, l.A}} {
				d, far := n.Device(e[0].Device), n.Device(e[1].Device)
				p := d.port(e[0].Port)
				at := mustOID("1.0.8802.1.1.2.1.4.1.1.5").with(100*uint32(slices.Index(d.ports, p)+1)+7, p.lldp, uint32(slices.Index(d.ports, p)+1))
				if r, ok := d.tables.get(at); !ok || !bytes.Equal(r.value, tlv(tagOctets, far.base[:])) {
					t.Errorf("%v does not see %v", e[0], e[1])
				}
				if heard[fmt.Sprint("lldp", e[0], e[1])] != 1 || (heard[fmt.Sprint("cdp", e[0], e[1])] == 1) != (d.Vendor() == "cisco") {
					t.Errorf("frames from %v to %v: %v", e[0], e[1], heard[fmt.Sprint("lldp", e[0], e[1])])
				}
			}
		}
	}
}

func TestCaptureOfAPortHoldsWhatBothEndsSay(t *testing.T) {
	n := built(t, "campus")
	for _, at := range []End{{"ber-dc1", "Ethernet1/53"}, n.AccessPoints()[0].At, {"ber-rt2", "eth1"}} {
		var b bytes.Buffer
		if err := n.WritePCAPNG(&b, at.Device, at.Port); err != nil {
			t.Fatal(err)
		}
		r, err := pcapgo.NewNgReader(&b, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			t.Fatal(err)
		}
		names, ports := map[string]bool{}, 0
		for {
			data, _, err := r.ReadPacketData()
			if err != nil {
				break
			}
			p := gopacket.NewPacket(data, layers.LayerTypeEthernet, gopacket.Default)
			if e := p.ErrorLayer(); e != nil {
				t.Errorf("%v: %v", at, e.Error())
			}
			if l, ok := p.Layer(layers.LayerTypeLinkLayerDiscoveryInfo).(*layers.LinkLayerDiscoveryInfo); ok {
				names[l.SysName] = true
				ports++
			}
			if c, ok := p.Layer(layers.LayerTypeCiscoDiscoveryInfo).(*layers.CiscoDiscoveryInfo); ok && c.DeviceID == "" {
				t.Error("a CDP frame without a device")
			}
		}
		if !names[at.Device] || len(names) != 2 || ports != 2 {
			t.Errorf("%v: %v in %d frames", at, names, ports)
		}
	}
	if err := n.WritePCAPNG(&bytes.Buffer{}, "ber-dc1", "mgmt0"); err == nil {
		t.Error("something was heard on a port without a cable")
	}
}

func TestADroppedLinkIsGoneOnBothSides(t *testing.T) {
	n := built(t, "campus")
	l := n.Links()[len(n.Links())-1]
	if err := n.DropLink(len(n.Links()) - 1); err != nil {
		t.Fatal(err)
	}
	if slices.Contains(n.Links(), l) || n.Device(l.A.Device).port(l.A.Port).oper || n.Device(l.B.Device).port(l.B.Port).oper {
		t.Error("the cable is still there")
	}
	for _, f := range n.Frames() {
		if f.From == l.A || f.From == l.B {
			t.Errorf("%v still speaks", f.From)
		}
	}
	if n.DropLink(1000) == nil {
		t.Error("a cable that is not there was dropped")
	}
}

func TestAMovedHostIsSeenAtItsNewPort(t *testing.T) {
	n := built(t, "campus")
	h := n.Hosts()[0]
	to := n.Device("ber-leaf3")
	var free string
	for _, p := range to.ports {
		if to.hostPort(p) && !p.oper {
			free = p.name
			break
		}
	}
	if err := n.MoveHost(h.MAC, "ber-leaf3", free); err != nil {
		t.Fatal(err)
	}
	got := n.Hosts()[0]
	if got.At != (End{"ber-leaf3", free}) || got.MAC != h.MAC || got.Address != h.Address {
		t.Errorf("%+v", got)
	}
	for _, s := range to.forwarding() {
		if s.mac.String() == string(h.MAC) && s.port.name == free {
			return
		}
	}
	t.Error("the switch did not learn it")
}

func TestARenamedDeviceSaysItsNewNameEverywhere(t *testing.T) {
	n := built(t, "campus")
	for _, old := range []string{"ber-core1", "ber-rt1", "ber-fw1", "ber-dc1", "ber-leaf1", "ber-acc3", "ber-acc12", "ber-mt1", "ber-rt2"} {
		d, key := n.Device(old), n.Device(old).HostKey().Marshal()
		if err := n.Rename(old, "new-"+old); err != nil {
			t.Fatal(err)
		}
		if d.Name() != "new-"+old || !strings.Contains(dump(d), fmt.Sprintf("%x", "new-"+old)) || !bytes.Contains(d.Running(), []byte("new-"+old)) {
			t.Errorf("%s was not renamed", old)
		}
		if !bytes.Equal(key, d.HostKey().Marshal()) {
			t.Errorf("%s has another key", old)
		}
	}
	if n.Rename("ber-rt3", "ham-rt1") == nil || n.Rename("nobody", "somebody") == nil {
		t.Error("a name was given twice, or to nobody")
	}
}
