package capture

import (
	"testing"

	"golang.org/x/net/bpf"
)

func TestTheKernelFilterTakesWhatIsReadAndNothingElse(t *testing.T) {
	// The first three instructions drop what the host itself sends, by a word
	// only the kernel knows; the live test covers them.
	vm, err := bpf.NewVM(filter()[3:])
	if err != nil {
		t.Fatal(err)
	}
	tagged := func(n int, b []byte) []byte {
		for range n {
			b = cat(b[:12], x("81 00 00 07"), b[12:])
		}
		return b
	}
	unicast := func(b []byte) []byte { return cat(x("02 00 00 00 00 01"), b[6:]) }
	for name, s := range samples() {
		if n, err := vm.Run(s.frame); name != "ubnt" && s.frame[0]&1 == 1 && (n == 0 || err != nil) {
			t.Errorf("%s is dropped (%v)", name, err)
		}
	}
	sam := samples()
	for name, c := range map[string]struct {
		frame []byte
		take  bool
	}{
		"edp-by-its-address":   {sam["edp"].frame, true},
		"arp-answer":           {unicast(sam["arp"].frame), true},
		"arp-answer-tagged":    {tagged(1, unicast(sam["arp"].frame)), true},
		"dhcp-answer":          {unicast(udp4("192.0.2.7", 67, 68, make([]byte, 300))), true},
		"dhcp-two-tags":        {tagged(2, unicast(udp4("192.0.2.7", 67, 68, make([]byte, 300)))), true},
		"trap":                 {unicast(sam["snmp-inform"].frame), true},
		"capwap-v6":            {unicast(udp6("2001:db8::7", 40000, 5246, make([]byte, 30))), true},
		"ubnt-answer":          {unicast(sam["ubnt"].frame), true},
		"dns":                  {unicast(udp4("192.0.2.7", 40000, 53, make([]byte, 30))), false},
		"dns-v6":               {unicast(udp6("2001:db8::7", 40000, 53, make([]byte, 30))), false},
		"sflow":                {unicast(udp4("192.0.2.7", 6343, 6343, make([]byte, 104))), false},
		"tcp-to-a-wanted-port": {unicast(ipv4("192.0.2.7", 6, cat(x("00 43 00 44"), make([]byte, 30)))), false},
		"later-fragment":       {unicast(eth2("02 00 00 00 00 01", 0x0800, cat(x("45 00 00 28 00 01 00 10 01 11 00 00 c0 00 02 09 c0 00 02 07 00 43 00 44"), make([]byte, 16)))), false},
		"with-ip-options":      {eth2("02 00 00 00 00 01", 0x0800, cat(x("46 00 00 28 00 01 00 00 01 11 00 00 c0 00 02 09 c0 00 02 07 94 04 00 00 00 43 00 44"), make([]byte, 12))), true},
		"three-tags":           {tagged(3, unicast(sam["arp"].frame)), false},
		"cut":                  {unicast(sam["snmp-inform"].frame)[:30], false},
	} {
		n, err := vm.Run(c.frame)
		if err != nil || n > 0 != c.take {
			t.Errorf("%s: takes %d octets, %v; want taken %v", name, n, err, c.take)
		}
	}
}
