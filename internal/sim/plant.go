package sim

import (
	"slices"
	"strings"
)

// plant puts lines into the running configuration for the faults that are
// about what a text says; they are part of the truth until weed.
func (d *Device) plant(f Fault, p Params) {
	var lines []string
	switch f {
	case OwnPrompt:
		prompt := newSession(d, nil, nil, nil)
		prompt.privileged = true
		lines = strings.Split(prompt.cli.prompt(prompt), "\n")
	case ForeignPrompt:
		lines = []string{map[string]string{"juniper": "admin@other-router> ", "fortinet": "other-wall # "}[d.Vendor()]}
		if lines[0] == "" {
			lines[0] = "other-switch#"
		}
	case OddBytes:
		lines = []string{map[string]string{"juniper": "/* ", "fortinet": "#"}[d.Vendor()] + "! caf\xe9 \xff\xfe \ufeff\u65e5\u672c end"}
	case PromptLike:
		lines = map[string][]string{
			"cisco":    {"!", "vlan 77", " name <noc@example.net>", "vlan 78", " name lab#"},
			"juniper":  {"/* <noc@example.net> */", "/* lab# */"},
			"fortinet": {"config system object-tagging", "    edit \"<noc@example.net>\"", "    next", "    edit \"lab#", " # \"", "    next", "end"},
		}[d.Vendor()]
		if lines == nil {
			lines = []string{"#", "# <noc@example.net>", "# lab#"}
		}
	default:
		return
	}
	if len(d.body) == 0 {
		return
	}
	at := min(int(float64(len(d.body))*p.share()), len(d.body)-1)
	for f == PromptLike && at > 0 && !d.between(d.body[at]) {
		at--
	}
	d.body = slices.Concat(d.body[:at], lines, d.body[at:])
	d.planted = append(d.planted, lines)
}

// between says whether a section begins with line, so that another one may
// stand before it. Lines in quotes and blocks begin otherwise.
func (d *Device) between(line string) bool {
	switch d.Vendor() {
	case "fortinet":
		return strings.HasPrefix(line, "config firewall ") || strings.HasPrefix(line, "config system global") || strings.HasPrefix(line, "config router ")
	case "cisco":
		return strings.HasPrefix(line, "interface ") || strings.HasPrefix(line, "version ") || strings.HasPrefix(line, "line ")
	}
	return true
}

// weed takes out what plant put in.
func (d *Device) weed() {
	for _, block := range d.planted {
		for i := range d.body {
			if i+len(block) <= len(d.body) && slices.Equal(d.body[i:i+len(block)], block) {
				d.body = slices.Concat(d.body[:i], d.body[i+len(block):])
				break
			}
		}
	}
	d.planted = nil
}
