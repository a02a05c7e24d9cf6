package netdev_test

import (
	"testing"

	"github.com/plumbline-net/plumbline/netdev"
)

func TestEveryNotationOfAMACIsTheSameMAC(t *testing.T) {
	const want = netdev.MAC("0c:22:fb:4a:91:0e")
	for name, s := range map[string]string{
		"colons": "0c:22:fb:4a:91:0e", "upper-colons": "0C:22:FB:4A:91:0E", "hyphens": "0C-22-FB-4A-91-0E", "three-dots": "0c22.fb4a.910e",
		"three-hyphens": "0c22-fb4a-910e", "two-hyphens": "0c22fb-4a910e", "bare": "0C22FB4A910E", "no-zeros": "c:22:fb:4a:91:e",
		"blanks": " 0c 22 fb 4a 91 0e ", "number": "0x0c22fb4a910e",
	} {
		if got, ok := netdev.ReadMAC(s); !ok || got != want {
			t.Errorf("%s: %q is read as %q, %v", name, s, got, ok)
		}
	}
	for name, s := range map[string]string{
		"empty": "", "word": "ber-acc1", "address": "192.0.2.254", "long-address": "198.51.100.200", "ipv6": "2001:db8::1", "mixed-marks": "0c:22-fb:4a-91:0e",
		"too-short": "0c:22:fb:4a:91", "too-long": "0c:22:fb:4a:91:0e:01", "no-digit": "0c:22:fb:4a:91:0g", "odd-groups": "0c2.2fb4a.910e", "eleven": "0c22fb4a910",
	} {
		if got, ok := netdev.ReadMAC(s); ok {
			t.Errorf("%s: %q is read as %q", name, s, got)
		}
	}
}

func FuzzReadMAC(f *testing.F) {
	f.Add("0c22.fb4a.910e")
	f.Add("c:22:fb:4a:91:e")
	f.Fuzz(func(t *testing.T, s string) {
		m, ok := netdev.ReadMAC(s)
		if again, same := netdev.ReadMAC(string(m)); ok && (len(m) != 17 || !same || again != m) {
			t.Errorf("%q is read as %q and that as %q", s, m, again)
		}
	})
}
