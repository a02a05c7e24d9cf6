package platform

import (
	"errors"
	"io/fs"
	"regexp"

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
	raw := map[string][]byte{}
	for next := name; next != "" && raw[next] == nil; {
		b, err := fs.ReadFile(builtin, "data/"+next)
		if errors.Is(err, fs.ErrNotExist) && next == name {
			return nil, false, nil
		}
		if err != nil {
			return nil, false, err
		}
		raw[next] = b
		next = ""
		if m := parent.FindSubmatch(b); m != nil {
			next = string(m[1]) + ".yaml"
		}
	}
	p, err = decode(name, raw)
	return p, err == nil, err
}

var parent = regexp.MustCompile(`(?m)^extends: *([a-z0-9_]+)`)

func validID(id netdev.PlatformID) bool {
	for _, c := range id {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return id != "" && id != "vendors"
}
