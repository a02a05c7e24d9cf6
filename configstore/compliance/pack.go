package compliance

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed packs/*.yaml
var builtin embed.FS

// Pack is one file of rules.
type Pack struct {
	ID         string
	Version    string
	Title      string
	Provenance string
	Hash       string // SHA-256 of the file: results name it
	Rules      []Rule
}

type packFile struct {
	Pack struct {
		ID         string   `yaml:"id"`
		Version    string   `yaml:"version"`
		Title      string   `yaml:"title"`
		Provenance string   `yaml:"provenance"`
		Frameworks []string `yaml:"frameworks"`
	} `yaml:"pack"`
	Rules []Rule `yaml:"rules"`
}

// Rule is one statement about a configuration.
type Rule struct {
	ID          string            `yaml:"id"`
	Version     int               `yaml:"version"`
	Title       string            `yaml:"title"`
	Description string            `yaml:"description"`
	Rationale   string            `yaml:"rationale"`
	Severity    Severity          `yaml:"severity"`
	Scope       Scope             `yaml:"scope"`
	AppliesWhen *Applies          `yaml:"applies_when"`
	ForEach     *ForEach          `yaml:"for_each"`
	Check       Check             `yaml:"check"`
	OnMissing   Verdict           `yaml:"on_missing"`
	Remediate   map[string]string `yaml:"remediate"` // by platform, or "default"
	Controls    Controls          `yaml:"controls"`
	Tests       []Example         `yaml:"tests"`

	Pack     string `yaml:"-"` // id of the pack it stands in
	PackHash string `yaml:"-"` // the first 16 digits of the pack's hash

	compiled *compiled
}

// Scope says which devices a rule speaks of. Platforms are globs. What is not
// known of a device excludes nothing.
type Scope struct {
	Platform []string `yaml:"platform"`
	Vendor   []string `yaml:"vendor"`
	Kind     []string `yaml:"kind"`
	Role     []string `yaml:"role"`
	Site     []string `yaml:"site"`
	Tag      []string `yaml:"tag"`
}

// Applies is a condition on the text: Path, or one of AnyOf, is there.
type Applies struct {
	Path  string   `yaml:"path"`
	AnyOf []string `yaml:"any_of"`
}

// ForEach asks the check of each block that Block finds, has every line of
// Where and no line of Unless.
type ForEach struct {
	Block  string   `yaml:"block"`
	Where  []string `yaml:"where"`
	Unless []string `yaml:"unless"`
}

// Check is exactly one of its fields.
type Check struct {
	Lines   *Lines   `yaml:"lines"`
	Value   *Value   `yaml:"value"`
	Count   *Value   `yaml:"count"`
	Secrets *Secrets `yaml:"secrets"` // at the top of a rule only
	Last    *Last    `yaml:"last"`
	Follow  *Follow  `yaml:"follow"`
	Each    *Each    `yaml:"each"`
	All     []Check  `yaml:"all"` // every one passes
	Any     []Check  `yaml:"any"` // one passes
}

// Lines asks for lines in the block, or in the whole text.
type Lines struct {
	AllOf    []string `yaml:"all_of"`
	AnyOf    []string `yaml:"any_of"`
	NoneOf   []string `yaml:"none_of"`
	OrGlobal []string `yaml:"or_global"`
}

// Last asks what the last entry of an ordered block is, such as the closing
// entry of a filter. Of chooses the entries; without it they are all lines of
// the block that are no remarks.
type Last struct {
	Of []string `yaml:"of"`
	Is []string `yaml:"is"`
}

// Follow goes from where a name is used to where it is defined. Use and Define
// name it by their first "*". Each name that is used must be defined, and what
// defines it must pass Check: a block, or the rows of one name together. Never
// turns it round: what is used must not be defined.
type Follow struct {
	Use       string   `yaml:"use"`
	Define    []string `yaml:"define"`
	Never     bool     `yaml:"never"`
	Check     *Check   `yaml:"check"`
	OnMissing Verdict  `yaml:"on_missing"` // where nothing is used; default fail
	Mixed     Verdict  `yaml:"mixed"`      // as in Each
}

// Each is a ForEach inside a check. None is the verdict where no block is
// found; not-applicable when it is not said. Mixed is the verdict where some
// blocks pass and some fail; fail when it is not said. "mixed: unknown" is for
// rules about some blocks only, such as the interfaces that face outside, where
// the text does not say which they are: all or none of them is proof, some are
// not.
type Each struct {
	ForEach `yaml:",inline"`
	Check   Check   `yaml:"check"`
	None    Verdict `yaml:"none"`
	Mixed   Verdict `yaml:"mixed"`
}

// Value compares the first word behind a path: op is one of eq ne in not_in lt
// le gt ge in_range matches, or covers and not_covers, which ask whether a list
// of numbers and ranges ("1,5-9") holds the number.
type Value struct {
	Path      string   `yaml:"path"`
	Op        string   `yaml:"op"`
	Arg       Argument `yaml:"arg"`
	OnMissing Verdict  `yaml:"on_missing"` // default: that of the rule, else fail
}

// Argument is a word or a list of words.
type Argument []string

// UnmarshalYAML takes one word, number or a list.
func (a *Argument) UnmarshalYAML(b []byte) error {
	var many []any
	if yaml.Unmarshal(b, &many) == nil {
		for _, v := range many {
			*a = append(*a, fmt.Sprint(v))
		}
		return nil
	}
	var one any
	if err := yaml.Unmarshal(b, &one); err != nil {
		return err
	}
	*a = Argument{fmt.Sprint(one)}
	return nil
}

// Secrets judges the secret facts of the text, never their values.
type Secrets struct {
	Form       []string `yaml:"form"`  // only secrets of these forms; empty: all
	Class      []string `yaml:"class"` // fails for these classes
	Dictionary bool     `yaml:"dictionary"`
	Within     string   `yaml:"within"`
}

// Controls names the requirements of frameworks that a rule answers.
type Controls struct {
	STIG     []STIGControl `yaml:"stig"`
	NIST     []string      `yaml:"nist80053"`
	CIS      []string      `yaml:"cis"`
	PCI      []string      `yaml:"pci"`
	HIPAA    []string      `yaml:"hipaa"`
	ISO27001 []string      `yaml:"iso27001"`
	NIS2     []string      `yaml:"nis2"`
	GDPR     []string      `yaml:"gdpr"`
}

// STIGControl is one rule of one release of a DISA benchmark.
type STIGControl struct {
	ID        string `yaml:"id"`
	Benchmark string `yaml:"benchmark"`
	Release   string `yaml:"release"`
}

// Example proves a rule: a text and what the rule says of it.
type Example struct {
	Name         string  `yaml:"name"`
	Platform     string  `yaml:"platform"`
	Config       string  `yaml:"config"`
	Expect       Verdict `yaml:"expect"`
	EvidenceLine int     `yaml:"evidence_line"` // from 1; 0: not said
}

// Builtin loads the packs of the binary.
func Builtin() ([]Pack, error) { return LoadFS(builtin, "packs") }

// LoadFS loads every pack of a folder, ordered by file name.
func LoadFS(dir fs.FS, folder string) ([]Pack, error) {
	entries, err := fs.ReadDir(dir, folder)
	if err != nil {
		return nil, err
	}
	var packs []Pack
	for _, e := range entries {
		if path.Ext(e.Name()) != ".yaml" {
			continue
		}
		b, err := fs.ReadFile(dir, path.Join(folder, e.Name()))
		if err != nil {
			return nil, err
		}
		p, err := Load(e.Name(), b)
		if err != nil {
			return nil, err
		}
		packs = append(packs, p)
	}
	return packs, nil
}

// Load reads one pack. The error names the file and the place.
func Load(name string, b []byte) (Pack, error) {
	var f packFile
	if err := yaml.UnmarshalWithOptions(b, &f, yaml.Strict()); err != nil {
		return Pack{}, fmt.Errorf("%s: %w", name, err)
	}
	if f.Pack.ID == "" || len(f.Rules) == 0 {
		return Pack{}, fmt.Errorf("%s: a pack needs an id and rules", name)
	}
	sum := sha256.Sum256(b)
	p := Pack{ID: f.Pack.ID, Version: f.Pack.Version, Title: f.Pack.Title, Provenance: f.Pack.Provenance,
		Hash: hex.EncodeToString(sum[:]), Rules: f.Rules}
	seen := map[string]bool{}
	for i := range p.Rules {
		r := &p.Rules[i]
		if err := r.check(); err != nil {
			return Pack{}, fmt.Errorf("%s: rule %d (%q): %w", name, i+1, r.ID, err)
		}
		if seen[r.ID] {
			return Pack{}, fmt.Errorf("%s: rule %q stands there twice", name, r.ID)
		}
		seen[r.ID] = true
		r.Pack, r.PackHash = p.ID, p.Hash[:16]
	}
	return p, nil
}

func (r *Rule) check() error {
	switch {
	case r.ID == "" || strings.ContainsAny(r.ID, " /"):
		return fmt.Errorf("id: missing, or with blanks or slashes")
	case r.Title == "":
		return fmt.Errorf("title: missing")
	case !slices.Contains([]Severity{Info, Low, Medium, High, Critical}, r.Severity):
		return fmt.Errorf("severity: %q is not one of info, low, medium, high, critical", r.Severity)
	case !slices.Contains([]Verdict{"", Pass, Fail, NotApplicable, Unknown}, r.OnMissing):
		return fmt.Errorf("on_missing: %q is not one of fail, pass, not-applicable, unknown", r.OnMissing)
	}
	for _, g := range r.Scope.Platform {
		if _, err := path.Match(g, "x"); err != nil {
			return fmt.Errorf("scope: platform: %q: %w", g, err)
		}
	}
	c, err := compile(r)
	if err != nil {
		return err
	}
	r.compiled = c
	return nil
}

// Fingerprint names a set of rules: it changes when a pack does.
func Fingerprint(rules []Rule) string {
	h := sha256.New()
	last := ""
	for i := range rules {
		if p := rules[i].Pack + " " + rules[i].PackHash; p != last {
			fmt.Fprintln(h, p)
			last = p
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Rules gives the rules of all packs, in order; of two with one id the later
// pack's wins.
func Rules(packs []Pack) []Rule {
	at := map[string]int{}
	var out []Rule
	for _, p := range packs {
		for _, r := range p.Rules {
			if i, ok := at[r.ID]; ok {
				out[i] = r
				continue
			}
			at[r.ID] = len(out)
			out = append(out, r)
		}
	}
	return out
}
