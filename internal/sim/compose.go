package sim

import (
	"embed"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"text/template"
)

//go:embed data/*.tmpl
var templates embed.FS

// compose writes the device's first configuration and saves it.
func (d *Device) compose() error {
	t, err := template.New("").Funcs(d.words()).ParseFS(templates, "data/*.tmpl")
	if err != nil {
		return err
	}
	var b strings.Builder
	if err := t.ExecuteTemplate(&b, d.model.config+".tmpl", d); err != nil {
		return fmt.Errorf("configuration of %s: %w", d.Name(), err)
	}
	d.body = strings.Split(strings.Trim(b.String(), "\n"), "\n")
	d.saved = slices.Clone(d.body)
	return nil
}

// words are what the templates may say beside the device's own methods.
func (d *Device) words() template.FuncMap {
	r := func(name string) *rand.Rand { return d.net.rand("secret", d.plan.name, name) }
	const b64 = letters + "./01"
	return template.FuncMap{
		"weak":    func(w string) bool { return d.weak(Weakness(w)) },
		"type5":   func(n string) string { return "$1$" + pick(r(n), b64, 4) + "$" + pick(r(n+"h"), b64, 22) },
		"type7":   func(n string) string { return type7(r(n)) },
		"type9":   func(n string) string { return "$9$" + pick(r(n), b64, 14) + "$" + pick(r(n+"h"), b64, 43) },
		"sha512":  func(n string) string { return "$6$" + pick(r(n), b64, 8) + "$" + pick(r(n+"h"), b64, 86) },
		"junos9":  func(n string) string { return "$9$" + pick(r(n), letters+"-./", 24+r(n).IntN(16)) },
		"plain":   func(n string) string { return pick(r(n), letters, 12) },
		"enc":     func() string { return encMark },
		"uuid":    func(n string) string { return uuid(r(n)) },
		"pem":     func(n string) string { return pem(r(n)) },
		"hexes":   func(n string, lines int) []string { return hexes(r(n), lines) },
		"mask":    func(p netip.Prefix) string { return netmask(p.Bits()).String() },
		"netmask": func(s string) string { return netmask(netip.MustParsePrefix(s).Bits()).String() },
		"network": func(s string) string { return netip.MustParsePrefix(s).Addr().String() },
		"wild":    func(s string) string { return wildcard(netip.MustParsePrefix(s).Bits()) },
		"count": func(n int) []int {
			out := make([]int, n)
			for i := range out {
				out[i] = i + 1
			}
			return out
		},
		"add": func(a, b int) int { return a + b },
	}
}

func wildcard(bits int) string {
	b := netmask(bits).As4()
	return netip.AddrFrom4([4]byte{^b[0], ^b[1], ^b[2], ^b[3]}).String()
}

// type7 looks like the reversible form: a two-digit seed and hexadecimal.
func type7(r *rand.Rand) string {
	return fmt.Sprintf("%02d", r.IntN(15)) + pick(r, "0123456789ABCDEF", 2*(7+r.IntN(5)))
}

func uuid(r *rand.Rand) string {
	h := func(n int) string { return pick(r, "0123456789abcdef", n) }
	return h(8) + "-" + h(4) + "-51" + h(2) + "-" + h(4) + "-" + h(12)
}

// pem is a block that looks like a certificate to those who do not decode it.
func pem(r *rand.Rand) string {
	raw := make([]byte, 420)
	for i := range raw {
		raw[i] = byte(r.IntN(256))
	}
	text := base64.StdEncoding.EncodeToString(raw)
	var b strings.Builder
	for len(text) > 64 {
		b.WriteString(text[:64] + "\n")
		text = text[64:]
	}
	return b.String() + text
}

func hexes(r *rand.Rand, lines int) []string {
	var out []string
	for range lines {
		var groups []string
		for range 8 {
			groups = append(groups, pick(r, "0123456789ABCDEF", 8))
		}
		out = append(out, strings.Join(groups, " "))
	}
	return out
}
