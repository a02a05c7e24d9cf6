package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/plumbline-net/plumbline/netdev"
)

// trapFrame is an SNMP notification of version 1 in a frame; its community is a
// secret that anybody hears.
func trapFrame(community string) []byte {
	tlv := func(tag byte, parts ...string) string {
		v := strings.Join(parts, "")
		return string([]byte{tag, byte(len(v))}) + v
	}
	pdu := tlv(0xa4, tlv(6, "\x2b\x06\x01\x04\x01\xbf\x08\x01"), tlv(0x40, "\xc0\x00\x02\x09"), tlv(2, "\x03"), tlv(2, "\x00"), tlv(0x43, "\x63"), tlv(0x30))
	msg := tlv(0x30, tlv(2, "\x00"), tlv(4, community), pdu)
	udp := binary.BigEndian.AppendUint16([]byte{0xc3, 0x51, 0, 162}, uint16(8+len(msg)))
	udp = append(append(udp, 0, 0), msg...)
	ip := append([]byte{0x45, 0}, binary.BigEndian.AppendUint16(nil, uint16(20+len(udp)))...)
	ip = append(ip, 0, 0, 0, 0, 64, 17, 0, 0, 192, 0, 2, 9, 192, 0, 2, 3)
	sum := uint32(0)
	for i := 0; i < len(ip); i += 2 {
		sum += uint32(binary.BigEndian.Uint16(ip[i:]))
	}
	binary.BigEndian.PutUint16(ip[10:], ^uint16(sum+sum>>16))
	return append(append([]byte{2, 0, 0x5e, 0, 0, 1, 2, 0, 0x5e, 0, 0, 9, 8, 0}, ip...), udp...)
}

// hear saves a capture with a stranger and with a trap.
func (g *giver) hear() {
	file := captureFile(g.t, lldpFrame(), trapFrame(g.word("a trap's community")))
	m := regexp.MustCompile(`"name":\s*"([^"]+)"`).FindSubmatch(g.do(http.MethodGet, "/devices/"+g.device()+"/interfaces.json", nil).body)
	if m == nil {
		g.t.Fatal("the device lists no port")
	}
	out := g.run(0, "capture", "--read", file, "--json", "--save", "--at", g.lab.Devices()[0].Name()+":"+string(m[1]))
	if !strings.Contains(out, `"snmp-trap"`) || !strings.Contains(out, `"lldp"`) {
		g.t.Errorf("the capture says %s", out)
	}
}

// pageKinds are those that are looked at, besides what the API lists; lists
// among them are there as .csv and .json too.
func pageKinds() (pages, lists []string) {
	return []string{"/", "/me", "/help", "/help/discovery", "/health", "/healthz", "/topology/data", "/topology/panel?focus", "/topology.svg", "/devices/baseline", "/configs/*", "/configs/*/text", "/configs/*/diff/*",
			"/devices/*/facts", "/drift/*", "/compliance/rules/*", "/reports/compliance", "/discovery", "/discovery/*", "/discovery/candidates/*", "/search?q", "/search?in&…", "/jobs", "/jobs/*", "/jobs/*/*",
			"/schedules", "/schedules/*", "/capture/heard/*", "/settings", "/settings/credentials", "/settings/credentials/*", "/settings/users", "/settings/tokens", "/settings/notify", "/settings/sites", "/settings/appliance"},
		[]string{"/devices", "/devices/*/interfaces", "/devices/*/neighbors", "/devices/*/configs", "/devices/*/compliance", "/devices/*/events", "/devices/*/drift", "/changes", "/topology", "/drift",
			"/compliance", "/compliance/results", "/compliance/rules", "/compliance/waivers", "/discovery/candidates", "/search/places?q", "/search/config?q", "/capture", "/audit"}
}

// crawl looks at pages of every kind.
func (g *giver) crawl(most int) {
	t := g.t
	t.Helper()
	pages, lists := pageKinds()
	want := slices.Clone(pages)
	device := g.device()
	var start []string
	for _, p := range pages {
		if !strings.ContainsAny(p, "*?") {
			start = append(start, p)
		}
	}
	for _, l := range lists {
		plain, query, asks := strings.Cut(l, "?")
		for _, end := range []string{"", ".csv", ".json"} {
			address := strings.Replace(plain, "*", device, 1) + end
			kind := plain + end
			if asks {
				address += "?" + query + "=10.0.0.1"
				kind += "?" + query
			}
			start, want = append(start, address), append(want, kind)
		}
	}
	start = append(start, "/search?q=core", "/search?in=config&q=hostname", "/topology/panel?focus="+device)
	api := g.ofAPI()
	start = append(start, api...)
	kinds := g.walk(start, most, func(path string, a answer) {
		g.n.pages++
		g.n.size += len(a.said)
		switch {
		case a.status >= 500:
			t.Errorf("%s answers %d", path, a.status)
		case a.status == http.StatusOK:
			g.n.good++
		}
		g.clean(path, a.said)
	})
	for _, k := range want {
		if kinds[k] == 0 {
			t.Errorf("no page such as %s was seen", k)
		}
	}
	if g.n.good < g.n.pages*9/10 {
		t.Errorf("only %d of %d pages answered 200", g.n.good, g.n.pages)
	}
	t.Logf("%d kinds of addresses, %d of them of the API", len(kinds), len(api))
}

func (g *giver) device() string {
	g.t.Helper()
	var list struct{ Items []struct{ ID, Name string } }
	if err := json.Unmarshal(g.do(http.MethodGet, "/api/v1/devices?limit=100", nil).body, &list); err != nil {
		g.t.Fatal(err)
	}
	for _, d := range list.Items {
		if d.Name == g.lab.Devices()[0].Name() {
			return d.ID
		}
	}
	g.t.Fatal("the first device of the demo is not in the inventory")
	return ""
}

// search asks for each secret: the value of one finds nothing, for anyone.
func (g *giver) search() {
	t := g.t
	t.Helper()
	none := func(where, secret string, a answer) {
		t.Helper()
		var got struct{ Items, Hits []json.RawMessage }
		if a.status != http.StatusOK || json.Unmarshal(a.body, &got) != nil || len(got.Items)+len(got.Hits) > 0 {
			t.Errorf("%s: a search for %s answers %d with %.300s", where, g.secrets.what[secret], a.status, a.body)
		}
	}
	for i, secret := range slices.Sorted(maps.Keys(g.secrets.what)) {
		if strings.ContainsFunc(secret, func(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }) {
			continue // not text
		}
		if strings.ContainsAny(secret, "\"\\\n") {
			secret = secret[strings.LastIndexAny(secret, "\"\\\n")+1:]
		}
		q := url.QueryEscape(`"` + secret + `"`)
		none("/api/v1/search/config", secret, g.do(http.MethodGet, "/api/v1/search/config?q="+q, nil))
		g.n.searches++
		if i%8 > 0 {
			continue
		}
		for _, path := range []string{"/search?in=config&q=", "/search/config.csv?q=", "/search?q="} {
			g.clean(path, g.do(http.MethodGet, path+q, nil).said, secret)
			g.n.searches++
		}
		if i%64 == 0 {
			if out := g.run(-1, "search", `"`+secret+`"`, "--json"); strings.Contains(out, secret) || strings.Contains(out, `"line"`) {
				t.Errorf("plumbline search for %s prints %s", g.secrets.what[secret], out)
			}
		}
	}
}

// alone runs a command line that needs no data directory.
func (g *giver) alone(args ...string) {
	g.t.Helper()
	cmd := exec.CommandContext(g.t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), mainVariable+"=1", "STATE_DIRECTORY="+g.keys)
	said, err := cmd.CombinedOutput()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && (!exited || cmd.ProcessState.ExitCode() != 1) {
		g.t.Errorf("%v: %v: %s", args, err, said)
	}
	g.n.commands++
	g.clean(strings.Join(args, " "), said)
}

// commands looks at what the command line prints.
func (g *giver) commands() {
	raw, seen := map[netdev.PlatformID]string{}, map[netdev.PlatformID]int{} // raw: a file
	for _, d := range g.lab.Devices() {
		if seen[d.Platform()]++; seen[d.Platform()] > 2 {
			continue
		}
		one, platform := raw[d.Platform()], string(d.Platform())
		if one == "" {
			if masked := g.run(0, "show", d.Name(), "--masked"); masked == "" {
				g.t.Errorf("nothing is shown of %s", d.Name())
			}
		}
		_, text, _ := runCommand(g.t, "", "show", d.Name(), "--data", g.dir) // the one command that shows them
		file := textFile(g.t, d.Name()+".cfg", text)
		raw[d.Platform()] = file
		if one == "" {
			g.alone("check", "--platform", platform, "--format", "sarif", file)
			g.alone("redact", "--platform", platform, file)
		} else {
			g.alone("diff", "--platform", platform, "--json", one, file)
			g.alone("diff", "--platform", platform, "--unified", one, file)
		}
	}
	one := g.lab.Devices()[0].Name()
	for _, args := range [][]string{{"history", one, "--json"}, {"history", one}, {"search", "hostname"}, {"search", "hostname", "--json"}, {"admin", "stats", "--json"}, {"admin", "status"}, {"admin", "status", "--json"},
		{"admin", "users", "--json"}, {"admin", "verify"}, {"admin", "schedule", "list"}, {"admin", "credentials", "list"}} {
		g.run(-1, args...)
	}
}
