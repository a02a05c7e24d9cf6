package web

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/plumbline-net/plumbline/configstore"
	"github.com/plumbline-net/plumbline/netdev"
)

func TestFilterWordsChooseRows(t *testing.T) {
	r := deviceRow{Device: netdev.Device{Name: "har-core-07", Address: netip.MustParseAddr("127.7.0.9"), Site: "Harbour East", Kind: netdev.Switch, Serial: "SER0009", Model: "X-9300", LastSeen: testNow.Add(-time.Minute)},
		Backup: "failed", Reason: netdev.AuthFailed, Fail: 2, Pass: 3, Unsaved: 1, Changed: testNow.Add(-2 * time.Hour), State: configstore.DeviceState{Startup: &configstore.HeadState{}}}
	tests := map[string]bool{
		"":                                  true,
		"core":                              true,
		"CORE":                              true,
		"core har":                          true,
		"core mill":                         false,
		"127.7.0.9":                         true,
		"127.7.0.":                          true,
		`site:"harbour east"`:               true,
		"site:harbour":                      false,
		"kind:switch":                       true,
		"kind:router":                       false,
		"kind:router kind:switch":           true,
		"kind:switch site:mill":             false,
		"not:kind:switch":                   false,
		"not:kind:router":                   true,
		"backup:failed reason:auth-failed":  true,
		"backup:stored":                     false,
		"backup:fresh":                      false,
		"rules:fail":                        true,
		"not:compliant":                     true,
		"not:saved":                         true,
		"saved:yes":                         false,
		"changed:<24h":                      true,
		"changed:<1h":                       false,
		"changed:>1h":                       true,
		"changed:<7d seen:<5m":              true,
		"serial:ser0009 model:9300":         true,
		"serial:SER":                        false,
		"2001:db8::1":                       false,
		"02:00:00:00:00:01":                 false,
		"address:127.7 name:core role:none": false,
	}
	for q, want := range tests {
		f, err := parseFilter(q, testNow)
		if err != nil {
			t.Errorf("%q: %v", q, err)
			continue
		}
		if got := f.match(r); got != want {
			t.Errorf("%q matches %v, want %v", q, got, want)
		}
	}
}

func TestAFilterWordThatIsNotUnderstoodIsNamed(t *testing.T) {
	for q, want := range map[string]string{"sitte:berlin": "site:", "backup:sometimes": "stored, failed", "changed:yesterday": "<24h", "rules:ok": "fail, pass"} {
		_, err := parseFilter("core "+q, testNow)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want a hint of %q", q, err, want)
		}
	}
}

func TestAFacetWritesTheWordsOfTheBox(t *testing.T) {
	f, err := parseFilter(`core site:"Harbour East"`, testNow)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.toggled(word{Key: "kind", Value: "switch"}, false), "/devices?q=core+site%3A%22Harbour+East%22+kind%3Aswitch"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := f.toggled(word{Key: "site", Value: "harbour east"}, true), "/devices?q=core"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func FuzzFilter(f *testing.F) {
	for _, q := range []string{"", "site:berlin not:role:core changed:<24h", `name:"a b`, "not:not:x:", ":::", "changed:>9999999999d", "\x00\xff"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		a, err := parseFilter(q, testNow)
		if err != nil {
			return
		}
		a.match(deviceRow{})
		var words []string
		for _, w := range a.words {
			words = append(words, w.String())
		}
		if b, err := parseFilter(strings.Join(words, " "), testNow); err != nil && !strings.Contains(q, `"`) {
			t.Errorf("%q is read as %v, which is not read again: %v (%v)", q, words, err, b)
		}
	})
}
