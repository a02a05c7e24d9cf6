package platform_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/plumbline-net/plumbline/netdev"
	"github.com/plumbline-net/plumbline/netdev/platform"
)

func TestProvenPlatformsAreThoseWithFixtures(t *testing.T) {
	dirs, err := os.ReadDir("testdata")
	if err != nil {
		t.Fatal(err)
	}
	var want []netdev.PlatformID
	for _, d := range dirs {
		if d.IsDir() {
			want = append(want, netdev.PlatformID(d.Name()))
		}
	}
	proven, err := platform.Proven()
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(proven)); !slices.Equal(got, want) {
		t.Errorf("data/proven.txt says %v, testdata holds %v", got, want)
	}
}

func TestSentNamesEveryTextThatIsTyped(t *testing.T) {
	p, ok, err := platform.BuiltinOne("cisco_iosxe")
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	said := map[string]string{}
	for _, s := range p.Sent() {
		said[s.Key] = s.Text
	}
	for key, text := range map[string]string{"privilege.steps[0]": "enable", "read.running[0]": "show running-config", "session.open[0]": "terminal length 0"} {
		if said[key] != text {
			t.Errorf("%s = %q, want %q", key, said[key], text)
		}
	}
	if said["read.startup[0]"] == "" || said["session.close[0]"] == "" {
		t.Errorf("%v lacks the startup command or the way out", said)
	}
}

func TestTheFileOfAPlatformIsLaidOverItsParent(t *testing.T) {
	b, err := platform.File("cisco_iosxe")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"title: Cisco IOS XE", "show running-config", "privilege:"} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %q in\n%.400s", want, b)
		}
	}
	own := fstest.MapFS{"cisco_iosxe.yaml": {Data: []byte("id: cisco_iosxe\ntitle: Ours\nextends: cisco_ios\n")}}
	if b, err := platform.File("cisco_iosxe", own); err != nil || !strings.Contains(string(b), "title: Ours") {
		t.Errorf("the operator's file does not win: %v\n%.200s", err, b)
	}
	if _, err := platform.File("no_such"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no_such: %v", err)
	}
}
