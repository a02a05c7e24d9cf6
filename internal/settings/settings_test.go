package settings_test

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/plumbline-net/plumbline/internal/settings"
)

// equal takes an empty list for none.
func equal(a, b settings.Settings) string { return cmp.Diff(a, b, cmpopts.EquateEmpty()) }

func TestExampleNamesEveryKeyWithItsDefault(t *testing.T) {
	got, err := settings.Read("settings.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	got.From = nil // every key, by the nature of the file
	if d := equal(got, settings.Default()); d != "" {
		t.Errorf("the example differs from the defaults (-example +default):\n%s", d)
	}
	text, err := os.ReadFile("settings.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys(reflect.TypeFor[settings.Settings]()) {
		if !strings.Contains("\n"+string(text), "\n"+key+":") && !strings.Contains(string(text), "  "+key+":") {
			t.Errorf("the example does not name %q", key)
		}
	}
}

func keys(t reflect.Type) []string {
	var out []string
	for f := range t.Fields() {
		if f.Tag.Get("yaml") == "-" {
			continue
		}
		out = append(out, f.Tag.Get("yaml"))
		if f.Type.Kind() == reflect.Struct {
			out = append(out, keys(f.Type)...)
		}
	}
	return out
}

func TestSettingsAreReadOverTheDefaults(t *testing.T) {
	got, err := settings.Read(file(t, "listen: '[::1]:9090'\nlog: {level: warn}\nlogin: {idle: 15m}\njobs:\n  workers: 8\n  per_site: 4\n"+
		"trusted_proxies: [127.0.0.0/8]\nhosts: [plumbline.example]\nhost_keys: strict\n"+
		"capture: {interfaces: [eth1, eth2], at: {eth2: 'sw1:Gi0/24'}}\n", 0o644))
	if err != nil {
		t.Fatal(err)
	}
	want := settings.Default()
	want.Listen, want.Log.Level, want.Login.Idle = "[::1]:9090", "warn", 15*time.Minute
	want.Jobs.Workers, want.Jobs.PerSite, want.HostKeys = 8, 4, settings.Strict
	want.TrustedProxies, want.Hosts = []string{"127.0.0.0/8"}, []string{"plumbline.example"}
	want.From = got.From // see TestEverySettingIsExplainedWithWhereItComesFrom
	want.Capture = settings.Capture{Interfaces: []string{"eth1", "eth2"}, At: map[string]string{"eth2": "sw1:Gi0/24"}}
	if d := equal(got, want); d != "" {
		t.Errorf("-got +want:\n%s", d)
	}
	if got.Log.SlogLevel() != slog.LevelWarn || len(got.Proxies()) != 1 || got.Proxies()[0] != netip.MustParsePrefix("127.0.0.0/8") {
		t.Errorf("level %v, proxies %v", got.Log.SlogLevel(), got.Proxies())
	}
}

func TestWrongSettingsAreRefusedWithTheirPlace(t *testing.T) {
	tests := map[string]struct {
		text string
		mode os.FileMode
		want string
	}{
		"unknown-key":         {"listen: 127.0.0.1:1\nlisten_to: x\n", 0o644, "settings.yaml:2:1: unknown field"},
		"unknown-inner-key":   {"jobs:\n  worker: 3\n", 0o644, "settings.yaml:2:3: unknown field"},
		"wrong-type":          {"jobs:\n  workers: many\n", 0o644, "settings.yaml:2:12:"},
		"not-yaml":            {"a: [\n", 0o644, "settings.yaml:"},
		"duration":            {"login: {idle: 5}\n", 0o644, "settings.yaml:1:15:"},
		"short-idle":          {"login: {idle: 5s}\n", 0o644, "login.idle"},
		"listen":              {"listen: here\n", 0o644, "listen:"},
		"too-many-workers":    {"jobs: {workers: 5000}\n", 0o644, "jobs.workers"},
		"more-at-a-site":      {"jobs: {workers: 4}\n", 0o644, "jobs.per_site"},
		"age-under-idle":      {"login: {idle: 2h, age: 1h}\n", 0o644, "login.age"},
		"policy":              {"host_keys: trust-all\n", 0o644, "host_keys"},
		"prefix":              {"trusted_proxies: [everyone]\n", 0o644, "trusted_proxies"},
		"level":               {"log: {level: loud}\n", 0o644, "log.level"},
		"no-interface":        {"capture: {interfaces: [a/b]}\n", 0o644, "capture.interfaces"},
		"interface-twice":     {"capture: {interfaces: [eth1, eth1]}\n", 0o644, "capture.interfaces"},
		"at-another":          {"capture: {interfaces: [eth1], at: {eth2: 'sw1:1'}}\n", 0o644, "capture.at"},
		"at-no-port":          {"capture: {interfaces: [eth1], at: {eth1: sw1}}\n", 0o644, "capture.at"},
		"unknown-in-capture":  {"capture: {interface: eth1}\n", 0o644, "settings.yaml:1:11: unknown field"},
		"password-to-readers": {"database: postgres://u:p@h/d\n", 0o644, "chmod 600"},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := settings.Read(file(t, tc.text, tc.mode))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want one that says %q", err, tc.want)
			}
			if err != nil && strings.Contains(err.Error(), "\n") {
				t.Errorf("the error has more than one line: %q", err)
			}
		})
	}
}

func TestAMissingFileIsTheDefaultsUnlessItWasNamed(t *testing.T) {
	dir := t.TempDir()
	got, err := settings.ReadDir(dir, "")
	if err != nil || equal(got, settings.Default()) != "" {
		t.Errorf("ReadDir = %+v, %v", got, err)
	}
	if _, err := settings.ReadDir(dir, filepath.Join(dir, "no.yaml")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a named file that is not there: %v", err)
	}
	if got, err := settings.Read(file(t, "", 0o644)); err != nil || equal(got, settings.Default()) != "" {
		t.Errorf("an empty file: %+v, %v", got, err)
	}
}

func file(t *testing.T, text string, mode os.FileMode) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), settings.FileName)
	if err := os.WriteFile(path, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	return path
}

func FuzzSettings(f *testing.F) {
	f.Add("jobs: {workers: 3}\n")
	f.Add("login:\n  idle: 5m\n")
	f.Add("a: &a [*a, *a]\n")
	f.Fuzz(func(t *testing.T, text string) {
		path := filepath.Join(t.TempDir(), settings.FileName)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if s, err := settings.Read(path); err == nil && (s.Jobs.Workers < 1 || s.Jobs.PerSite < 1 || s.Login.Idle < time.Minute) {
			t.Errorf("accepted %+v", s)
		}
	})
}
