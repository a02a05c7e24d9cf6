package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones are known, whatever the machine has

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
)

// FileName is the settings file of a data directory.
const FileName = "settings.yaml"

// Settings are the knobs of the appliance. Default gives what holds where the
// file says nothing; flags of the command line win over both.
type Settings struct {
	Listen         string        `yaml:"listen"`
	Hosts          []string      `yaml:"hosts"`
	TrustedProxies []string      `yaml:"trusted_proxies"` // see Proxies
	Database       string        `yaml:"database"`
	MasterKeyFile  string        `yaml:"master_key_file"`
	Log            Log           `yaml:"log"`
	Login          Login         `yaml:"login"`
	Jobs           Jobs          `yaml:"jobs"`
	Ports          Ports         `yaml:"ports"`
	HostKeys       HostKeyPolicy `yaml:"host_keys"`
	Zone           string        `yaml:"zone"` // IANA name; of new schedules
	Capture        Capture       `yaml:"capture"`

	// From says where a value was set, by its key such as "login.idle": the
	// file, or the flag that won over it. What is not in it is a default.
	From map[string]string `yaml:"-"`
}

// Ports are where agents and command lines of devices listen, unless something
// else is known of a device.
type Ports struct {
	SNMP uint16 `yaml:"snmp"`
	SSH  uint16 `yaml:"ssh"`
}

// Log is what is told, and how much.
type Log struct {
	Level string `yaml:"level"` // see SlogLevel
}

// SlogLevel is the level as the logger wants it.
func (l Log) SlogLevel() slog.Level {
	var v slog.Level
	if err := v.UnmarshalText([]byte(l.Level)); err != nil {
		return slog.LevelInfo // Read refuses such a word
	}
	return v
}

// Proxies are the trusted prefixes.
func (s Settings) Proxies() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range s.TrustedProxies {
		if p, err := netdev.ParsePrefix(p); err == nil { // Read refuses others
			out = append(out, p)
		}
	}
	return out
}

// Login bounds sessions of the web.
type Login struct {
	Idle time.Duration `yaml:"idle"`
	Age  time.Duration `yaml:"age"`
}

// Jobs bounds work on devices.
type Jobs struct {
	Workers int           `yaml:"workers"`
	PerSite int           `yaml:"per_site"`
	MaxTime time.Duration `yaml:"max_time"`
}

// Capture says where the appliance listens.
type Capture struct {
	Interfaces []string `yaml:"interfaces"`
	// At names what an interface hears as what a port of a device of the
	// inventory hears: "DEVICE:PORT" by interface, for mirrored ports.
	At map[string]string `yaml:"at"`
}

func (c Capture) check() error {
	for i, name := range c.Interfaces {
		// IFNAMSIZ of Linux is 16 with the final NUL.
		if name == "" || len(name) > 15 || strings.ContainsAny(name, "/ \t\n") {
			return fmt.Errorf("capture.interfaces: %q is not the name of an interface", name)
		}
		if slices.Contains(c.Interfaces[:i], name) {
			return fmt.Errorf("capture.interfaces: %s is named twice", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.At)) {
		at := c.At[name]
		if !slices.Contains(c.Interfaces, name) {
			return fmt.Errorf("capture.at: %s is not one of capture.interfaces", name)
		}
		if dev, port, ok := strings.Cut(at, ":"); !ok || dev == "" || port == "" {
			return fmt.Errorf("capture.at: %s: %q is not DEVICE:PORT", name, at)
		}
	}
	return nil
}

// HostKeyPolicy says what happens at the first sight of a device's host key.
type HostKeyPolicy string

// The policies.
const (
	FirstUse HostKeyPolicy = "first-use" // it is learned and pinned
	Strict   HostKeyPolicy = "strict"    // it must be known beforehand
)

// Default is what holds without a file.
func Default() Settings {
	return Settings{
		Listen:   "127.0.0.1:8080",
		Log:      Log{Level: "info"},
		Login:    Login{Idle: 30 * time.Minute, Age: 12 * time.Hour},
		Jobs:     Jobs{Workers: 64, PerSite: 16, MaxTime: time.Hour},
		Ports:    Ports{SNMP: 161, SSH: 22},
		HostKeys: FirstUse,
		Zone:     "UTC",
	}
}

// Read reads a settings file over the defaults. An unknown key, a wrong type
// or a value out of its bounds is an error that names file, line and column.
func Read(path string) (Settings, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return Settings{}, err
	}
	s := Default()
	if err := yaml.UnmarshalWithOptions(b, &s, yaml.Strict()); err != nil {
		return Settings{}, place(path, err)
	}
	if reflect.ValueOf(s).IsZero() {
		s = Default() // nothing but comments, which the library takes for null
	}
	if err := s.check(); err != nil {
		return Settings{}, fmt.Errorf("%s: %w", path, err)
	}
	if s.From, err = named(b, path); err != nil {
		return Settings{}, place(path, err)
	}
	if s.Database != "" { // its URL may hold a password
		if err := private(path); err != nil {
			return Settings{}, err
		}
	}
	return s, nil
}

// ReadDir reads the settings file of a data directory; where there is none,
// the defaults hold. named is a file that a flag names instead, which must be
// there.
func ReadDir(dir, named string) (Settings, error) {
	if named != "" {
		return Read(named)
	}
	s, err := Read(filepath.Join(dir, FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	return s, err
}

// place tells where the fault is and what it is, without the lines around it.
func place(path string, err error) error {
	y, ok := err.(yaml.Error)
	if !ok {
		return fmt.Errorf("%s: %w", path, err)
	}
	if t := y.GetToken(); t != nil && t.Position != nil {
		return fmt.Errorf("%s:%d:%d: %s", path, t.Position.Line, t.Position.Column, y.GetMessage())
	}
	return fmt.Errorf("%s: %s", path, y.GetMessage())
}

func (s Settings) check() error {
	if _, _, err := net.SplitHostPort(s.Listen); err != nil {
		return fmt.Errorf("listen: %q is not ADDRESS:PORT", s.Listen)
	}
	for _, p := range s.TrustedProxies {
		if _, err := netdev.ParsePrefix(p); err != nil {
			return fmt.Errorf("trusted_proxies: %q is neither a prefix nor an address", p)
		}
	}
	if err := s.Capture.check(); err != nil {
		return err
	}
	switch {
	case !slices.Contains([]string{"debug", "info", "warn", "error"}, s.Log.Level):
		return fmt.Errorf("log.level: %q is not debug, info, warn or error", s.Log.Level)
	case s.Login.Idle < time.Minute || s.Login.Idle > 24*time.Hour:
		return fmt.Errorf("login.idle: %s is not between 1m and 24h", s.Login.Idle)
	case s.Login.Age < s.Login.Idle || s.Login.Age > 7*24*time.Hour:
		return fmt.Errorf("login.age: %s is not between login.idle and 168h", s.Login.Age)
	case s.Jobs.Workers < 1 || s.Jobs.Workers > 1024:
		return fmt.Errorf("jobs.workers: %d is not between 1 and 1024", s.Jobs.Workers)
	case s.Jobs.PerSite < 1 || s.Jobs.PerSite > s.Jobs.Workers:
		return fmt.Errorf("jobs.per_site: %d is not between 1 and jobs.workers (%d)", s.Jobs.PerSite, s.Jobs.Workers)
	case s.Jobs.MaxTime < time.Minute:
		return fmt.Errorf("jobs.max_time: %s is less than 1m", s.Jobs.MaxTime)
	case s.Ports.SNMP == 0 || s.Ports.SSH == 0:
		return errors.New("ports: 0 is not a port")
	case s.HostKeys != FirstUse && s.HostKeys != Strict:
		return fmt.Errorf("host_keys: %q is neither first-use nor strict", s.HostKeys)
	}
	if _, err := time.LoadLocation(s.Zone); err != nil || s.Zone == "" || s.Zone == "Local" {
		return fmt.Errorf("zone: %q is no time zone, such as Europe/Berlin", s.Zone)
	}
	return nil
}
