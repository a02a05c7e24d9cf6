package platform

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// NewRegex compiles an RE2 expression.
func NewRegex(src string) (Regex, error) {
	re, err := regexp.Compile(src)
	if err != nil {
		return Regex{}, err
	}
	return Regex{re: re, src: src}, nil
}

// Re gives the compiled expression, nil when there is none.
func (r *Regex) Re() *regexp.Regexp {
	if r == nil {
		return nil
	}
	return r.re
}

// String gives the text of the expression.
func (r *Regex) String() string {
	if r == nil {
		return ""
	}
	return r.src
}

// MatchString says whether the expression is there and matches s.
func (r *Regex) MatchString(s string) bool { return r != nil && r.re != nil && r.re.MatchString(s) }

// Match says whether the expression is there and matches b.
func (r *Regex) Match(b []byte) bool { return r != nil && r.re != nil && r.re.Match(b) }

// UnmarshalYAML compiles the expression. It takes the value as it was parsed:
// there are thousands of them.
func (r *Regex) UnmarshalYAML(value func(any) error) error {
	var s string
	if err := value(&s); err != nil {
		return err
	}
	re, err := NewRegex(s)
	if err != nil {
		return err
	}
	*r = re
	return nil
}

// UnmarshalYAML reads "30s".
func (d *Duration) UnmarshalYAML(b []byte) error {
	var s string
	if err := yaml.Unmarshal(b, &s); err != nil {
		return err
	}
	v, err := time.ParseDuration(s)
	if err != nil {
		return err
	}
	*d = Duration(v)
	return nil
}

// D gives the duration.
func (d Duration) D() time.Duration { return time.Duration(d) }

// UnmarshalYAML takes one word or a list.
func (w *Words) UnmarshalYAML(b []byte) error {
	var one string
	if yaml.Unmarshal(b, &one) == nil {
		*w = Words{one}
		return nil
	}
	var many []string
	if err := yaml.Unmarshal(b, &many); err != nil {
		return err
	}
	*w = many
	return nil
}

// UnmarshalYAML takes a plain string or a map.
func (s *Send) UnmarshalYAML(b []byte) error {
	if yaml.Unmarshal(b, &s.Text) == nil {
		return nil
	}
	type plain Send
	return yaml.UnmarshalWithOptions(b, (*plain)(s), yaml.Strict())
}

// UnmarshalYAML takes a plain string or a map.
func (c *Command) UnmarshalYAML(b []byte) error {
	if yaml.Unmarshal(b, &c.Command) == nil {
		return nil
	}
	type plain Command
	return yaml.UnmarshalWithOptions(b, (*plain)(c), yaml.Strict())
}

// UnmarshalYAML takes one of the words braces, xml, json, or a map.
func (x *Balance) UnmarshalYAML(b []byte) error {
	if yaml.Unmarshal(b, &x.Word) == nil && !strings.Contains(x.Word, ":") {
		switch x.Word {
		case "braces", "xml", "json":
			return nil
		}
		return fmt.Errorf("balance: %q is not one of braces, xml, json", x.Word)
	}
	type plain Balance
	x.Word = ""
	return yaml.UnmarshalWithOptions(b, (*plain)(x), yaml.Strict())
}

// UnmarshalYAML reads the map of states in the order of the file, because the
// first match wins.
func (p *Prompt) UnmarshalYAML(b []byte) error {
	var raw struct {
		Match  *Regex        `yaml:"match"`
		States yaml.MapSlice `yaml:"states"`
		Lines  int           `yaml:"lines"`
		Varies []Regex       `yaml:"varies"`
	}
	if err := yaml.UnmarshalWithOptions(b, &raw, yaml.Strict()); err != nil {
		return err
	}
	*p = Prompt{Match: raw.Match, Lines: raw.Lines, Varies: raw.Varies}
	for _, it := range raw.States {
		re, err := NewRegex(fmt.Sprint(it.Value))
		if err != nil {
			return fmt.Errorf("states: %v: %w", it.Key, err)
		}
		p.States = append(p.States, State{Name: fmt.Sprint(it.Key), Match: re})
	}
	return nil
}
