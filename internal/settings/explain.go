package settings

import (
	_ "embed"
	"fmt"
	"maps"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

//go:embed settings.example.yaml
var example string

// Shown is one setting as a page shows it.
type Shown struct {
	Key     string // "login.idle"
	Value   string // "–" for none; never a secret
	Default string
	From    string // a flag or a file; "" for the default
	Text    string // what it is for, from the example file
}

// Explain lists every setting with its value, where that comes from, and what
// it is for.
func (s Settings) Explain() []Shown {
	now, usual := values(s), values(Default())
	out := texts(example)
	for i := range out {
		k := out[i].Key
		out[i].Value, out[i].Default, out[i].From = now[k], usual[k], s.From[k]
	}
	return out
}

// Flag is s where the key was set by a flag of the command line.
func (s Settings) Flag(key, flag string) Settings {
	s.From = maps.Clone(s.From)
	if s.From == nil {
		s.From = map[string]string{}
	}
	s.From[key] = flag
	return s
}

// texts reads keys and the comments above them; a comment above several keys
// is all of theirs.
func texts(file string) []Shown {
	var out []Shown
	var group, said string
	fresh := false
	for line := range strings.Lines(file) {
		line = strings.TrimRight(line, "\n")
		body := strings.TrimSpace(line)
		switch {
		case body == "":
			said, fresh = "", false
		case strings.HasPrefix(body, "#"):
			if !fresh {
				said = ""
			}
			said, fresh = strings.TrimSpace(said+" "+strings.TrimSpace(body[1:])), true
		default:
			key, value, _ := strings.Cut(body, ":")
			nested := line[0] == ' '
			fresh = false
			if !nested && strings.TrimSpace(value) == "" {
				group = key
				continue
			}
			if nested {
				key = group + "." + key
			}
			out = append(out, Shown{Key: key, Text: said})
		}
	}
	return out
}

// values are the settings as text, by key.
func values(s Settings) map[string]string {
	out := map[string]string{}
	var walk func(prefix string, v reflect.Value)
	walk = func(prefix string, v reflect.Value) {
		for i := range v.NumField() {
			tag := v.Type().Field(i).Tag.Get("yaml")
			if tag == "-" {
				continue
			}
			if f := v.Field(i); f.Kind() == reflect.Struct {
				walk(prefix+tag+".", f)
			} else {
				out[prefix+tag] = valueText(f)
			}
		}
	}
	walk("", reflect.ValueOf(s))
	if s.Database != "" {
		out["database"] = "set; not shown, because it may hold a password"
	}
	return out
}

func valueText(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case time.Duration:
		t := x.String()
		for _, zero := range []string{"m0s", "h0m"} {
			if strings.HasSuffix(t, zero) {
				t = t[:len(t)-2]
			}
		}
		return t
	case []string:
		if len(x) > 0 {
			return strings.Join(x, ", ")
		}
		return "–"
	}
	if t := fmt.Sprint(v.Interface()); t != "" {
		return t
	}
	return "–"
}

// named lists the keys that a file names.
func named(b []byte, path string) (map[string]string, error) {
	var m map[string]any
	if err := yaml.Unmarshal(b, &m); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for k, v := range m {
		if group, ok := v.(map[string]any); ok {
			for n := range group {
				out[k+"."+n] = path
			}
			continue
		}
		out[k] = path
	}
	return out, nil
}
