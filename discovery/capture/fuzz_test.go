package capture

import (
	"bytes"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"
)

// within runs do and fails if it allocates more than 16 MiB or, for input of
// at most 64 KiB, takes longer than half a second of processor time: ten times
// the goal, because the fuzzer instruments what it runs.
func within(t testing.TB, do func()) {
	t.Helper()
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := spent(t)
	do()
	took := spent(t) - start
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 16<<20 {
		t.Errorf("%d MiB allocated", n>>20)
	}
	if took > 500*time.Millisecond {
		t.Errorf("took %v", took)
	}
}

// fuzz feeds octets as the payload of protocols, starting from the payloads of
// own frames.
func fuzz(f *testing.F, names ...string) {
	want := map[string]bool{}
	for _, n := range names {
		want[n] = true
	}
	var last packet
	var run decode
	d := NewDecoder()
	for _, s := range samples() {
		if !want[s.proto] {
			continue
		}
		p := packet{data: s.frame}
		e, err := d.link(Ethernet, &p)
		if err != nil || e.decode == nil {
			f.Fatalf("%s: %v", s.proto, err)
		}
		f.Add(p.data)
		last, run = p, e.decode
	}
	if run == nil {
		f.Fatalf("no frame of %v", names)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			b = b[:1<<16]
		}
		within(t, func() {
			p, facts := last, Facts{}
			p.data, p.protocol = b, names[0]
			_ = run(&p, facts)
			if _, err := json.Marshal(facts); err != nil {
				t.Error(err)
			}
			_, _ = Sight(Frame{}, Message{Protocol: p.protocol, Facts: facts}).Neighbor()
		})
	})
}

func FuzzLLDP(f *testing.F)     { fuzz(f, "lldp") }
func FuzzCDP(f *testing.F)      { fuzz(f, "cdp") }
func FuzzFDP(f *testing.F)      { fuzz(f, "fdp") }
func FuzzEDP(f *testing.F)      { fuzz(f, "edp") }
func FuzzSONMP(f *testing.F)    { fuzz(f, "sonmp") }
func FuzzSTP(f *testing.F)      { fuzz(f, "stp", "rstp", "mstp") }
func FuzzPVST(f *testing.F)     { fuzz(f, "pvst") }
func FuzzDTP(f *testing.F)      { fuzz(f, "dtp") }
func FuzzVTP(f *testing.F)      { fuzz(f, "vtp") }
func FuzzUDLD(f *testing.F)     { fuzz(f, "udld") }
func FuzzLACP(f *testing.F)     { fuzz(f, "lacp") }
func FuzzOSPF(f *testing.F)     { fuzz(f, "ospf", "ospf3") }
func FuzzEIGRP(f *testing.F)    { fuzz(f, "eigrp") }
func FuzzISIS(f *testing.F)     { fuzz(f, "isis") }
func FuzzHSRP(f *testing.F)     { fuzz(f, "hsrp") }
func FuzzGLBP(f *testing.F)     { fuzz(f, "glbp") }
func FuzzVRRP(f *testing.F)     { fuzz(f, "vrrp", "carp") }
func FuzzPIM(f *testing.F)      { fuzz(f, "pim") }
func FuzzIGMP(f *testing.F)     { fuzz(f, "igmp") }
func FuzzRIP(f *testing.F)      { fuzz(f, "rip") }
func FuzzDHCP(f *testing.F)     { fuzz(f, "dhcp") }
func FuzzDHCP6(f *testing.F)    { fuzz(f, "dhcp6") }
func FuzzDNS(f *testing.F)      { fuzz(f, "mdns", "llmnr") }
func FuzzNBNS(f *testing.F)     { fuzz(f, "nbns") }
func FuzzSSDP(f *testing.F)     { fuzz(f, "ssdp") }
func FuzzWSD(f *testing.F)      { fuzz(f, "wsd") }
func FuzzARP(f *testing.F)      { fuzz(f, "arp") }
func FuzzND(f *testing.F)       { fuzz(f, "nd") }
func FuzzSNMPTrap(f *testing.F) { fuzz(f, "snmp-trap") }
func FuzzCAPWAP(f *testing.F)   { fuzz(f, "capwap") }
func FuzzLWAPP(f *testing.F)    { fuzz(f, "lwapp") }
func FuzzMNDP(f *testing.F)     { fuzz(f, "mndp") }
func FuzzUBNT(f *testing.F)     { fuzz(f, "ubnt") }

// FuzzFrame feeds whole frames of every link.
func FuzzFrame(f *testing.F) {
	for _, s := range samples() {
		f.Add(uint16(Ethernet), s.frame)
	}
	for _, l := range []LinkType{Null, TokenRing, PPP, FDDI, Raw, HDLC, FrameRelay, Loop, SLL, SLL2} {
		f.Add(uint16(l), samples()["ospf"].frame[14:])
	}
	f.Fuzz(func(t *testing.T, link uint16, b []byte) {
		if len(b) > 1<<16 {
			b = b[:1<<16]
		}
		within(t, func() {
			d := NewDecoder()
			_, _ = d.Line(Frame{Link: LinkType(link), Length: len(b), Data: b})
			if d.Defects != 0 {
				t.Error("a decoder panicked")
			}
		})
	})
}

// FuzzFile feeds capture files.
func FuzzFile(f *testing.F) {
	for _, b := range files() {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			b = b[:1<<16]
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		d := NewDecoder()
		n := 0
		_ = Replay(bytes.NewReader(b), d, nil, func(l Line) error {
			n++
			return json.NewEncoder(io.Discard).Encode(l)
		})
		runtime.ReadMemStats(&after)
		if d.Defects != 0 {
			t.Error("a decoder panicked")
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
			t.Errorf("%d MiB allocated for %d lines", grown>>20, n)
		}
	})
}

// hostile are payloads made to cost as much as 64 KiB can.
func hostile() map[string][]byte {
	full := func(head string, piece []byte) []byte {
		b := x(head)
		for len(b)+len(piece) <= 1<<16-64 {
			b = append(b, piece...)
		}
		return b
	}
	chain := x("00 00 84 00 00 00 ff ff 00 00 00 00")
	chain = append(chain, strings.Repeat("\x3f"+strings.Repeat("a", 63), 3)...)
	chain = append(chain, 0)
	for i := range 120 { // pointers to pointers, in front of the records
		at := 12
		if i > 0 {
			at = len(chain) - 2
		}
		chain = append(chain, byte(0xc0|at>>8), byte(at))
	}
	last := len(chain) - 2
	record := cat([]byte{byte(0xc0 | last>>8), byte(last)}, x("00 0c 00 01 00 00 00 00 00 02"), []byte{byte(0xc0 | last>>8), byte(last)})
	for len(chain)+len(record) < 1<<16-64 {
		chain = append(chain, record...)
	}
	return map[string][]byte{
		"lldp-empty":            {},
		"lldp-zero-lengths":     full("02 07 04 02 00 5e 10 20 30 04 02 07 78 06 02 00 78", x("1e 00")),
		"lldp-short-elements":   full("02 07 04 02 00 5e 10 20 30 04 02 07 78 06 02 00 78", x("fe 04 00 80 c2 01")),
		"lldp-many-addresses":   full("02 07 04 02 00 5e 10 20 30 04 02 07 78 06 02 00 78", x("10 0c 05 01 c0 00 02 21 02 00 00 00 07 00")),
		"cdp-count-of-2^32":     full("02 b4 00 00 00 01 00 05 41 00 02 ff ff ff ff ff ff", x("01 01 cc 00 04 c0 00 02 09")),
		"cdp-zero-length":       full("02 b4 00 00", x("00 02 00 00")),
		"udld-count-of-2^32":    full("21 00 00 00 00 03 ff b0 ff ff ff ff", x("00 00 00 00")),
		"mdns-pointers":         chain,
		"mdns-pointer-to-self":  x("00 00 84 00 00 01 00 00 00 00 00 00 c0 0c 00 01 00 01"),
		"mdns-many-questions":   full("00 00 00 00 ff ff 00 00 00 00 00 00", x("01 61 00 00 01 00 01")),
		"nbns-many-records":     full("00 00 84 00 00 00 ff ff 00 00 00 00", x("00 00 20 00 01 00 00 00 00 00 00")),
		"dhcp-many-options":     full("01 01 06 00"+strings.Repeat(" 00", 232)+" 63 82 53 63", x("03 04 c0 00 02 01")),
		"glbp-zero-length":      full("01 00 00 0a 00 00 02 00 5e 10 20 31", x("01 00")),
		"hsrp-zero-length":      full("01 00", x("01 00")),
		"nd-zero-length":        full("85 00 00 00 00 00 00 00", x("01 00")),
		"isis-zero-length":      full("83 1b 01 00 0f 01 00 00 03 00 00 00 00 01 01 00 1e 00 40 40 00 00 00 00 01 01 02", x("01 00")),
		"wsd-many-openings":     append([]byte("<Envelope"), full("", []byte("<Types<XAddrs"))...),
		"wsd-many-words":        append([]byte("<Envelope><Types>"), full("", []byte("a "))...),
		"ssdp-many-lines":       append([]byte("NOTIFY * HTTP/1.1\r\n"), full("", []byte("a:b\r\n"))...),
		"capwap-zero-length":    full("00 10 00 00 00 00 00 00 00 00 00 01 00 ff ff 00", x("00 04 00 00")),
		"ubnt-zero-length":      full("01 00 ff ff", x("0b 00 00")),
		"snmp-endless-length":   x("30 84 ff ff ff ff 02 01 01"),
		"snmp-nested":           full("", x("30 80")),
		"stp-nothing":           {},
		"rip-many-routes":       full("02 02 00 00", x("00 02 00 00 cb 00 71 00 ff ff ff 00 c0 00 02 fe 00 00 00 03")),
		"vrrp-255-addresses":    x("21 07 c8 ff 01 01 00 00 c0 00 02 fa"),
		"igmp-65535-groups":     full("22 00 00 00 00 00 ff ff", x("04 00 00 00 ef 01 01 01")),
		"lacp-zero-length":      full("01 01", x("01 00")),
		"edp-many-vlans":        full("01 00 ff ff 00 00 00 05 00 00 02 00 5e 10 20 01", x("99 05 00 10 00 00 00 0a 00 00 00 00 c0 00 02 0a")),
		"mndp-zero-length":      full("00 00 00 00", x("00 05 00 00")),
		"dhcp6-name-of-pointer": x("01 01 02 03 00 27 00 03 00 c0 00"),
	}
}

func TestHostileFramesCostLittle(t *testing.T) {
	d := NewDecoder()
	all := map[string]entry{}
	for _, m := range []map[int]entry{d.types, d.llc, d.proto, d.ports} {
		for _, e := range m {
			all[e.protocol] = e
		}
	}
	for _, e := range d.snap {
		all[e.protocol] = e
	}
	for name, b := range hostile() {
		// Each is given to every decoder, not to its own alone.
		for proto, e := range all {
			within(t, func() {
				p, facts := packet{protocol: proto, data: b, dport: 1}, Facts{}
				_ = e.decode(&p, facts)
				if _, err := json.Marshal(facts); err != nil {
					t.Errorf("%s as %s: %v", name, proto, err)
				}
			})
			if t.Failed() {
				t.Fatalf("%s as %s", name, proto)
			}
		}
	}
}

// The frame that makes a library's decoder allocate 768 MiB is a UDP datagram
// to the port of sFlow with a count of 2^32: no decoder of ours is asked.
func TestSFlowIsNeverDecoded(t *testing.T) {
	b := udp4("192.0.2.3", 6343, 6343, cat(x("00 00 00 05 00 00 00 01 c0 00 02 01 00 00 00 00 00 00 00 01 00 00 00 01 ff ff ff ff"), make([]byte, 76)))
	within(t, func() {
		if m, ok, err := NewDecoder().Decode(ofEthernet(b)); ok || err != nil {
			t.Errorf("said %+v, %v", m, err)
		}
	})
}
