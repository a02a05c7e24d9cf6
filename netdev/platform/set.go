package platform

import (
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
	raw := map[string]yaml.MapSlice{}
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
	for name, m := range raw {
		p, err := decode(name, m, raw)
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

func readDir(dir fs.FS, into map[string]yaml.MapSlice) error {
	files, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return err
	}
	for _, name := range files {
		if name == vendorsFile {
			continue
		}
		b, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		var m yaml.MapSlice
		if err := yaml.UnmarshalWithOptions(b, &m, yaml.UseOrderedMap()); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		into[name] = m
	}
	return nil
}

func decode(name string, m yaml.MapSlice, all map[string]yaml.MapSlice) (*Platform, error) {
	if at := find(m, "extends"); at >= 0 {
		parent, ok := all[fmt.Sprint(m[at].Value)+".yaml"]
		if !ok {
			return nil, fmt.Errorf("%s: extends: no platform %v", name, m[at].Value)
		}
		m = merge(merge(nil, parent, false), m, false)
	} else {
		m = merge(nil, m, false)
	}
	b, err := yaml.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var p Platform
	if err := yaml.UnmarshalWithOptions(b, &p, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &p, nil
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
