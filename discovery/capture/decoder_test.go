package capture

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/plumbline-net/plumbline/netdev"
)

// protocols is the list of the command line's contract.
func protocols() []string {
	return strings.Fields("lldp cdp edp fdp sonmp stp rstp mstp pvst dtp vtp udld lacp ospf ospf3 eigrp isis hsrp glbp vrrp carp pim igmp rip " +
		"dhcp dhcp6 mdns ssdp llmnr nbns arp nd snmp-trap capwap lwapp mndp ubnt wsd")
}

func TestEveryProtocolIsReadFromAFrameMadeByHand(t *testing.T) {
	read := map[string]bool{}
	for name, s := range samples() {
		read[s.proto] = true
		t.Run(name, func(t *testing.T) {
			m, err := say(t, ofEthernet(s.frame))
			if err != nil {
				t.Fatalf("%v; facts %v", err, m.Facts)
			}
			if m.Protocol != s.proto || m.VLAN != s.vlan || m.SourceMAC != "02:00:5e:10:20:30" {
				t.Errorf("got %s vlan %d from %s, want %s vlan %d", m.Protocol, m.VLAN, m.SourceMAC, s.proto, s.vlan)
			}
			for k, want := range s.facts {
				if !reflect.DeepEqual(m.Facts[k], want) {
					t.Errorf("%s: got %#v, want %#v", k, m.Facts[k], want)
				}
			}
			if want := s.facts["notes"]; want == nil && m.Facts["notes"] != nil {
				t.Errorf("noted: %v", m.Facts["notes"])
			}
		})
	}
	for _, p := range protocols() {
		if !read[p] {
			t.Errorf("no frame of %s", p)
		}
	}
}

func TestSecretsInFramesAreNeverStated(t *testing.T) {
	for name, s := range samples() {
		m, _ := say(t, ofEthernet(s.frame))
		for k, v := range m.Facts {
			text, _ := v.(string)
			for _, one := range append(m.Facts.list(k), text) {
				if strings.Contains(one, "opensesa") || strings.Contains(one, "hushhu") {
					t.Errorf("%s states the secret as %s", name, k)
				}
			}
		}
	}
}

func TestFramesOfOthersStaySilent(t *testing.T) {
	arp := samples()["arp"].frame
	for name, frame := range map[string][]byte{
		"tcp":                eth2("02 00 00 00 00 01", 0x0800, cat(x("45 00 00 28 00 00 00 00 40 06 00 00 c0 00 02 01 c0 00 02 02"), make([]byte, 20))),
		"dns":                udp4("192.0.2.53", 40000, 53, make([]byte, 30)),
		"snmp-request":       udp4("192.0.2.3", 40000, 161, make([]byte, 30)),
		"from-the-trap-port": udp4("192.0.2.3", 162, 40000, make([]byte, 30)),
		"ripng":              udp6("ff02::9", 521, 521, x("02 01 00 00")),
		"echo-request":       ipv6("ff02::1", 58, x("80 00 00 00 00 00 00 00")),
		"later-fragment":     eth2("01 00 5e 00 00 01", 0x0800, cat(x("45 00 00 1c 00 01 00 10 01 11 00 00 c0 00 02 09 e0 00 00 fb 14 e9 14 e9 00 08 00 00"))),
		"garp":               llc8023("01 80 c2 00 00 21", x("42 42 03 00 01 01 04 00 00")),
		"es-is":              llc8023("09 00 2b 00 00 05", x("fe fe 03 82 08 01 00 02")),
		"slow-oam":           eth2(slowGroup, 0x8809, x("03 00 50 00")),
		"stray-snmp-get":     udp4("192.0.2.3", 40000, 162, x("30 12 02 01 01 04 01 78 a0 0a 02 01 01 02 01 00 02 01 00 30 00")),
		"four-tags":          cat(arp[:12], x("81 00 00 01 81 00 00 02 81 00 00 03 81 00 00 04"), arp[12:]),
		"802.11":             nil,
	} {
		t.Run(name, func(t *testing.T) {
			d := NewDecoder()
			fr := ofEthernet(frame)
			if frame == nil {
				fr.Link = 105
			}
			if m, ok, err := d.Decode(fr); ok || err != nil {
				t.Errorf("said %+v, %v", m, err)
			}
			if frame == nil && d.Skipped[105] != 1 {
				t.Errorf("a frame of an unknown link was not counted")
			}
		})
	}
}

func TestTheSameFrameIsFoundOnEveryLink(t *testing.T) {
	ip := samples()["ospf"].frame[14:]
	cdp := samples()["cdp"].frame[22:]
	isis := samples()["isis-hello"].frame[17:]
	for name, c := range map[string]struct {
		link  LinkType
		head  string
		body  []byte
		proto string
		mac   netdev.MAC
	}{
		"null":             {Null, "02 00 00 00", ip, "ospf", ""},
		"loop":             {Loop, "00 00 00 02", ip, "ospf", ""},
		"raw":              {Raw, "", ip, "ospf", ""},
		"raw-v4":           {RawIPv4, "", ip, "ospf", ""},
		"cooked":           {SLL, "00 02 00 01 00 06 02 00 5e 10 20 30 00 00 08 00", ip, "ospf", "02:00:5e:10:20:30"},
		"cooked-2":         {SLL2, "08 00 00 00 00 00 00 03 00 01 02 06 02 00 5e 10 20 30 00 00", ip, "ospf", "02:00:5e:10:20:30"},
		"cooked-llc":       {SLL, "00 02 00 01 00 06 02 00 5e 10 20 30 00 00 00 04 fe fe 03", isis, "isis", "02:00:5e:10:20:30"},
		"hdlc":             {HDLC, "0f 00 08 00", ip, "ospf", ""},
		"hdlc-cdp":         {HDLC, "8f 00 20 00", cdp, "cdp", ""},
		"hdlc-osi":         {HDLC, "8f 00 fe fe 03", isis, "isis", ""},
		"ppp":              {PPP, "ff 03 00 21", ip, "ospf", ""},
		"ppp-compressed":   {PPP, "21", ip, "ospf", ""},
		"ppp-osi":          {PPPSerial, "ff 03 00 23", isis, "isis", ""},
		"frame-relay":      {FrameRelay, "18 41 03 cc", ip, "ospf", ""},
		"frame-relay-type": {FrameRelay, "18 41 08 00", ip, "ospf", ""},
		"frame-relay-osi":  {FrameRelay, "18 41 03 83", isis[1:], "isis", ""},
		"token-ring":       {TokenRing, "10 40 01 00 5e 00 00 05 02 00 5e 10 20 30 aa aa 03 00 00 00 08 00", ip, "ospf", "02:00:5e:10:20:30"},
		"fddi":             {FDDI, "50 01 00 5e 00 00 05 02 00 5e 10 20 30 aa aa 03 00 00 00 08 00", ip, "ospf", "02:00:5e:10:20:30"},
		"pppoe":            {Ethernet, "02 00 00 00 00 01 02 00 5e 10 20 30 88 64 11 00 00 01 00 60 00 21", ip, "ospf", "02:00:5e:10:20:30"},
		"mpls":             {Ethernet, "02 00 00 00 00 01 02 00 5e 10 20 30 88 47 00 01 00 40 00 02 01 40", ip, "ospf", "02:00:5e:10:20:30"},
		"inter-switch":     {Ethernet, "01 00 0c 00 00 00 02 00 5e 10 20 31 00 80 aa aa 03 00 00 0c 00 2b 00 00 00 00 01 00 5e 00 00 05 02 00 5e 10 20 30 08 00", ip, "ospf", "02:00:5e:10:20:30"},
	} {
		t.Run(name, func(t *testing.T) {
			b := cat(x(c.head), c.body)
			m, err := say(t, Frame{Link: c.link, Length: len(b), Data: b})
			if err != nil || m.Protocol != c.proto || m.SourceMAC != c.mac {
				t.Errorf("got %s from %q (%v), want %s from %q", m.Protocol, m.SourceMAC, err, c.proto, c.mac)
			}
		})
	}
}

func TestAFrameCutAnywhereNeitherPanicsNorInvents(t *testing.T) {
	for name, s := range samples() {
		whole, err := say(t, ofEthernet(s.frame))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for n := range s.frame {
			d := NewDecoder()
			m, _, _ := d.Decode(Frame{Link: Ethernet, Length: len(s.frame), Data: s.frame[:n]})
			if d.Defects != 0 {
				t.Fatalf("%s cut at %d: panic", name, n)
			}
			for k, v := range m.Facts {
				// Texts may be shorter, never other.
				if v, ok := v.(int); ok && whole.Facts[k] != v {
					t.Errorf("%s cut at %d states %s %d, whole %v", name, n, k, v, whole.Facts[k])
				}
				if v, ok := v.(string); ok && whole.Facts[k] != v && k != "bridge" && !strings.HasPrefix(whole.Facts.str(k), v) {
					t.Errorf("%s cut at %d states %s %q, whole %v", name, n, k, v, whole.Facts[k])
				}
			}
		}
	}
}

func TestAPanicOfADecoderIsCountedAndTheNextFrameRead(t *testing.T) {
	d := NewDecoder()
	d.types[0x88cc] = entry{"lldp", func(*packet, Facts) error { panic("boom") }}
	m, ok, err := d.Decode(ofEthernet(samples()["lldp"].frame))
	if !ok || err == nil || m.Protocol != "lldp" || d.Defects != 1 {
		t.Errorf("got %+v, %v, %v, %d defects", m, ok, err, d.Defects)
	}
	if m, ok, err := d.Decode(ofEthernet(samples()["arp"].frame)); !ok || err != nil || m.Protocol != "arp" {
		t.Errorf("the next frame: %+v, %v, %v", m, ok, err)
	}
}

func TestSightingsBecomeNeighbours(t *testing.T) {
	want := map[string]netdev.Neighbor{
		"lldp":  {ChassisID: "02:00:5e:10:20:00", ChassisSubtype: 4, PortID: "swp7", PortSubtype: 5, SysName: "leaf-3.example"},
		"cdp":   {ChassisID: "core9", PortID: "Ethernet1/4", SysName: "core9.example", Platform: "box 48"},
		"fdp":   {ChassisID: "edge1", PortID: "ethernet5", SysName: "edge1", Platform: "FX"},
		"edp":   {ChassisID: "02:00:5e:10:20:01", PortID: "1:4", SysName: "summit"},
		"sonmp": {ChassisID: "192.0.2.8", ChassisSubtype: 5, PortID: "2/15"},
		"mndp":  {ChassisID: "02:00:5e:10:20:44", PortID: "ether2", SysName: "attic", Platform: "Maker"},
		"ubnt":  {ChassisID: "02:00:5e:10:20:55", SysName: "roof", Platform: "UAP"},
		"udld":  {ChassisID: "FX1", PortID: "Gi0/1", SysName: "sw1"},
	}
	for name, s := range samples() {
		m, _ := say(t, ofEthernet(s.frame))
		n, ok := Sight(Frame{Interface: "eth7"}, m).Neighbor()
		w, announced := want[name]
		if !announced {
			if ok && !slices.Contains([]string{"lldp-tagged", "lldp-priority-tag", "lldp-two-tags"}, name) {
				t.Errorf("%s became the neighbour %+v", name, n)
			}
			continue
		}
		w.Protocol, w.LocalPort = name, "eth7"
		got := n
		got.PortDescr, got.SysDescr, got.Addresses, got.Capabilities = "", "", nil, nil
		if d := cmp.Diff(w, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		if name != "fdp" && name != "udld" && len(n.Addresses) == 0 {
			t.Errorf("%s: no address", name)
		}
	}
}

// IEEE 802.1AB-2016 §9.2.7.7: what is wrong with one TLV is said of that TLV;
// what stood before it stands.
func TestWhatIsOddAboutAnAnnouncementIsSaid(t *testing.T) {
	ids := cat(lldpTLVOf(1, x("04 02 00 5e 10 20 00")), lldpTLVOf(2, x("05 61")), lldpTLVOf(3, be16(120)))
	end := lldpTLVOf(0, nil)
	lldp := func(parts ...[]byte) []byte { return eth2(lldpGroup, 0x88cc, cat(append([][]byte{ids}, parts...)...)) }
	cdp := func(b []byte) []byte { return llc8023(cdpGroup, snapped("00 00 0c 20 00", b)) }
	for name, c := range map[string]struct {
		frame []byte
		note  string
		fails bool
		facts Facts
	}{
		"empty":             {eth2(lldpGroup, 0x88cc, nil), "", true, Facts{}},
		"past-the-end":      {lldp(lldpTLVOf(5, []byte("sw")), x("0d ff 41")), "cut", true, Facts{"chassis_id": "02:00:5e:10:20:00", "sys_name": "sw"}},
		"no-end":            {lldp(lldpTLVOf(5, []byte("sw"))), "no-end", false, Facts{"sys_name": "sw"}},
		"no-port":           {eth2(lldpGroup, 0x88cc, cat(lldpTLVOf(1, x("04 02 00 5e 10 20 00")), end)), "", true, Facts{"chassis_id": "02:00:5e:10:20:00"}},
		"reserved-subtypes": {eth2(lldpGroup, 0x88cc, cat(lldpTLVOf(1, x("00 41 42")), lldpTLVOf(2, x("09 43 44")), lldpTLVOf(3, be16(1)), end)), "", false, Facts{"chassis_id": "4142", "port_id": "4344"}},
		"second-chassis":    {lldp(lldpTLVOf(1, x("07 78")), end), "bad-chassis-id", false, Facts{"chassis_id": "02:00:5e:10:20:00"}},
		"address-of-0":      {lldp(lldpTLVOf(8, x("00 01 c0 00 02 01 02 00 00 00 01 00")), end), "bad-address", false, Facts{"addresses": nil}},
		"address-of-255":    {lldp(lldpTLVOf(8, x("ff 01 c0 00 02 01 02 00 00 00 01 00")), end), "bad-address", false, Facts{"addresses": nil}},
		"short-802.1":       {lldp(lldpTLVOf(127, x("00 80 c2 01 00")), end), "short-0080c2-1", false, Facts{"port_vlan": nil}},
		"short-802.3":       {lldp(lldpTLVOf(127, x("00 12 0f 04 00")), end), "short-00120f-4", false, Facts{"mtu": nil}},
		"short-med":         {lldp(lldpTLVOf(127, x("00 12")), end), "short-organisation", false, Facts{"chassis_id": "02:00:5e:10:20:00"}},
		"cdp-checksum":      {cdp(cat(x("02 b4 12 34"), tlv16(1, 4, []byte("a")))), "checksum", false, Facts{"chassis_id": "a"}},
		"cdp-right":         {cdp(cat(x("02 b4 9b e2"), tlv16(1, 4, []byte("ab")))), "", false, Facts{"chassis_id": "ab", "notes": nil}},
		"cdp-past-the-end":  {cdp(cat(x("02 b4 00 00"), tlv16(1, 4, []byte("a")), x("00 03 00 99 41"))), "cut", true, Facts{"chassis_id": "a", "port_id": nil}},
		"cdp-false-count":   {cdp(cat(x("02 b4 00 00"), tlv16(1, 4, []byte("a")), tlv16(2, 4, x("ff ff ff ff 01 01 cc 00 04 c0 00 02 09 01 01 cc 00 09 c0")))), "bad-address", false, Facts{"addresses": []string{"192.0.2.9"}}},
		"isis-past-the-end": {llc8023("09 00 2b 00 00 05", x("fe fe 03 83 1b 01 00 0f 01 00 00 03 00 00 00 00 01 01 00 1e 00 40 40 00 00 00 00 01 01 02 89 ff 41")), "cut", false, Facts{"system_id": "0000.0000.0101", "hostname": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			m, err := say(t, ofEthernet(c.frame))
			if (err != nil) != c.fails {
				t.Errorf("error %v", err)
			}
			if c.note != "" && !slices.Contains(m.Facts.list("notes"), c.note) {
				t.Errorf("notes %v, want %s", m.Facts.list("notes"), c.note)
			}
			for k, want := range c.facts {
				if !reflect.DeepEqual(m.Facts[k], want) {
					t.Errorf("%s: got %#v, want %#v", k, m.Facts[k], want)
				}
			}
		})
	}
}

func BenchmarkDecode(b *testing.B) {
	for _, name := range []string{"lldp", "cdp", "arp", "stp", "mdns"} {
		fr := ofEthernet(samples()[name].frame)
		b.Run(name, func(b *testing.B) {
			d := NewDecoder()
			b.ReportAllocs()
			for b.Loop() {
				if _, ok, err := d.Decode(fr); !ok || err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
