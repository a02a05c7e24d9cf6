package platform

import (
	"errors"
	"fmt"
	"io/fs"

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
)

// BuiltinOne loads one platform of the binary and what it extends, and nothing
// else: for commands that live as long as one file. ok is false when there is
// no such platform.
func BuiltinOne(id netdev.PlatformID) (p *Platform, ok bool, err error) {
	name := string(id) + ".yaml"
	if !validID(id) {
		return nil, false, nil
	}
	raw := map[string]yaml.MapSlice{}
	for next := name; next != ""; {
		if _, seen := raw[next]; seen {
			return nil, false, fmt.Errorf("%s: extends goes in a circle", name)
		}
		b, err := fs.ReadFile(builtin, "data/"+next)
		if errors.Is(err, fs.ErrNotExist) && next == name {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		var m yaml.MapSlice
		if err := yaml.UnmarshalWithOptions(b, &m, yaml.UseOrderedMap()); err != nil {
			return nil, false, fmt.Errorf("%s: %w", next, err)
		}
		raw[next] = m
		next = ""
		if at := find(m, "extends"); at >= 0 {
			next = fmt.Sprint(m[at].Value) + ".yaml"
		}
	}
	p, err = decode(name, raw[name], raw)
	return p, err == nil, err
}

func validID(id netdev.PlatformID) bool {
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return id != "" && id != "vendors"
}
