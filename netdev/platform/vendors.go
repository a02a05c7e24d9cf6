package platform

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/plumbline-net/plumbline/netdev"
)

const vendorsFile = "vendors.yaml"

// Vendor is one row of vendors.yaml. Kind is what nearly all of its devices
// are, empty where it makes many things.
type Vendor struct {
	ID    string      `yaml:"id"`
	Title string      `yaml:"title"`
	PEN   []int       `yaml:"pen"`  // IANA private enterprise numbers
	OUI   []string    `yaml:"oui"`  // how registries of MAC prefixes name it, by its first words
	Text  string      `yaml:"text"` // RE2: how its devices' descriptions name it, where the PEN does not
	Kind  netdev.Kind `yaml:"kind"`

	text *regexp.Regexp
}

func readVendors(dir fs.FS) ([]Vendor, error) {
	b, err := fs.ReadFile(dir, vendorsFile)
	if err != nil {
		return nil, nil //nolint:nilerr // an operator's directory has none
	}
	var raw struct {
		Vendors []Vendor `yaml:"vendors"`
	}
	if err := yaml.UnmarshalWithOptions(b, &raw, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: %w", vendorsFile, err)
	}
	ids, pens := map[string]bool{}, map[int]string{}
	for i := range raw.Vendors {
		v := &raw.Vendors[i]
		if v.ID == "" || v.Title == "" || ids[v.ID] {
			return nil, fmt.Errorf("%s: vendor %q: id or title is missing, or the id is there twice", vendorsFile, v.ID)
		}
		ids[v.ID] = true
		if v.Kind != "" && !v.Kind.Valid() {
			return nil, fmt.Errorf("%s: vendor %q: kind %q is not in the list", vendorsFile, v.ID, v.Kind)
		}
		for _, p := range v.PEN {
			if other := pens[p]; other != "" {
				return nil, fmt.Errorf("%s: enterprise %d belongs to %s and %s", vendorsFile, p, other, v.ID)
			}
			pens[p] = v.ID
		}
		if v.Text != "" {
			if v.text, err = regexp.Compile(v.Text); err != nil {
				return nil, fmt.Errorf("%s: vendor %q: %w", vendorsFile, v.ID, err)
			}
		}
	}
	return raw.Vendors, nil
}

// VendorByPEN finds a vendor by its private enterprise number.
func (s *Set) VendorByPEN(pen int) (Vendor, bool) {
	i, ok := s.byPEN[pen]
	if !ok {
		return Vendor{}, false
	}
	return s.vendors[i], true
}

// VendorByText finds the vendor that a description names.
func (s *Set) VendorByText(text string) (Vendor, bool) {
	if text == "" {
		return Vendor{}, false
	}
	for _, v := range s.vendors {
		if v.text != nil && v.text.MatchString(text) {
			return v, true
		}
	}
	return Vendor{}, false
}

// VendorByName finds a vendor by its id, its title, or the name under which
// it is in a registry of MAC prefixes.
func (s *Set) VendorByName(name string) (Vendor, bool) {
	name = strings.ToLower(strings.TrimSpace(name))
	if name == "" {
		return Vendor{}, false
	}
	for _, v := range s.vendors {
		if name == v.ID || name == strings.ToLower(v.Title) {
			return v, true
		}
		for _, o := range v.OUI {
			if rest, ok := strings.CutPrefix(name, strings.ToLower(o)); ok && (rest == "" || strings.ContainsAny(rest[:1], " ,.-(")) {
				return v, true
			}
		}
	}
	return Vendor{}, false
}

// PENOf gives the private enterprise number of an OID.
func PENOf(oid string) (int, bool) {
	rest, ok := strings.CutPrefix(oid, enterprises)
	if !ok {
		return 0, false
	}
	first, _, _ := strings.Cut(rest, ".")
	n, err := strconv.Atoi(first)
	return n, err == nil && n > 0
}
