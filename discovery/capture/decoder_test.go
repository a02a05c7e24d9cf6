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
