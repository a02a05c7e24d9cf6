package sim

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
)

// walk gives every variable below root, by its index below it.
func walk(t *testing.T, g *gosnmp.GoSNMP, root string) map[string]gosnmp.SnmpPDU {
	t.Helper()
	all, err := g.BulkWalkAll(root)
	if err != nil {
		t.Fatalf("%s %s: %v", g.Target, root, err)
	}
	out := map[string]gosnmp.SnmpPDU{}
	for _, v := range all {
		key := strings.TrimPrefix(v.Name, "."+root+".")
		if _, twice := out[key]; twice {
			t.Errorf("%s: %s came twice", g.Target, v.Name)
		}
		out[key] = v
	}
	return out
}

func text(v gosnmp.SnmpPDU) string { b, _ := v.Value.([]byte); return string(b) }

func TestInterfaceTablesHoldEveryInterfaceOnce(t *testing.T) {
	n := started(t)
	owner := map[string]string{}
	for _, d := range n.Devices() {
		g := manager(t, d)
		var names []string
		for _, v := range walk(t, g, "1.3.6.1.2.1.31.1.1.1.1") {
			names = append(names, text(v))
		}
		want := d.InterfaceNames()
		slices.Sort(names)
		slices.Sort(want)
		if !slices.Equal(names, want) || len(names) != d.Interfaces() {
			t.Errorf("%s: ifName %v, want %v", d.Name(), names, want)
		}
		for idx, v := range walk(t, g, "1.3.6.1.2.1.2.2.1.6") {
			hw := text(v)
			if hw == "" {
				continue
			}
			if who, taken := owner[hw]; taken {
				t.Errorf("%s ifIndex %s has the MAC address of %s", d.Name(), idx, who)
			}
			owner[hw] = d.Name() + " " + idx
		}
	}
	for _, h := range n.hosts {
		if who, taken := owner[string(h.mac[:])]; taken {
			t.Errorf("a host has the MAC address of %s", who)
		}
		owner[string(h.mac[:])] = "a host"
	}
}

func TestEveryCableIsSeenFromBothEnds(t *testing.T) {
	n := started(t)
	chassis := map[string]string{}
	ids := map[string]string{} // device and port id → ifName
	for _, d := range n.Devices() {
		g := manager(t, d)
		chassis[text(walk(t, g, "1.0.8802.1.1.2.1.3.2")["0"])] = d.Name()
		descr := walk(t, g, "1.0.8802.1.1.2.1.3.7.1.4")
		for num, v := range walk(t, g, "1.0.8802.1.1.2.1.3.7.1.3") {
			name := text(v)
			if d.port(name) == nil {
				name = text(descr[num])
			}
			ids[d.Name()+" "+text(v)] = name
			ids[d.Name()+" number "+num] = name
		}
	}
	var got []string
	for _, d := range n.Devices() {
		g := manager(t, d)
		far, names := walk(t, g, "1.0.8802.1.1.2.1.4.1.1.5"), walk(t, g, "1.0.8802.1.1.2.1.4.1.1.9")
		for at, v := range walk(t, g, "1.0.8802.1.1.2.1.4.1.1.7") {
			who := chassis[text(far[at])]
			if who != text(names[at]) {
				t.Errorf("%s: chassis of %q, name %q", d.Name(), who, text(names[at]))
			}
			parts := strings.Split(at, ".")
			got = append(got, fmt.Sprint(d.Name(), " ", ids[d.Name()+" number "+parts[1]], " = ", who, " ", ids[who+" "+text(v)]))
		}
		if m := walk(t, g, "1.0.8802.1.1.2.1.4.2.1.4"); len(m) != len(names) {
			t.Errorf("%s: %d management addresses for %d neighbours", d.Name(), len(m), len(names))
		}
	}
	var want []string
	for _, l := range n.Links() {
		want = append(want, fmt.Sprint(l.A.Device, " ", l.A.Port, " = ", l.B.Device, " ", l.B.Port), fmt.Sprint(l.B.Device, " ", l.B.Port, " = ", l.A.Device, " ", l.A.Port))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("neighbours\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestOwnProtocolOfAVendorSeesTheSameCables(t *testing.T) {
	n := started(t)
	got, want := map[string]bool{}, 0
	for _, l := range n.Links() {
		if a, b := n.Device(l.A.Device), n.Device(l.B.Device); a.Vendor() == "cisco" && b.Vendor() == "cisco" {
			want += 2
		}
	}
	for _, d := range n.Devices() {
		g := manager(t, d)
		ports := walk(t, g, "1.3.6.1.4.1.9.9.23.1.2.1.1.7")
		for at, id := range walk(t, g, "1.3.6.1.4.1.9.9.23.1.2.1.1.6") {
			name, _, _ := strings.Cut(text(id), ".")
			var local *port
			for _, p := range d.ports {
				if strings.HasPrefix(at, fmt.Sprint(p.index, ".")) {
					local = p
				}
			}
			if local == nil || local.peerDev.Name() != name || local.peer.descr != text(ports[at]) {
				t.Errorf("%s %s: neighbour %s %s", d.Name(), at, name, text(ports[at]))
			}
			got[d.Name()+at] = true
		}
	}
	if len(got) != want {
		t.Errorf("%d rows, want %d", len(got), want)
	}
}

func TestForwardingTablesPointAtPortsThatExist(t *testing.T) {
	n := started(t)
	for _, d := range n.Devices() {
		g := manager(t, d)
		ports := walk(t, g, "1.3.6.1.2.1.17.1.4.1.2")
		index := walk(t, g, "1.3.6.1.2.1.2.2.1.1")
		fdb := walk(t, g, "1.3.6.1.2.1.17.4.3.1.2")
		if bridges := d.Switching(); bridges != (len(ports) > 0) || bridges != (len(fdb) > 0) {
			t.Errorf("%s: %d bridge ports, %d addresses learned", d.Name(), len(ports), len(fdb))
		}
		for _, v := range ports {
			if _, ok := index[fmt.Sprint(v.Value)]; !ok {
				t.Errorf("%s: bridge port without interface %v", d.Name(), v.Value)
			}
		}
		for at, v := range fdb {
			if _, ok := ports[fmt.Sprint(v.Value)]; !ok {
				t.Errorf("%s: %s learned at port %v, which is none", d.Name(), at, v.Value)
			}
		}
	}
}

func TestHostsAreLearnedWhereTheyArePluggedIn(t *testing.T) {
	n := started(t)
	for _, h := range n.hosts {
		g := manager(t, h.at)
		ports := walk(t, g, "1.3.6.1.2.1.17.1.4.1.2")
		fdb := walk(t, g, "1.3.6.1.2.1.17.4.3.1.2")
		key := strings.Trim(strings.Join(strings.Fields(fmt.Sprint(macIndex(h.mac))), "."), "[]")
		if got, want := ports[fmt.Sprint(fdb[key].Value)].Value, h.at.bridgePort(h.port).index; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s %v: ifIndex %v, want %v", h.at.Name(), h.mac, got, want)
		}
	}
	if len(n.hosts) < 12 {
		t.Errorf("%d hosts", len(n.hosts))
	}
}

func TestWholeWalkGrowsAndTellsTheChassis(t *testing.T) {
	n := started(t)
	for _, d := range n.Devices() {
		g := manager(t, d)
		all, err := g.BulkWalkAll("1.3.6.1")
		if err != nil {
			t.Fatal(err)
		}
		var last oid
		for _, v := range all {
			o := mustOID(v.Name)
			if slices.Compare(last, o) >= 0 {
				t.Fatalf("%s: %v after %v", d.Name(), o, last)
			}
			last = o
		}
		e := walk(t, g, "1.3.6.1.2.1.47.1.1.1.1")
		if text(e["11.1"]) != d.Serial() || text(e["13.1"]) != d.Model() || text(e["10.1"]) != d.Version() {
			t.Errorf("%s: chassis %q %q %q", d.Name(), text(e["11.1"]), text(e["13.1"]), text(e["10.1"]))
		}
	}
}

func TestSetIsRefusedAndCounted(t *testing.T) {
	d := started(t).Device("ham-rt1")
	g := manager(t, d)
	r, err := g.Set([]gosnmp.SnmpPDU{{Name: "1.3.6.1.2.1.1.5.0", Type: gosnmp.OctetString, Value: "mine"}})
	if err != nil || r.Error != gosnmp.NotWritable {
		t.Errorf("%v, %v, want notWritable", r, err)
	}
	if d.SNMPWrites() != 1 || d.PDUs()[pduSet] != 1 {
		t.Errorf("%d writes counted", d.SNMPWrites())
	}
}

func TestRepliesStayBelowAnEthernetFrame(t *testing.T) {
	d := started(t).Device("ham-core1")
	c, err := net.Dial("udp", fmt.Sprintf("%v:%d", d.Address(), d.net.SNMPPort()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	bind := tlv(tagSequence, berOID(mustOID("1.3.6.1.2.1.2.2")), []byte{tagNull, 0})
	pdu := tlv(pduGetBulk, berInt(tagInteger, 9), berInt(tagInteger, 0), berInt(tagInteger, 5000), tlv(tagSequence, bind))
	_, _ = c.Write(tlv(tagSequence, berInt(tagInteger, 1), tlv(tagOctets, []byte(d.net.community())), pdu))
	b := make([]byte, 65536)
	_ = c.SetReadDeadline(time.Now().Add(2 * time.Second))
	size, err := c.Read(b)
	if err != nil || size > maxReply || size < 1000 {
		t.Errorf("%d bytes, %v", size, err)
	}
}

func TestStrangersGetNothing(t *testing.T) {
	n := started(t)
	tests := map[string]struct {
		device string
		bend   func(g *gosnmp.GoSNMP)
	}{
		"wrong-community": {"ham-core1", func(g *gosnmp.GoSNMP) { g.Community = "private" }},
		"version-1":       {"ham-core1", func(g *gosnmp.GoSNMP) { g.Version = gosnmp.Version1 }},
		"wrong-password": {"ber-core1", func(g *gosnmp.GoSNMP) {
			g.SecurityParameters.(*gosnmp.UsmSecurityParameters).AuthenticationPassphrase = "another password"
		}},
		"wrong-key": {"ber-core1", func(g *gosnmp.GoSNMP) {
			g.SecurityParameters.(*gosnmp.UsmSecurityParameters).PrivacyPassphrase = "another password"
		}},
		"unknown-user": {"ber-core1", func(g *gosnmp.GoSNMP) { g.SecurityParameters.(*gosnmp.UsmSecurityParameters).UserName = "root" }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			g := manager(t, n.Device(tt.device))
			g.Timeout = 200 * time.Millisecond
			tt.bend(g)
			r, err := g.Get([]string{"1.3.6.1.2.1.1.5.0"})
			if err == nil && len(r.Variables) > 0 && text(r.Variables[0]) == tt.device {
				t.Errorf("told its name")
			}
		})
	}
}

func TestContextOfAVLANHoldsThatVLANAlone(t *testing.T) {
	n := started(t)
	d := n.Device("ber-acc1")
	g := manager(t, d)
	g.ContextName = "vlan-20"
	fdb := walk(t, g, "1.3.6.1.2.1.17.4.3.1.1")
	want := 0
	for _, s := range d.forwarding() {
		if s.vlan == 20 {
			want++
		}
	}
	if len(fdb) != want || want == 0 {
		t.Errorf("%d addresses in VLAN 20, want %d", len(fdb), want)
	}
}

func itoa(v uint32) string { return fmt.Sprint(v) }

func FuzzAgentSurvivesAnyDatagram(f *testing.F) {
	n, err := New(Options{})
	if err != nil {
		f.Fatal(err)
	}
	c, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = c.Close() })
	bind := tlv(tagSequence, berOID(mustOID("1.3.6.1.2.1.1")), []byte{tagNull, 0})
	pdu := tlv(pduGetBulk, berInt(tagInteger, 9), berInt(tagInteger, 0), berInt(tagInteger, 50), tlv(tagSequence, bind))
	f.Add(tlv(tagSequence, berInt(tagInteger, 1), tlv(tagOctets, []byte(n.community())), pdu))
	d := n.Device("ber-core1")
	a := &agent{d: d, conn: c, keys: d.usmKeysFor(d.engine), ctx: f.Context()}
	sec := tlv(tagOctets, tlv(tagSequence, tlv(tagOctets), berInt(tagInteger, 0), berInt(tagInteger, 0), tlv(tagOctets), tlv(tagOctets), tlv(tagOctets)))
	head := tlv(tagSequence, berInt(tagInteger, 1), berInt(tagInteger, 65507), tlv(tagOctets, []byte{4}), berInt(tagInteger, 3))
	f.Add(tlv(tagSequence, berInt(tagInteger, 3), head, sec, tlv(tagSequence, tlv(tagOctets), tlv(tagOctets), pdu)))
	ham := &agent{d: n.Device("ham-core1"), conn: c, keys: a.keys, ctx: f.Context()}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, x := range []*agent{a, ham} {
			x.answer(b, netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 9))
		}
	})
}
