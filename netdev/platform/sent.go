package platform

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/plumbline-net/plumbline/netdev"
)

// provenFile lists the platforms that recorded fixtures stand for, one id a
// line.
const provenFile = "proven.txt"

// Proven says which platforms of the binary recorded fixtures stand for. What
// an operator puts in their place is not proven by them.
func Proven() (map[netdev.PlatformID]bool, error) {
	b, err := fs.ReadFile(builtin, "data/"+provenFile)
	if err != nil {
		return nil, err
	}
	out := map[netdev.PlatformID]bool{}
	for _, id := range strings.Fields(string(b)) {
		out[netdev.PlatformID(id)] = true
	}
	return out, nil
}

// Sent is a text that a platform has typed into a device's command line.
type Sent struct {
	Key  string `json:"key"` // where the file says so
	Text string `json:"text"`
	Why  string `json:"why,omitempty"`
}

// Sent lists every text that is typed on a device of the platform, beside user
// names and passwords, in the order of the file's sections.
func (p *Platform) Sent() []Sent {
	var out []Sent
	add := func(key, text, why string) {
		if text != "" {
			out = append(out, Sent{key, text, why})
		}
	}
	for i, k := range p.Login.Keys {
		add(fmt.Sprintf("login.keys[%d]", i), k.Send, "")
	}
	add("pager.send", p.Pager.Send, "")
	for i, s := range p.Privilege.Steps {
		add(fmt.Sprintf("privilege.steps[%d]", i), s.Send, s.From+" to "+s.To)
	}
	for i, s := range p.Session.Open {
		add(fmt.Sprintf("session.open[%d]", i), s.Text, s.Because)
	}
	if s := p.Read.Scopes; s != nil {
		add("read.scopes.list", s.List, "")
		add("read.scopes.enter", s.Enter, "")
		add("read.scopes.leave", s.Leave, "")
	}
	for _, c := range []struct {
		key  string
		list []Command
	}{{"running", p.Read.Running}, {"running_limited", p.Read.RunningLimited}, {"running_full", p.Read.RunningFull},
		{"startup", p.Read.Startup}, {"candidate", p.Read.Candidate}} {
		for i, cmd := range c.list {
			add(fmt.Sprintf("read.%s[%d]", c.key, i), cmd.Command, cmd.Via)
		}
	}
	for i, e := range p.Extra {
		add(fmt.Sprintf("extra[%d]", i), e.Command, "")
	}
	for i, s := range p.Session.Close {
		add(fmt.Sprintf("session.close[%d]", i), s.Text, s.Because)
	}
	for i, r := range p.Recognise {
		add(fmt.Sprintf("recognise[%d].probe", i), r.Probe, "")
	}
	return slices.Clip(out)
}

// File gives the file of a platform as it is loaded: laid over what it
// extends, without comments. More folders replace files of the binary.
func File(id netdev.PlatformID, more ...fs.FS) ([]byte, error) {
	sub, err := fs.Sub(builtin, "data")
	if err != nil {
		return nil, err
	}
	raw := map[string][]byte{}
	for _, dir := range append([]fs.FS{sub}, more...) {
		if err := readDir(dir, raw); err != nil {
			return nil, err
		}
	}
	name := string(id) + ".yaml"
	if raw[name] == nil {
		return nil, fmt.Errorf("platform %s: %w", id, fs.ErrNotExist)
	}
	m, err := extended(name, raw)
	if err != nil {
		return nil, err
	}
	return yaml.Marshal(m)
}
