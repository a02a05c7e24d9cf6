package platform

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"slices"

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
)

//go:embed data
var builtin embed.FS

// Set is the platforms of one appliance: those of the binary and those of its
// operator.
type Set struct {
	byID    map[netdev.PlatformID]*Platform
	sorted  []*Platform // by id
	vendors []Vendor
	byPEN   map[int]int
}

// Builtin loads the platform files of the binary.
func Builtin() (*Set, error) {
	sub, err := fs.Sub(builtin, "data")
	if err != nil {
		return nil, err
	}
	return Load(sub)
}

// Load reads every platform file of dirs, later ones replacing earlier ones.
func Load(dirs ...fs.FS) (*Set, error) {
	raw := map[string][]byte{}
	var vendors []Vendor
	for _, dir := range dirs {
		if err := readDir(dir, raw); err != nil {
			return nil, err
		}
		more, err := readVendors(dir)
		if err != nil {
			return nil, err
		}
		vendors = append(vendors, more...)
	}
	s := &Set{byID: map[netdev.PlatformID]*Platform{}, vendors: vendors, byPEN: map[int]int{}}
	for i, v := range vendors {
		for _, pen := range v.PEN {
			s.byPEN[pen] = i
		}
	}
	for name := range raw {
		p, err := decode(name, raw)
		if err != nil {
			return nil, err
		}
		s.byID[p.ID] = p
	}
	for _, id := range s.IDs() {
		s.sorted = append(s.sorted, s.byID[id])
	}
	return s, nil
}

func readDir(dir fs.FS, into map[string][]byte) error {
	files, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return err
	}
	for _, name := range files {
		if name == vendorsFile {
			continue
		}
		if into[name], err = fs.ReadFile(dir, name); err != nil {
			return err
		}
	}
	return nil
}

// decode reads one file, laid over what it extends. Most files extend nothing
// and join no list: those are read as they stand.
func decode(name string, all map[string][]byte) (*Platform, error) {
	b := all[name]
	if bytes.Contains(b, []byte("extends:")) || bytes.Contains(b, []byte("+:")) {
		m, err := extended(name, all)
		if err != nil {
			return nil, err
		}
		if b, err = yaml.Marshal(m); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	var p Platform
	if err := yaml.UnmarshalWithOptions(b, &p, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &p, nil
}

func extended(name string, all map[string][]byte) (yaml.MapSlice, error) {
	m, err := ordered(name, all[name])
	if err != nil {
		return nil, err
	}
	at := find(m, "extends")
	if at < 0 {
		return merge(nil, m, false), nil
	}
	from := fmt.Sprint(m[at].Value) + ".yaml"
	if all[from] == nil {
		return nil, fmt.Errorf("%s: extends: no platform %v", name, m[at].Value)
	}
	parent, err := ordered(from, all[from])
	if err != nil {
		return nil, err
	}
	return merge(merge(nil, parent, false), m, false), nil
}

func ordered(name string, b []byte) (yaml.MapSlice, error) {
	var m yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(b, &m, yaml.UseOrderedMap()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

// Get finds a platform by its id.
func (s *Set) Get(id netdev.PlatformID) (*Platform, bool) {
	p, ok := s.byID[id]
	return p, ok
}

// IDs lists the platforms, sorted.
func (s *Set) IDs() []netdev.PlatformID {
	ids := make([]netdev.PlatformID, 0, len(s.byID))
	for id := range s.byID {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}
